"""Attention kernels are as exact as MLX's own, at every length, window and number of rows."""

from __future__ import annotations

import mlx.core as mx
import numpy as np
import pytest

from mlx_gemma4.kernels.packed_rows import Packing
from tests.kernels.attention_cases import Case, error
from tests.kernels.shim.machine import check_types
from tests.kernels.shim.patched import OnCPU

TYPES = {"float32": mx.float32, "float16": mx.float16, "bfloat16": mx.bfloat16}
full = pytest.mark.full
each_type = pytest.mark.parametrize(
    "dtype", [pytest.param("float32", marks=full), pytest.param("float16", marks=full), "bfloat16"]
)
AS_EXACT_AS_MLX = 2
"""Our largest error, in MLX's."""

GLOBAL_LENGTHS = [1, 2, 31, 33, 32, 255, 256, 1023, 1024, 1025, 700, 2047, 4096]
SLIDING_LENGTHS = [1, 31, 33, 513, 511, 512, 600, 1023, 1024, 1025, 4095, 4096]


def check(case: Case, dtype: str, lengths: list[int]) -> None:
    """The largest errors over some lengths, ours beside MLX's; bfloat16, whose rounding hides much, has a few."""
    ours, mlx = [], []
    for length in lengths[:: 3 if dtype == "bfloat16" else 1]:
        arrays, first = case.draw(TYPES[dtype], length), length - case.rows
        exact = case.exact(arrays, first)
        ours.append(error(case.ours(arrays, first), exact))
        mlx.append(error(case.mlx(arrays, first), exact))
    assert max(ours) <= AS_EXACT_AS_MLX * max(mlx), list(zip(ours, mlx, strict=True))
    assert 0 < max(mlx) < 0.02


@pytest.mark.usefixtures("on_cpu")
@pytest.mark.parametrize(
    ("dtype", "kv_heads", "group"),
    [
        ("bfloat16", 1, 8),
        pytest.param("float32", 1, 8, marks=full),
        pytest.param("float16", 1, 8, marks=full),
        pytest.param("float32", 2, 4, marks=full),
        pytest.param("float32", 1, 16, marks=full),
    ],
)
def test_one_row_of_a_global_layer(dtype: str, kv_heads: int, group: int) -> None:
    check(Case(512, kv_heads, group), dtype, [length for length in GLOBAL_LENGTHS if length <= 1024])
    check(Case(512, kv_heads, group, slots=4096), dtype, GLOBAL_LENGTHS)


@pytest.mark.usefixtures("on_cpu")
@each_type
@pytest.mark.parametrize("window", [512, pytest.param(1024, marks=full)])
def test_one_row_of_a_ring(dtype: str, window: int) -> None:
    check(Case(256, 2, 4, window=window, slots=window), dtype, SLIDING_LENGTHS)


@full
@pytest.mark.usefixtures("on_cpu")
@pytest.mark.parametrize(("dtype", "rows"), [("float32", 8), ("float16", 5), ("bfloat16", 2), ("bfloat16", 8)])
def test_several_rows(dtype: str, rows: int) -> None:
    check(Case(512, 1, 8, rows), dtype, [rows, 40, 1024])
    check(Case(512, 2, 8, rows, slots=1280), dtype, [rows, 1000, 1280])
    check(Case(256, 2, 4, rows, window=512, slots=520), dtype, [rows, 511, 513, 519, 520, 521, 2000])
    check(Case(256, 2, 4, rows, window=512, slots=520, blocks=5), dtype, [rows, 511, 521, 2000])


@pytest.mark.usefixtures("on_cpu")
@each_type
@pytest.mark.parametrize("rows", [4, pytest.param(1, marks=full), pytest.param(8, marks=full)])
def test_rows_behind_a_ring(dtype: str, rows: int) -> None:
    lengths = [rows, 33, 511, 512, 513, 512 + rows, 2000]
    check(Case(256, 2, 4, rows, window=512, slots=512 + rows, behind=True), dtype, lengths)
    check(Case(256, 2, 4, rows, window=512, slots=512 + rows, behind=True, blocks=5), dtype, lengths)


@pytest.mark.usefixtures("on_cpu")
@each_type
@pytest.mark.parametrize("bits", [pytest.param(8, marks=full), 4])
def test_packed_keys_and_values(dtype: str, bits: int) -> None:
    for case, lengths in {
        Case(512, 1, 8): [1, 33, 1024],
        Case(512, 2, 4, rows=3, slots=1280): [3, 700, 1280],
        Case(256, 1, 8, window=512, slots=512): [1, 512, 3000],
    }.items():
        ours, mlx = [], []
        for length in lengths:
            arrays, first = case.draw(TYPES[dtype], length), length - case.rows
            found, amounts = case.packed(arrays, first, Packing(bits, 64))
            exact = case.exact(amounts, first)
            ours.append(error(found, exact))
            mlx.append(error(case.mlx([array.astype(TYPES[dtype]) for array in amounts], first), exact))
        assert max(ours) <= AS_EXACT_AS_MLX * max(mlx), list(zip(ours, mlx, strict=True))


def test_a_wrong_nibble_is_seen(on_cpu: OnCPU) -> None:
    case = Case(512, 1, 8, slots=64)
    for on_cpu.change in (
        None,
        ("% IN_WORD * BITS;", "% IN_WORD * BITS ^ BITS;"),
        ("lane * EACH / GROUP;", "lane / GROUP;"),
    ):
        arrays = case.draw(mx.float32)
        found, amounts = case.packed(arrays, 60, Packing(4, 64))
        assert (error(found, case.exact(amounts, 60)) < 1e-5) == (on_cpu.change is None)


@each_type
def test_the_order_in_which_threads_run_changes_no_bit(dtype: str, on_cpu: OnCPU) -> None:
    for case in (Case(512, 1, 8), Case(512, 2, 8, slots=1280), Case(256, window=512, slots=512)):
        arrays, results = case.draw(TYPES[dtype]), []
        for on_cpu.seed in (0, 1, 2):
            results.append(np.array(case.ours(arrays, 700).view(mx.uint16 if dtype != "float32" else mx.uint32)))
        assert (results[0] == results[1]).all()
        assert (results[0] == results[2]).all()


@pytest.mark.parametrize("case", [Case(512, 1, 8), Case(512, 1, 8, slots=1280)], ids=["one pass", "blocks"])
def test_pointers_keep_to_their_address_spaces(case: Case, on_cpu: OnCPU) -> None:
    case.ours(case.draw(mx.bfloat16), 3)
    for kernel in on_cpu.seen:
        check_types(kernel)


@pytest.mark.usefixtures("on_cpu")
def test_head_dims_as_small_as_a_tiny_models() -> None:
    for case in (Case(32, 1, 4, slots=64), Case(64, 2, 2, window=16, slots=16)):
        arrays = case.draw(mx.float32)
        assert error(case.ours(arrays, 40), case.exact(arrays, 40)) < 1e-5
