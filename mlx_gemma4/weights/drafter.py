"""A drafter's folder to a ready drafter."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import mlx.core as mx

from mlx_gemma4.model.config import Gemma4Config
from mlx_gemma4.model.drafter.config import DrafterConfig
from mlx_gemma4.model.drafter.drafter import Drafter
from mlx_gemma4.protocol.errors import CheckpointError
from mlx_gemma4.weights.checkpoint import open_checkpoint
from mlx_gemma4.weights.loader import fill
from mlx_gemma4.weights.number_policy import NumberPolicy
from mlx_gemma4.weights.parameters import flat_parameters, load_lazily
from mlx_gemma4.weights.plan import make_plan

_ORDERING = "masked_embedding.token_ordering"


def load_drafter(folder: str | Path, policy: NumberPolicy | None = None) -> Drafter:
    """Load a drafter as transformers, mlx-vlm or `convert` writes it.

    Args:
        folder: config.json of model type `gemma4_assistant` or `gemma4_unified_assistant`, with safetensors.
        policy: number formats; None takes those of MLX's default device.

    Raises:
        CheckpointError: the folder is foreign, damaged or does not fit its config; nothing was allocated.
    """
    checkpoint = open_checkpoint(folder)
    config = DrafterConfig.from_dict(checkpoint.config)
    drafter = Drafter(config)
    shapes = {path: array.shape for path, array in flat_parameters(drafter).items() if path != "cluster_head.ordering"}
    ordering = checkpoint.tensors.get(_ORDERING)
    if drafter.cluster_head is not None:
        if ordering is None or ordering.shape != (config.text.vocab_size,) or ordering.dtype not in ("I32", "I64"):
            raise CheckpointError(
                f"{_ORDERING} is missing, or no list of {config.text.vocab_size} ids.",
                "Download the checkpoint again.",
                code="checkpoint.tensors",
            )
        drafter.cluster_head.ordering = load_lazily(ordering.file)[_ORDERING].astype(mx.int32)
        mx.eval(drafter.cluster_head.ordering)
    floats = {name: info for name, info in checkpoint.tensors.items() if info is not ordering}
    plan = make_plan(dataclasses.replace(checkpoint, tensors=floats), Gemma4Config(text=config.text), shapes)
    fill(drafter, plan, policy or NumberPolicy.for_device(mx.default_device()))
    return drafter
