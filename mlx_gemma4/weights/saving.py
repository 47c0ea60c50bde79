"""Writes checkpoint folders under transformers' tensor names."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import mlx.core as mx
import numpy as np

from mlx_gemma4.model.gemma4 import Gemma4
from mlx_gemma4.weights.key_map import rows_of, source_rows, source_spellings, transformers_name, with_rows
from mlx_gemma4.weights.layouts import axes_to_transformers
from mlx_gemma4.weights.parameters import flat_parameters
from mlx_gemma4.weights.writing import SHARD_BYTES, Piece, write_pieces


def transformers_tensors(model: Gemma4) -> dict[str, mx.array]:
    """A model's parameters under the names and in the shapes that transformers stores.

    Joined rows are split again. Quantized modules come with their `.scales` and `.biases`; packed experts, for which
    transformers has no names, under those of mlx-vlm and mlx-lm.
    """
    tensors: dict[str, mx.array] = {}
    parameters = flat_parameters(model)
    for path, array in parameters.items():
        module, dot, kind = path.rpartition(".")
        packed = kind in ("weight", "scales", "biases") and f"{module}.scales" in parameters
        parameter = f"{module}{dot}weight" if packed else path
        names = source_spellings(parameter, model.config)[-1 if packed else 0]
        rows = source_rows(parameter, rows_of(array.shape), model.config, len(names))
        axes = axes_to_transformers(names[0], array.ndim)
        if axes is not None:
            array = array.transpose(axes)
        parts = _split_rows(array, rows) if len(names) > 1 else [array]
        for name, part in zip(names, parts, strict=True):
            tensors[transformers_name(f"{name.removesuffix('weight')}{kind}" if packed else name)] = part
    return tensors


def write_checkpoint(
    folder: str | Path, tensors: Mapping[str, mx.array], config: Mapping[str, Any], *, shard_bytes: int = SHARD_BYTES
) -> None:
    """Write config.json and the tensors, in shards with an index where one file would pass `shard_bytes`."""
    pieces = [Piece.of_array(name, array) for name, array in tensors.items()]
    for _ in write_pieces(Path(folder), pieces, config, shard_bytes=shard_bytes):
        pass


def _split_rows(array: mx.array, rows: tuple[int, ...]) -> list[mx.array]:
    """The parts of a matrix, a stack of matrices or a vector, in order, each with its number of rows."""
    axis = max(array.ndim - 2, 0)
    parts = mx.split(array, np.cumsum(rows)[:-1].tolist(), axis=axis)
    return [part.reshape(with_rows(array.shape, count)) for part, count in zip(parts, rows, strict=True)]
