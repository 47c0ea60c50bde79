"""How much memory there is for a model, and what of it may hold what was read before."""

from __future__ import annotations

import ctypes
import gc
import os
import sys

import mlx.core as mx

_LEAST_KEPT = 64 << 20
_MOST_KEPT = 4 << 30
_PART_KEPT = 4


def usable_bytes() -> int:
    """Memory that the default device can use: what it recommends, what it has, or what the machine has."""
    info = mx.device_info()
    for name in ("max_recommended_working_set_size", "total_memory", "memory_size"):
        if isinstance(size := info.get(name), int) and size > 0:
            return size
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")


def kept_bytes(weights: int, usable: int) -> int:
    """The budget for snapshots beside a model: a quarter of what its weights leave, within reason."""
    return min(max((usable - weights) // _PART_KEPT, _LEAST_KEPT), _MOST_KEPT)


def give_back() -> None:
    """Give memory that nothing holds any more back to the system, now."""
    gc.collect()
    mx.clear_cache()
    if sys.platform == "linux":  # glibc keeps what was freed for itself
        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
        if trim is not None:
            trim(0)
