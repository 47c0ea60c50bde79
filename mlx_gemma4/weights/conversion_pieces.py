"""What a stored tensor can become in a copy: the same, another format, packed, or unpacked; a few rows at a time."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import mlx.core as mx

from mlx_gemma4.weights.key_map import canonical_name
from mlx_gemma4.weights.layouts import axes_to_transformers
from mlx_gemma4.weights.plan import FLOATS, Source
from mlx_gemma4.weights.quantization import Matrix, Packing, pack, unpack
from mlx_gemma4.weights.row_blocks import DTYPE_OF_FORMAT, FORMAT_OF_DTYPE, read_rows, rows_in_block
from mlx_gemma4.weights.safetensors_header import TensorInfo
from mlx_gemma4.weights.writing import Piece, TensorForm

_PARTS = ("weight", "scales", "biases")


def copied(name: str, info: TensorInfo, floats: mx.Dtype | None) -> Piece:
    """A tensor under a name, as it is or its numbers in another format."""
    dtype = _format(info, floats)
    rows = rows_in_block(_row_bytes(info))

    def blocks() -> Iterator[tuple[mx.array]]:
        for block in read_rows(info, rows):
            yield (block.astype(DTYPE_OF_FORMAT[dtype]),)

    return Piece((TensorForm(name, dtype, info.shape),), blocks)


def transposed(name: str, info: TensorInfo, axes: Sequence[int], floats: mx.Dtype | None) -> Piece:
    """A tensor under a name with its axes in another order; read in one piece, which is for convolution kernels."""
    form = TensorForm(name, _format(info, floats), tuple(info.shape[axis] for axis in axes))

    def blocks() -> Iterator[tuple[mx.array]]:
        (whole,) = read_rows(info, math.prod(info.shape[:-1]))
        turned = whole.reshape(info.shape).transpose(axes)
        yield (mx.contiguous(turned.astype(DTYPE_OF_FORMAT[form.dtype])),)

    return Piece((form,), blocks)


def packed(modules: Sequence[str], info: TensorInfo, packing: Packing, floats: mx.Dtype | None) -> Piece:
    """A matrix, or stack of them, packed as a module; its rows shared evenly by several modules where there are."""
    *stack, rows, columns = info.shape
    shape = (*stack, rows // len(modules))
    codes = TensorForm("weight", "U32", (*shape, columns * packing.bits // 32))
    scales = TensorForm("scales", _format(info, floats), (*shape, columns // packing.group_size))
    if packing.has_biases:
        forms = [codes, scales, TensorForm("biases", scales.dtype, scales.shape)]
    else:
        forms = [codes, TensorForm("scales", "U8", scales.shape)]

    def blocks() -> Iterator[list[mx.array]]:
        for block in read_rows(info, rows_in_block(_row_bytes(info), rows if len(modules) > 1 else 1)):
            parts = [pack(part, packing).parameters() for part in _shared_rows(block, rows, len(modules))]
            yield [part[form.name].astype(DTYPE_OF_FORMAT[form.dtype]) for part in parts for form in forms]

    return Piece(
        tuple(TensorForm(f"{module}.{form.name}", form.dtype, form.shape) for module in modules for form in forms),
        blocks,
    )


def as_stored(name: str, source: Source, floats: mx.Dtype | None) -> Piece:
    """A tensor that is not packed, in the layout that transformers has."""
    axes = axes_to_transformers(canonical_name(name), len(source.weight.shape))
    if axes is None or source.axes is not None:  # no convolution kernel, or one that is not in MLX's layout
        return copied(name, source.weight, floats)
    return transposed(name, source.weight, axes, floats)


def unpacked(name: str, source: Source, floats: mx.Dtype) -> Piece:
    """The values of a stored matrix, packed or not."""
    if source.packing is None:
        return as_stored(name, source, floats)
    return joined(name, [source], floats)


def joined(name: str, sources: Sequence[Source], floats: mx.Dtype) -> Piece:
    """The values of stored matrices, or stacks of them, row after row within each matrix, as one tensor."""
    *stack, rows, _ = sources[0].weight.shape
    columns = _columns(sources[0])
    form = TensorForm(name, FORMAT_OF_DTYPE[floats], (*stack, rows * len(sources), columns))
    count = rows_in_block(4 * columns * len(sources), rows if len(sources) > 1 else 1)

    def blocks() -> Iterator[tuple[mx.array]]:
        for block in zip(*(_values(source, count) for source in sources), strict=True):
            stacks = [values.reshape(-1, rows, columns) if len(block) > 1 else values for values in block]
            yield (mx.concatenate(stacks, axis=-2).reshape(-1, columns).astype(floats),)

    return Piece((form,), blocks)


def _values(source: Source, rows: int) -> Iterator[mx.array]:
    """The values of a matrix, `rows` rows at a time."""
    for arrays in zip(*(read_rows(info, rows) for info in source.tensors), strict=True):
        parts = dict(zip(_PARTS, arrays, strict=False))
        yield unpack(Matrix(parts["weight"], parts.get("scales"), parts.get("biases"), source.packing))


def _columns(source: Source) -> int:
    stored = source.weight.shape[-1]
    return stored if source.packing is None else stored * 32 // source.packing.bits


def _shared_rows(block: mx.array, rows: int, parts: int) -> list[mx.array]:
    """Rows of n whole matrices [n · rows, columns], each matrix cut into equal parts [n · rows / parts, columns]."""
    if parts == 1:
        return [block]
    columns = block.shape[-1]
    return [part.reshape(-1, columns) for part in mx.split(block.reshape(-1, rows, columns), parts, axis=1)]


def _format(info: TensorInfo, floats: mx.Dtype | None) -> str:
    """The number format of a tensor in the copy."""
    return info.dtype if floats is None or info.dtype not in FLOATS else FORMAT_OF_DTYPE[floats]


def _row_bytes(info: TensorInfo) -> int:
    return info.nbytes // max(1, math.prod(info.shape[:-1]))
