"""Whether a model fits into a machine's memory: one rule, for what is shown and for what is refused."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from mlx_gemma4.protocol.byte_units import MEMORY_GB, MEMORY_MB

SAFE_SHARE, MOST_SHARE = 0.75, 0.85
"""Of all memory in use with the model loaded: up to the first is safe, from the second on macOS is in trouble."""
_NOTHING_TO_SPEAK_OF = 0.02


class Fit(StrEnum):
    """How a model fits; `FROM_DISK` if its per-layer embeddings are read from the disk, and not otherwise."""

    SAFE = "safe"
    TIGHT = "tight"
    FROM_DISK = "from disk"
    TOO_LARGE = "too large"


@dataclass(frozen=True)
class MachineMemory:
    """A machine's memory at one moment, in bytes.

    Attributes:
        total: that is built in.
        available: that programs could have without others being pushed out.
        usable: the most that a model may take, of the whole machine: what the GPU may keep in memory.
        held: what the model that is loaded now takes, which would go before another comes.
    """

    total: int
    available: int
    usable: int
    held: int = 0

    @property
    def free(self) -> int:
        """For a model, once the one that is loaded has gone."""
        return min(self.available + self.held, self.total)


def judge(need: int, memory: MachineMemory, lean: int = 0) -> Fit:
    """How a model that takes `need` bytes at its peak fits; where nothing is known about the machine, it is safe.

    `lean` is what it takes with its per-layer embeddings on the disk; 0 for a model that has none.
    """
    fit = _judge(need, memory)
    return Fit.FROM_DISK if fit is Fit.TOO_LARGE and lean and _judge(lean, memory) is not Fit.TOO_LARGE else fit


def _judge(need: int, memory: MachineMemory) -> Fit:
    if memory.total <= 0 or need <= _NOTHING_TO_SPEAK_OF * memory.total:
        return Fit.SAFE
    share = (memory.total - memory.free + need) / memory.total
    if share >= MOST_SHARE or need > memory.usable:
        return Fit.TOO_LARGE
    return Fit.SAFE if share < SAFE_SHARE else Fit.TIGHT


def judge_more(more: int, memory: MachineMemory) -> Fit:
    """How `more` bytes fit beside all that is in use, the loaded model included; a little always does."""
    if memory.total <= 0 or more <= _NOTHING_TO_SPEAK_OF * memory.total:
        return Fit.SAFE
    share = (memory.total - memory.available + more) / memory.total
    if share >= MOST_SHARE or memory.held + more > memory.usable:
        return Fit.TOO_LARGE
    return Fit.SAFE if share < SAFE_SHARE else Fit.TIGHT


def describe_more(more: int, memory: MachineMemory) -> str:
    """The figures behind that: `needs about 1.4 GB more, 900 MB are free of 16 GB`."""
    return f"needs about {_size(more)} more, {_left(memory.available, memory)}"


def describe(need: int, memory: MachineMemory) -> str:
    """The figures behind a judgement: `needs about 9.4 GB, 6.1 GB are free of 16 GB`."""
    return f"needs about {_size(need)}, {_left(memory.free, memory)}"


def _left(free: int, memory: MachineMemory) -> str:
    total = _size(memory.total).replace(".0 GB", " GB")
    return f"{_size(free)} are free of {total}"


def _size(nbytes: int) -> str:
    return f"{nbytes / MEMORY_GB:.1f} GB" if nbytes >= MEMORY_GB else f"{nbytes / MEMORY_MB:.0f} MB"
