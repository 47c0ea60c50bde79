"""Whole checkpoint folders of random numbers, at any size: every tensor is drawn a few rows at a time.

Weights are drawn as they are stored: packed matrices as random codes, with scales that keep what they multiply in size.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import mlx.core as mx

from mlx_gemma4.bench.config_json import config_json
from mlx_gemma4.model.config import Gemma4Config
from mlx_gemma4.model.gemma4 import Gemma4
from mlx_gemma4.weights.conversion import ChoosePacking, can_be_packed, quantization_block
from mlx_gemma4.weights.key_map import source_spellings, transformers_name
from mlx_gemma4.weights.parameters import flat_parameters, parent_of
from mlx_gemma4.weights.quantization import Packing
from mlx_gemma4.weights.row_blocks import FORMAT_OF_DTYPE, rows_in_block
from mlx_gemma4.weights.saving import transformers_tensors
from mlx_gemma4.weights.writing import Piece, TensorForm, write_pieces

SEED = 20_260_402
WIDE_BOUND = 100.0  # of clipped linears: nothing that random weights make reaches it


def write_random_folder(
    config: Gemma4Config, folder: Path, choose: ChoosePacking, floats: mx.Dtype = mx.bfloat16
) -> None:
    """Write a checkpoint of a config; `folder` is made if need be. The other arguments are those of `random_pieces`."""
    mx.random.seed(SEED)
    pieces, values = random_pieces(config, choose, floats)
    for _ in write_pieces(folder, pieces, values):
        pass


def random_pieces(
    config: Gemma4Config, choose: ChoosePacking, floats: mx.Dtype = mx.bfloat16
) -> tuple[list[Piece], dict[str, Any]]:
    """A checkpoint's tensors, none of them drawn yet, and its config.json.

    Args:
        config: of the model.
        choose: how to pack a matrix, given its stored name and shape: in affine mode, or None for not at all.
        floats: format of all that is not packed.
    """
    model = Gemma4(config)
    packings = _pack_lazily(model, choose)
    named = {
        name.removesuffix(".weight"): packing for path, packing in packings.items() for name in _names(model, path)
    }
    pieces = [
        _drawn(name, array, named.get(name.rpartition(".")[0]), floats)
        for name, array in transformers_tensors(model).items()
    ]
    values = config_json(config, str(floats).rpartition(".")[2])
    return pieces, values | ({"quantization": quantization_block(named)} if named else {})


def _pack_lazily(model: Gemma4, choose: ChoosePacking) -> dict[str, Packing]:
    """Put packed modules in the places of plain ones; nothing is computed, they only lend their shapes."""
    packings: dict[str, Packing] = {}
    for path, array in flat_parameters(model).items():
        packing = choose(_names(model, path)[0], array.shape) if can_be_packed(model, path) else None
        if packing is not None:
            parent, name = parent_of(model, path.removesuffix(".weight"))
            plain = getattr(parent, name)
            setattr(parent, name, plain.to_quantized(packing.group_size, packing.bits, packing.mode))
            packings[path] = packing
    return packings


def _names(model: Gemma4, path: str) -> list[str]:
    """The names under which a parameter is stored when it is packed."""
    return [transformers_name(name) for name in source_spellings(path, model.config)[-1]]


def _drawn(name: str, unread: mx.array, packing: Packing | None, floats: mx.Dtype) -> Piece:
    """A tensor of random numbers that suit its kind; `unread` lends its shape and, of codes, its format."""
    shape = unread.shape
    dtype = floats if mx.issubdtype(unread.dtype, mx.floating) else unread.dtype
    is_matrix = len(shape) > 1
    total, columns = (math.prod(shape[:-1]), shape[-1]) if is_matrix else (1, math.prod(shape))
    rows = rows_in_block(4 * columns)

    def blocks() -> Iterator[tuple[mx.array]]:
        for first in range(0, total, rows):
            size = (min(rows, total - first), columns)
            values = _packed_values(name, size, dtype, packing) if packing else _values(name, size, dtype)
            yield (values if is_matrix else values.reshape(shape),)

    return Piece((TensorForm(name, FORMAT_OF_DTYPE[dtype], shape),), blocks)


def _packed_values(name: str, size: tuple[int, int], dtype: mx.Dtype, packing: Packing) -> mx.array:
    """Codes, even over their range, or the scales and biases with which their values are 1/√columns wide."""
    if name.endswith(".weight"):
        # By bytes: MLX draws integers as float32, which has too few digits for words.
        return mx.random.randint(0, 256, (size[0], 4 * size[1]), mx.uint8).view(mx.uint32)
    highest = 2**packing.bits - 1
    scale = math.sqrt(12 / (size[1] * packing.group_size) / (highest * (highest + 2)))  # so wide are 2^bits even codes
    return mx.full(size, scale if name.endswith(".scales") else -scale * highest / 2, dtype)


def _values(name: str, size: tuple[int, int], dtype: mx.Dtype) -> mx.array:
    if name.endswith(("_min", "_max")):
        return mx.full(size, WIDE_BOUND if name.endswith("_max") else -WIDE_BOUND, dtype)
    if size[0] == 1:  # a vector: norms and scales
        return mx.ones(size, dtype)
    return (mx.random.normal(size, dtype) / math.sqrt(size[1])).astype(dtype)
