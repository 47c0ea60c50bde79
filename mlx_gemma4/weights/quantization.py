"""Quantized matrices: how one is packed, told from its tensors, and how several are joined exactly.

A quantized module stores `weight` (packed codes), `scales` and, in affine mode, `biases`, each with one row per output;
a value is code × scale + bias of its group (mlx.core.quantize). Experts are stacked: [experts, rows, columns].
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import mlx.core as mx

from mlx_gemma4.weights.foreign_formats import refuse_quantization

AFFINE_BITS = (2, 3, 4, 5, 6, 8)
AFFINE_GROUPS = (32, 64, 128)
BLOCK_FLOAT_MODES = {"mxfp4": (4, 32), "mxfp8": (8, 32), "nvfp4": (4, 16)}  # (bits, group size) are part of the mode


@dataclass(frozen=True)
class Packing:
    """How the codes of one matrix are packed.

    Attributes:
        bits: bits per code.
        group_size: neighbouring values of a row that share a scale.
        mode: "affine", or one of MLX's block float formats.
    """

    bits: int
    group_size: int
    mode: str = "affine"

    @property
    def has_biases(self) -> bool:
        """Affine groups have an offset beside their scale."""
        return self.mode == "affine"

    def as_config(self) -> dict[str, Any]:
        """The spelling of config.json's `quantization` block."""
        return {"group_size": self.group_size, "bits": self.bits, "mode": self.mode}


@dataclass(frozen=True)
class Matrix:
    """A weight [..., rows, columns], packed or not: `weight` alone, or with `scales` and its `packing`."""

    weight: mx.array
    scales: mx.array | None = None
    biases: mx.array | None = None
    packing: Packing | None = None

    def parameters(self) -> dict[str, mx.array]:
        """The arrays by the name that they have in a module."""
        arrays = {"weight": self.weight, "scales": self.scales, "biases": self.biases}
        return {name: array for name, array in arrays.items() if array is not None}


def check_quantization(config: Mapping[str, Any]) -> None:
    """Refuse a config.json whose weights are quantized by another tool than MLX.

    What MLX's own `quantization` block says is not needed: bits, group size and mode are read off the tensors, which
    cannot be wrong.

    Raises:
        CheckpointError: the weights are quantized in a format that is not MLX's.
    """
    text = config.get("text_config")
    nested = text.get("quantization_config") if isinstance(text, Mapping) else None
    block = config.get("quantization") or config.get("quantization_config") or nested or {}
    if not isinstance(block, Mapping) or "quant_method" in block:
        raise refuse_quantization(block.get("quant_method") if isinstance(block, Mapping) else block, config)


def packing_of(columns: int, packed_columns: int, scale_columns: int, *, has_float_scales: bool) -> Packing | None:
    """How a matrix of `columns` values a row is packed, from its tensors; None if no packing fits.

    Args:
        columns: values of a row.
        packed_columns: 32-bit words of a row of codes.
        scale_columns: scales of a row.
        has_float_scales: affine groups have a scale in a float format, block floats one in a byte.
    """
    if not scale_columns or columns % scale_columns or 32 * packed_columns % columns:
        return None
    bits, group_size = 32 * packed_columns // columns, columns // scale_columns
    if has_float_scales:
        return Packing(bits, group_size) if bits in AFFINE_BITS and group_size in AFFINE_GROUPS else None
    modes = (mode for mode, sizes in BLOCK_FLOAT_MODES.items() if sizes == (bits, group_size))
    return next((Packing(bits, group_size, mode) for mode in modes), None)


def pack(weight: mx.array, packing: Packing) -> Matrix:
    """Quantize a matrix [..., rows, columns]; `columns` must be a multiple of the group size."""
    codes, scales, *biases = mx.quantize(weight, group_size=packing.group_size, bits=packing.bits, mode=packing.mode)
    return Matrix(codes, scales, biases[0] if biases else None, packing)


def unpack(matrix: Matrix) -> mx.array:
    """The values of a matrix; of a packed one in the format of its scales (bfloat16 for block floats)."""
    if matrix.packing is None or matrix.scales is None:
        return matrix.weight
    packing = matrix.packing
    return mx.dequantize(
        matrix.weight,
        matrix.scales,
        matrix.biases,
        group_size=packing.group_size,
        bits=packing.bits,
        mode=packing.mode,
    )


def join_rows(parts: list[Matrix]) -> Matrix:
    """One matrix with the rows of all parts, in order, and exactly their values.

    Parts packed alike are concatenated as they are. Affine parts of different bits or group size are first written
    in 8 bits and the smallest group size, which changes no value. Any other mixture is unpacked.
    """
    packings = {part.packing for part in parts}
    if len(packings) == 1:
        return _concatenate(parts, parts[0].packing)
    if all(packing is not None and packing.has_biases for packing in packings):
        common = Packing(8, min(packing.group_size for packing in packings if packing is not None))
        return _concatenate([_widen(part, common) for part in parts], common)
    return _concatenate([Matrix(unpack(part)) for part in parts], None)


def _concatenate(parts: list[Matrix], packing: Packing | None) -> Matrix:
    names = parts[0].parameters()
    if len(parts) > 1 and parts[0].weight.ndim == 0:
        return Matrix(mx.stack([part.weight for part in parts]))
    axis = max(parts[0].weight.ndim - 2, 0)
    joined = {name: mx.concatenate([getattr(part, name) for part in parts], axis=axis) for name in names}
    return Matrix(**joined, packing=packing)


def _widen(part: Matrix, target: Packing) -> Matrix:
    """The same codes, stored in 8 bits, and each group's scale and bias repeated for its smaller groups."""
    assert part.packing is not None and part.scales is not None and part.biases is not None
    ones, zeros = mx.ones(part.scales.shape), mx.zeros(part.scales.shape)
    codes = unpack(Matrix(part.weight, ones, zeros, part.packing)).astype(mx.uint8)
    repeats = part.packing.group_size // target.group_size
    scales, biases = (mx.repeat(groups, repeats, axis=-1) for groups in (part.scales, part.biases))
    return Matrix(codes.view(mx.uint32), scales, biases, target)
