"""A table that stays in its safetensors file: only the rows in use are read, and only they are ever in memory.

Rows are read with `pread`, not mapped: a file that is cut off under a mapping kills the process, a read comes up short.

Shapes: L ids, T·P numbers of a row.
"""

from __future__ import annotations

import os
import weakref
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import mlx.core as mx
import numpy as np

from mlx_gemma4.protocol.errors import CheckpointError
from mlx_gemma4.weights.number_policy import NumberPolicy
from mlx_gemma4.weights.plan import Source
from mlx_gemma4.weights.quantization import Matrix, unpack
from mlx_gemma4.weights.row_blocks import READ_AS
from mlx_gemma4.weights.safetensors_header import TensorInfo

_MANY, _AT_ONCE = 64, 8


class StoredTable:
    """A `TableOnDisk`, with the numbers that the same table in memory would have.

    Attributes:
        nbytes: that stay on the disk.
    """

    def __init__(self, source: Source, policy: NumberPolicy, module: str) -> None:
        """Open the file; nothing of the table is read.

        Args:
            source: the table, packed or not.
            policy: what becomes of stored numbers.
            module: path of the table in the model, which the policy goes by.

        Raises:
            OSError: the file cannot be opened.
        """
        assert source.axes is None
        self.nbytes = sum(info.nbytes for info in source.tensors)
        self._source, self._policy, self._module = source, policy, module
        files = {info.file: _OpenFile(info.file) for info in source.tensors}
        self._tensors = [(info, files[info.file]) for info in source.tensors]

    def fetch(self, ids_L: np.ndarray) -> list[mx.array]:
        """The rows of some ids, each read once.

        Raises:
            CheckpointError: the file has changed since it was opened, or cannot be read any more.
        """
        wanted, places_L = np.unique(ids_L, return_inverse=True)
        parts = iter([_rows(info, file, wanted)[places_L] for info, file in self._tensors])
        source = self._source
        stored = Matrix(
            _as_array(next(parts), source.weight),
            None if source.scales is None else _as_array(next(parts), source.scales),
            None if source.biases is None else _as_array(next(parts), source.biases),
            source.packing,
        )
        return list(self._policy.convert(stored, self._module).parameters().values())

    def unpack(self, rows: Sequence[mx.array]) -> mx.array:
        """Their values [L, T·P]."""
        weight, *scaling = rows
        scales, biases = (*scaling, None, None)[:2]
        return unpack(Matrix(weight, scales, biases, self._source.packing))


class _OpenFile:
    """A file that is read at places, as long as it is what it was."""

    def __init__(self, file: Path) -> None:
        self.name = file.name
        self._descriptor = os.open(file, os.O_RDONLY)
        weakref.finalize(self, os.close, self._descriptor)
        self._state = self._look()

    def check(self) -> None:
        if self._look() != self._state:
            raise self._error("has changed since the model was loaded")

    def read(self, start: int, nbytes: int) -> bytes:
        try:
            data = os.pread(self._descriptor, nbytes, start)
        except OSError as error:
            raise self._error(f"cannot be read any more ({error})") from error
        if len(data) < nbytes:
            raise self._error("is shorter than when the model was loaded")
        return data

    def _look(self) -> tuple[int, int]:
        state = os.fstat(self._descriptor)
        return state.st_size, state.st_mtime_ns

    def _error(self, what: str) -> CheckpointError:
        return CheckpointError(
            f"{self.name}, from which embeddings are read, {what}.", "Load the model again.", code="checkpoint.changed"
        )


def _rows(info: TensorInfo, file: _OpenFile, ids: np.ndarray) -> np.ndarray:
    """The stored numbers [ids, columns] of some rows, in a format that numpy has."""
    file.check()
    rows, columns = info.shape
    row_bytes = info.nbytes // rows

    def read(some: np.ndarray) -> bytes:
        return b"".join(file.read(info.start + int(row) * row_bytes, row_bytes) for row in some)

    if len(ids) < _MANY:
        data = read(ids)
    else:  # disks are quicker when they are asked for several things at once
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            data = b"".join(pool.map(read, np.array_split(ids, _AT_ONCE)))
    return np.frombuffer(data, READ_AS[info.dtype][0]).reshape(len(ids), columns)


def _as_array(rows: np.ndarray, info: TensorInfo) -> mx.array:
    return mx.array(rows).view(READ_AS[info.dtype][1])
