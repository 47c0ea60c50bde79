"""Refuses to load what would bring the machine into trouble, with the figures."""

from __future__ import annotations

from mlx_gemma4.engine.machine_memory import machine_memory
from mlx_gemma4.engine.model_judging import memory_need_of
from mlx_gemma4.protocol.errors import PrismError
from mlx_gemma4.protocol.kv_packing import KVPacking
from mlx_gemma4.protocol.memory_fit import Fit, describe, judge
from mlx_gemma4.weights.checkpoint import Checkpoint

NO_ROOM = "memory.load"
"""The code of the refusal; a Load with `anyway` is not refused."""


def require_memory(checkpoint: Checkpoint, held: int, packing: KVPacking | None = None) -> None:
    """Compare what a model will take with what is free now; `held` bytes go before it comes.

    Raises:
        PrismError: it would not fit.
        CheckpointError: it is no sound Gemma 4.
    """
    need, memory = memory_need_of(checkpoint, packing), machine_memory(held)
    if judge(need, memory) is Fit.TOO_LARGE:
        raise PrismError(
            f"{checkpoint.folder.resolve().name} {describe(need, memory)}.",
            "Close other programs, choose a smaller model, or load it anyway.",
            code=NO_ROOM,
        )
