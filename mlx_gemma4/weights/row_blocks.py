"""Stored tensors a few rows at a time, so that a table larger than memory can be gone through.

MLX reads the whole of a tensor whose slice is asked for; here the rows are read from the file themselves.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import mlx.core as mx
import numpy as np

from mlx_gemma4.protocol.errors import CheckpointError
from mlx_gemma4.weights.safetensors_header import TensorInfo

BLOCK_BYTES = 1 << 26

# How the bytes of a number format are read, and what MLX calls them; numpy has no bfloat16.
READ_AS = {
    "F32": (np.float32, mx.float32),
    "F16": (np.float16, mx.float16),
    "BF16": (np.uint16, mx.bfloat16),
    "U32": (np.uint32, mx.uint32),
    "I32": (np.int32, mx.int32),
    "U16": (np.uint16, mx.uint16),
    "I16": (np.int16, mx.int16),
    "U8": (np.uint8, mx.uint8),
    "I8": (np.int8, mx.int8),
    "BOOL": (np.bool_, mx.bool_),
    "I64": (np.int64, mx.int64),
    "U64": (np.uint64, mx.uint64),
}
FORMAT_OF_DTYPE = {dtype: name for name, (_, dtype) in READ_AS.items()}
DTYPE_OF_FORMAT = {name: dtype for name, (_, dtype) in READ_AS.items()}


def rows_in_block(row_bytes: int, unit: int = 1) -> int:
    """How many rows to read at a time: a multiple of `unit`, about as many as fit `BLOCK_BYTES`."""
    return unit * max(1, BLOCK_BYTES // max(1, row_bytes * unit))


def read_rows(info: TensorInfo, rows: int) -> Iterator[mx.array]:
    """A tensor's rows in order, `rows` of them at a time, the last block perhaps shorter.

    Args:
        info: the tensor, in a file whose header has been checked.
        rows: rows of a block; those of stacked matrices are counted through the whole stack.

    Yields:
        [rows, columns] of a matrix or a stack of them; a vector or scalar comes as it is, in one piece.

    Raises:
        CheckpointError: the number format is not one that MLX computes with, or the file ended.
    """
    if info.dtype not in READ_AS:
        raise CheckpointError(f"{info.name} is stored as {info.dtype}, which cannot be converted.")
    as_stored, dtype = READ_AS[info.dtype]
    is_matrix = len(info.shape) > 1
    columns = info.shape[-1] if is_matrix else math.prod(info.shape)
    total = math.prod(info.shape[:-1]) if is_matrix else 1
    with info.file.open("rb") as stream:
        stream.seek(info.start)
        for first in range(0, total, rows):
            count = min(rows, total - first)
            block = np.fromfile(stream, as_stored, count * columns)
            if block.size < count * columns:
                raise CheckpointError(f"{info.file.name} ended while it was read.", code="checkpoint.damaged")
            array = mx.array(block)
            yield array.view(dtype).reshape((count, columns) if is_matrix else info.shape)
