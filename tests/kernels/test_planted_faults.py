"""What the shim is for: each fault planted in the attention kernel is caught, by the shim or by its numbers."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import mlx.core as mx
import pytest

from tests.kernels.attention_cases import Case, error
from tests.kernels.shim.machine import KernelFaultError, check_types
from tests.kernels.shim.patched import OnCPU

WHOLE = Case(512, 2, 4, slots=64)
RING = Case(512, 2, 4, window=64, slots=64)
BEHIND = Case(512, 2, 4, rows=3, window=64, slots=67, behind=True)
BARRIER = "threadgroup_barrier(mem_flags::mem_threadgroup);"
SUM = "score = simd_sum(score);"
SAME = 1e-5

CAUGHT_BY_THE_SHIM = {
    "a read past the end": ("position < end;", "position <= end;", "outside of a buffer"),
    "a read before the start": ("* D + lane * EACH, row)", "* D + lane * EACH - 70000, row)", "outside of a buffer"),
    "a simd operation of half the lanes": (SUM, f"if (lane < 16) {SUM}", "diverged"),
    "a different simd operation in every second lane": (SUM, f"if (lane % 2) {SUM} else\n {SUM}", "diverged"),
    "a barrier of half the simdgroups": (BARRIER, f"if (simd < 16) {{ {BARRIER} }}", "different barriers"),
    "a barrier of half the lanes": (BARRIER, f"if (lane < 16) {{ {BARRIER} }}", "diverged"),
    "too much threadgroup memory": ("shared[SIMDGROUPS * 32 * PART]", "shared[SIMDGROUPS * 64 * PART]", "32,768 bytes"),
    "threadgroup memory past its end": ("shared[(simd * 32 + lane)", "shared[(simd * 32 + lane + 32)", "outside"),
    "a write to what is given": ("sum_of[each] = 0.0f;", "sum_of[each] = 0.0f; keys[0] = 0;", "read-only"),
    "a type that Metal lacks": ("float highest = LOWEST, sum", "double highest = LOWEST, sum", "double"),
    "a misspelt name": ("float merged = 0.0f;", "float merget = 0.0f;", "merged"),
}  # fmt: skip
SEEN_IN_THE_NUMBERS = {
    "a missing barrier": (WHOLE, BARRIER, ""),
    "a missing barrier before memory is used again": (
        WHOLE, f"}}\n      {BARRIER}\n    }}", "}\n    }",
    ),
    "another head's keys": (WHOLE, "static_cast<size_t>(kv_head) * slots", "static_cast<size_t>(1 - kv_head) * slots"),
    "another head's query": (WHOLE, "(static_cast<size_t>(kv_head) * readers + own)", "own"),
    "no rescaling": (WHOLE, "factor[each] = fast::exp(top[each] - highest);", "factor[each] = 1.0f;"),
    "uninitialised memory": (WHOLE, "total[each][dim] = 0.0f;", ""),
    "a part of the result is not written": (WHOLE, "place < 32 * PART && is_reader", "place < 31 * PART && is_reader"),
    "one row too few": (WHOLE, "last[each] + 1);", "last[each]);"),
    "a window that is one too wide": (RING, "last[each] - WINDOW + 1", "last[each] - WINDOW"),
    "a slot that is not taken round the ring": (RING, "position % ring", "position % (ring - 1)"),
    "a new row taken for one of the ring": (BEHIND, "position >= first;", "position > first;"),
    "an old row taken for one behind the ring": (BEHIND, "position >= first;", "position + 1 >= first;"),
}  # fmt: skip
QUICK = {"a read past the end", "a simd operation of half the lanes", "a missing barrier", "another head's keys"}


def _marked(faults: Iterable[str]) -> list[Any]:
    """Each takes a compiler's run, so `make test` has only a few."""
    return [pytest.param(fault, marks=() if fault in QUICK else pytest.mark.full) for fault in faults]


@pytest.mark.parametrize("fault", _marked(CAUGHT_BY_THE_SHIM))
def test_the_shim_stops(fault: str, on_cpu: OnCPU) -> None:
    *change, said = CAUGHT_BY_THE_SHIM[fault]
    on_cpu.change = (change[0], change[1])
    with pytest.raises(KernelFaultError, match=said):
        WHOLE.ours(WHOLE.draw(mx.float32), 62 if "past the end" not in fault else 63)
    assert on_cpu.changed


@pytest.mark.parametrize("fault", _marked(SEEN_IN_THE_NUMBERS))
def test_the_numbers_show(fault: str, on_cpu: OnCPU) -> None:
    case, *change = SEEN_IN_THE_NUMBERS[fault]
    on_cpu.change = (change[0], change[1])
    arrays, first = case.draw(mx.float32), 63 if case is WHOLE else 100
    assert error(case.ours(arrays, first), case.exact(arrays, first)) > 10 * SAME
    assert on_cpu.changed


def test_a_mixed_up_address_space_is_seen_by_the_check_of_types(on_cpu: OnCPU) -> None:
    on_cpu.change = ("const device T* row, thread float* into", "const thread T* row, thread float* into")
    arrays = WHOLE.draw(mx.float32)
    assert error(WHOLE.ours(arrays, 20), WHOLE.exact(arrays, 20)) < SAME
    with pytest.raises(KernelFaultError, match="address space"):
        check_types(on_cpu.seen[0])


@pytest.mark.usefixtures("on_cpu")
@pytest.mark.parametrize("case", [WHOLE, RING], ids=["whole", "ring"])
def test_without_a_fault_nothing_is_said(case: Case) -> None:
    arrays, first = case.draw(mx.float32), 63 if case is WHOLE else 100
    assert error(case.ours(arrays, first), case.exact(arrays, first)) < SAME
