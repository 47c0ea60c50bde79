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
    check_quantization,
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
    widths = 256, matrix.weight.shape[1], matrix.scales.shape[1]
    assert packing_of(*widths, has_float_scales=matrix.scales.dtype == mx.float32) == packing


@pytest.mark.parametrize("widths", [(256, 32, 3), (256, 33, 4), (256, 32, 0), (256, 56, 4), (256, 32, 1)])
def test_widths_that_fit_no_packing_give_none(widths: tuple[int, int, int]) -> None:
    assert packing_of(*widths, has_float_scales=True) is None
    assert packing_of(*widths, has_float_scales=False) is None


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


@pytest.mark.parametrize(
    ("config", "reason"),
    [
        ({"quantization_config": {"quant_method": "compressed-tensors"}}, "'compressed-tensors'"),
        ({"quantization_config": {"quant_method": "awq", "bits": 4}}, "'awq'"),
        ({"text_config": {"quantization_config": {"quant_method": "gptq"}}}, "'gptq'"),
        ({"quantization": "int4"}, "'int4'"),
    ],
)
def test_foreign_quantization_is_refused_by_name(config: dict[str, object], reason: str) -> None:
    with pytest.raises(CheckpointError, match=rf"{reason}.*huggingface.co/mlx-community"):
        check_quantization(config)


@pytest.mark.parametrize(
    ("method", "layers", "hidden", "repository"),
    [
        ("awq", 35, 1536, "mlx-community/gemma-4-e2b-it-4bit"),
        ("gptq", 60, 5376, "mlx-community/gemma-4-31b-it-4bit"),
        ("compressed-tensors", 42, 2560, "mlx-community/gemma-4-E4B-it-qat-4bit"),
    ],
)
def test_the_refusal_names_the_same_size_for_mlx(method: str, layers: int, hidden: int, repository: str) -> None:
    text = {"num_hidden_layers": layers, "hidden_size": hidden}
    with pytest.raises(CheckpointError, match=f"Use {repository} instead"):
        check_quantization({"text_config": text, "quantization_config": {"quant_method": method}})


def test_a_block_of_mlx_is_read_whatever_it_says() -> None:
    block = {"bits": 4, "group_size": 64, "language_model.model.layers.1.mlp.down_proj": False}
    check_quantization({"quantization": block, "quantization_config": block})
    check_quantization({"quantization_config": block | {"mode": "mxfp4"}})
    check_quantization({})
