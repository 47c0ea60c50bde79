"""Refuses to load what would bring the machine into trouble, with the figures, or finds a way in which it fits."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from mlx_gemma4.engine.machine_memory import machine_memory
from mlx_gemma4.engine.model_judging import memory_need
from mlx_gemma4.protocol.errors import PrismError
from mlx_gemma4.protocol.kv_packing import KVPacking
from mlx_gemma4.protocol.memory_fit import Fit, describe, judge
from mlx_gemma4.weights.checkpoint import Checkpoint, open_checkpoint

NO_ROOM = "memory.load"
"""The code of the refusal; a Load with `anyway` is not refused."""


@dataclass(frozen=True)
class Way:
    """How a model is loaded.

    Attributes:
        drafter: folder of the one beside it; empty for none.
        map_ple: its per-layer embeddings stay on the disk.
    """

    drafter: str = ""
    map_ple: bool = False


def way_to_load(
    checkpoint: Checkpoint,
    held: int,
    *,
    drafter: str | os.PathLike[str] = "",
    map_ple: bool | None = None,
    packing: KVPacking | None = None,
    anyway: bool = False,
) -> Way:
    """Compare what a model will take with what is free now, and take the fastest way in which it fits.

    Args:
        checkpoint: that has been looked at.
        held: bytes that go before it comes.
        drafter: that is wanted beside it; it is left out where only the model fits.
        map_ple: leave its per-layer embeddings on the disk; None if it does not fit otherwise.
        packing: how keys and values will be kept; None keeps them as they are.
        anyway: also if it does not fit at all, then as small as can be.

    Raises:
        PrismError: it would not fit.
        CheckpointError: it is no sound Gemma 4, or its drafter none.
    """
    memory = machine_memory(held)
    ways = [
        Way(each, mapped)
        for mapped in ((False, True) if map_ple is None else (map_ple,))
        for each in dict.fromkeys((os.fspath(drafter), ""))
    ]
    needs = [_need(checkpoint, way, packing) for way in ways]
    for way, need in zip(ways, needs, strict=True):
        if judge(need, memory) is not Fit.TOO_LARGE:
            return way
    if anyway:
        return ways[-1]
    name = checkpoint.folder.resolve().name
    even = ", even with its embeddings read from the disk," if ways[-1].map_ple and memory_need(checkpoint).lean else ""
    raise PrismError(
        f"{name}{even} {describe(needs[-1], memory)}.",
        "Close other programs, choose a smaller model, or load it anyway.",
        code=NO_ROOM,
    )


def _need(checkpoint: Checkpoint, way: Way, packing: KVPacking | None) -> int:
    drafter = open_checkpoint(Path(way.drafter).expanduser()) if way.drafter else None
    need = memory_need(checkpoint, drafter, packing)
    return need.lean if way.map_ple and need.lean else need.whole
