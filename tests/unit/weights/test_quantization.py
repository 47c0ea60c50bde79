"""Packings are read off tensor shapes, and joined rows keep exactly the values of their parts."""

from __future__ import annotations

import mlx.core as mx
import numpy as np
import pytest

from mlx_gemma4.protocol.errors import CheckpointError
from mlx_gemma4.weights.quantization import (
    AFFINE_BITS,
    AFFINE_GROUPS,
    BLOCK_FLOAT_MODES,
    Matrix,
    Packing,
    QuantizationBlock,
    join_rows,
    pack,
    packing_of,
    unpack,
)

PACKINGS = [Packing(bits, group) for bits in AFFINE_BITS for group in AFFINE_GROUPS]
PACKINGS += [Packing(bits, group, mode) for mode, (bits, group) in BLOCK_FLOAT_MODES.items()]


def _weight(rows: int = 6, columns: int = 256, seed: int = 0) -> mx.array:
    return mx.array(np.random.default_rng(seed).standard_normal((rows, columns)), dtype=mx.float32)


@pytest.mark.parametrize("packing", PACKINGS, ids=str)
def test_a_packing_is_told_from_the_widths_of_its_tensors(packing: Packing) -> None:
    matrix = pack(_weight(), packing)
    assert matrix.scales is not None
    assert packing_of(256, matrix.weight.shape[1], matrix.scales.shape[1], packing.mode) == packing


@pytest.mark.parametrize("widths", [(256, 32, 3), (256, 33, 4), (256, 32, 0), (256, 56, 4), (256, 32, 1)])
def test_widths_that_fit_no_packing_give_none(widths: tuple[int, int, int]) -> None:
    assert packing_of(*widths, "affine") is None


@pytest.mark.parametrize("others", [Packing(4, 64), Packing(8, 32), None], ids=str)
def test_stacked_matrices_are_joined_row_by_row_within_each(others: Packing | None) -> None:
    stacks = [mx.stack([_weight(rows, seed=seed) for seed in (rows, rows + 1)]) for rows in (4, 2)]
    parts = [pack(stacks[0], Packing(4, 64)), pack(stacks[1], others) if others else Matrix(stacks[1])]
    joined = unpack(join_rows(parts))
    assert joined.shape == (2, 6, 256)
    assert mx.array_equal(joined, mx.concatenate([unpack(part) for part in parts], axis=1))


@pytest.mark.parametrize("packing", PACKINGS, ids=str)
def test_rows_packed_alike_are_joined_as_they_are(packing: Packing) -> None:
    parts = [pack(_weight(rows, seed=rows), packing) for rows in (4, 2, 3)]
    joined = join_rows(parts)
    assert joined.packing == packing
    assert mx.array_equal(unpack(joined), mx.concatenate([unpack(part) for part in parts]))


@pytest.mark.parametrize("other", [Packing(6, 64), Packing(8, 32), Packing(4, 128), Packing(3, 32), Packing(8, 64)])
def test_rows_of_different_affine_packings_stay_packed_without_a_changed_value(other: Packing) -> None:
    parts = [pack(_weight(4), Packing(4, 64)), pack(_weight(2, seed=1), other)]
    joined = join_rows(parts)
    assert joined.packing == Packing(8, min(64, other.group_size))
    assert mx.array_equal(unpack(joined), mx.concatenate([unpack(part) for part in parts]))


@pytest.mark.parametrize("other", [Matrix(_weight(2, seed=1)), pack(_weight(2, seed=1), Packing(4, 32, "mxfp4"))])
def test_other_mixtures_are_unpacked_without_a_changed_value(other: Matrix) -> None:
    parts = [pack(_weight(4), Packing(4, 64)), other]
    joined = join_rows(parts)
    assert joined.packing is None
    assert mx.array_equal(joined.weight, mx.concatenate([unpack(part) for part in parts]))


def test_modes_come_from_the_config_with_overrides_in_any_spelling() -> None:
    block = {
        "bits": 4,
        "group_size": 64,
        "language_model.model.layers.0.mlp.down_proj": {"mode": "mxfp8", "bits": 8, "group_size": 32},
        "language_model.model.layers.1.mlp.down_proj": False,
    }
    block_of_config = QuantizationBlock.from_config({"quantization": block})
    assert block_of_config.mode("language_model.layers.0.mlp.down_proj") == "mxfp8"
    assert block_of_config.mode("language_model.layers.1.mlp.down_proj") == "affine"


@pytest.mark.parametrize(
    ("config", "reason"),
    [
        ({"quantization_config": {"quant_method": "compressed-tensors"}}, "'compressed-tensors'"),
        ({"quantization": {"mode": "ternary"}}, "'ternary'"),
    ],
)
def test_foreign_quantization_is_refused_by_name(config: dict[str, object], reason: str) -> None:
    with pytest.raises(CheckpointError, match=reason):
        QuantizationBlock.from_config(config)
