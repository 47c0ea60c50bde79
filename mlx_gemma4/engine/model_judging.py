"""A model folder to what a person wants to know of it, from its config and headers alone."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mlx_gemma4.engine.model_needs import computes_on_metal, loaded_bytes, need_bytes, table_bytes
from mlx_gemma4.engine.model_places import Candidate
from mlx_gemma4.model.config import Gemma4Config
from mlx_gemma4.prompt.checkpoint_files import read_json
from mlx_gemma4.protocol.errors import CheckpointError, PrismError
from mlx_gemma4.protocol.kv_packing import KVPacking
from mlx_gemma4.protocol.model_events import FoundModel
from mlx_gemma4.weights.checkpoint import FAMILY, Checkpoint, open_checkpoint
from mlx_gemma4.weights.published_sizes import size_of_shape
from mlx_gemma4.weights.safetensors_header import DTYPE_BYTES

_NEEDED = ("tokenizer.json",)
_DRAFTER = "assistant"


def is_gemma4(folder: Path) -> bool:
    """Whether a folder says of itself that it holds a Gemma 4 that can be talked to; drafters cannot."""
    kind = _kind_of(folder)
    return kind.startswith(FAMILY) and _DRAFTER not in kind


def is_drafter(folder: Path) -> bool:
    """Whether a folder says that it holds a drafter of one."""
    kind = _kind_of(folder)
    return kind.startswith(FAMILY) and _DRAFTER in kind


def _kind_of(folder: Path) -> str:
    try:
        kind = json.loads((folder / "config.json").read_text(encoding="utf-8")).get("model_type")
    except (OSError, ValueError, AttributeError, RecursionError):
        return ""
    return kind if isinstance(kind, str) else ""


def judge_folder(candidate: Candidate) -> FoundModel:
    """What lies there. A folder that cannot be used is described as well, with its problem."""
    folder = candidate.folder
    name = candidate.repository or folder.name
    try:
        checkpoint = open_checkpoint(folder)
        for file in _NEEDED:
            read_json(folder, file, required=True)
        return _describe(candidate, name, checkpoint)
    except (PrismError, OSError) as error:
        problem = str(error).replace(str(folder), name)
        return FoundModel(
            str(folder), name, "", 0, _size(folder), candidate.place, candidate.repository, problem=problem
        )


@dataclass(frozen=True)
class MemoryNeed:
    """Bytes that a model takes at its peak.

    Attributes:
        whole: with all of its weights in memory.
        lean: with its per-layer embeddings on the disk; 0 if it has none.
    """

    whole: int
    lean: int


def memory_need(
    checkpoint: Checkpoint, drafter: Checkpoint | None = None, packing: KVPacking | None = None
) -> MemoryNeed:
    """What a model takes that has been looked at, its drafter with it, and keys and values kept in this way.

    Raises:
        CheckpointError: its config is not sound.
    """
    return _need(checkpoint, Gemma4Config.from_dict(checkpoint.config), drafter, packing)


def stored_bits(checkpoint: Checkpoint) -> int:
    """Bits of most weights: what the quantization says, or the format of the largest tensor."""
    quantization = checkpoint.config.get("quantization") or checkpoint.config.get("quantization_config")
    bits = quantization.get("bits") if isinstance(quantization, Mapping) else None
    if isinstance(bits, int):
        return bits
    if not checkpoint.tensors:
        raise CheckpointError(f"{checkpoint.folder} holds no weights.", code="checkpoint.damaged")
    return 8 * DTYPE_BYTES[max(checkpoint.tensors.values(), key=lambda tensor: tensor.nbytes).dtype]


def _describe(candidate: Candidate, name: str, checkpoint: Checkpoint) -> FoundModel:
    config = Gemma4Config.from_dict(checkpoint.config)
    need = _need(checkpoint, config)
    return FoundModel(
        str(candidate.folder),
        name,
        _size_name(checkpoint.config),
        stored_bits(checkpoint),
        checkpoint.nbytes,
        candidate.place,
        candidate.repository,
        need_bytes=need.whole,
        lean_bytes=need.lean,
        sees=config.vision is not None,
        hears=config.audio is not None,
    )


def _need(
    checkpoint: Checkpoint,
    config: Gemma4Config,
    drafter: Checkpoint | None = None,
    packing: KVPacking | None = None,
) -> MemoryNeed:
    metal = computes_on_metal()
    weights = sum(
        loaded_bytes(each.tensors.values(), stored_bits(each), metal=metal) for each in (checkpoint, drafter) if each
    )
    whole = need_bytes(config, weights, metal=metal, drafted=drafter is not None, packing=packing)
    table = table_bytes(checkpoint.tensors.values())
    return MemoryNeed(whole, whole - table if table else 0)


def _size_name(config: Mapping[str, Any]) -> str:
    text = config.get("text_config")
    text = text if isinstance(text, Mapping) else config
    return size_of_shape(text.get("num_hidden_layers"), text.get("hidden_size")) or ""


def _size(folder: Path) -> int:
    try:
        return sum(file.stat().st_size for file in folder.iterdir() if file.is_file())
    except OSError:
        return 0
