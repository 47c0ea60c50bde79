"""What a model takes in memory at its peak, before it is loaded: arithmetic on headers and config."""

from __future__ import annotations

import sys
from collections.abc import Iterable

from mlx_gemma4.engine.peak_memory import predict_peak
from mlx_gemma4.generation.draft_length import LONGEST_GUESS
from mlx_gemma4.model.config import Gemma4Config
from mlx_gemma4.protocol.kv_packing import KVPacking
from mlx_gemma4.weights.safetensors_header import TensorInfo

USUAL_PROMPT = 8192
USUAL_ANSWER = 1024
USUAL_PICTURE = 280
"""Tokens of a long conversation with a picture in it: what a model is expected to have room for beside itself."""
_COMPUTED_BITS = 32  # on CPUs, where packed weights are unpacked, whatever they are stored in
_TABLE = "embed_tokens"  # gathered, never unpacked
_PER_LAYER_TABLE = "embed_tokens_per_layer"  # can be left on the disk


def need_bytes(
    config: Gemma4Config,
    weights: int,
    *,
    metal: bool = True,
    drafted: bool = False,
    packing: KVPacking | None = None,
) -> int:
    """Of a model with weights of this size, its drafter's among them if it has one, and the usual conversation."""
    peak = predict_peak(
        config,
        weights,
        prompt_tokens=USUAL_PROMPT,
        new_tokens=USUAL_ANSWER,
        pictures=(USUAL_PICTURE,) if config.vision is not None else (),
        itemsize=2 if metal else 4,
        backend="metal" if metal else "cpu",
        block=LONGEST_GUESS + 1 if drafted else 1,
        packing=packing,
    )
    return peak.total


def loaded_bytes(tensors: Iterable[TensorInfo], bits: int, *, metal: bool) -> int:
    """What stored tensors take once they are loaded: on a GPU as they are, on a CPU unpacked to float32."""
    if metal:
        return sum(tensor.nbytes for tensor in tensors)
    return sum(
        tensor.nbytes if _TABLE in tensor.name else tensor.nbytes * _COMPUTED_BITS // max(bits, 1) for tensor in tensors
    )


def table_bytes(tensors: Iterable[TensorInfo]) -> int:
    """What of them is a table of per-layer embeddings, which can be left on the disk."""
    return sum(tensor.nbytes for tensor in tensors if _PER_LAYER_TABLE in tensor.name)


def computes_on_metal() -> bool:
    """Whether models of this machine run on a Mac's GPU."""
    return sys.platform == "darwin"
