"""Writes checkpoint folders under transformers' tensor names."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import mlx.core as mx
import numpy as np

from mlx_gemma4.model.gemma4 import Gemma4
from mlx_gemma4.weights.checkpoint import INDEX_NAME
from mlx_gemma4.weights.key_map import rows_of, source_rows, source_spellings, transformers_name
from mlx_gemma4.weights.parameters import flat_parameters

SHARD_BYTES = 5_000_000_000


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
        parts = _split_rows(array, rows) if len(names) > 1 else [array]
        for name, part in zip(names, parts, strict=True):
            tensors[transformers_name(f"{name.removesuffix('weight')}{kind}" if packed else name)] = part
    return tensors


def write_checkpoint(
    folder: str | Path, tensors: Mapping[str, mx.array], config: Mapping[str, Any], *, shard_bytes: int = SHARD_BYTES
) -> None:
    """Write config.json and the tensors, in shards with an index where one file would pass `shard_bytes`."""
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config.json").write_text(json.dumps(config, indent=2, sort_keys=True) + "\n", encoding="utf-8")
    shards = _shards(tensors, shard_bytes)
    if len(shards) == 1:
        (folder / INDEX_NAME).unlink(missing_ok=True)  # of an earlier checkpoint in this folder
        mx.save_safetensors(str(folder / "model.safetensors"), shards[0], metadata={"format": "mlx"})
        return
    weight_map: dict[str, str] = {}
    for number, shard in enumerate(shards, start=1):
        file = f"model-{number:05d}-of-{len(shards):05d}.safetensors"
        mx.save_safetensors(str(folder / file), shard, metadata={"format": "mlx"})
        weight_map |= dict.fromkeys(shard, file)
    total = sum(array.nbytes for array in tensors.values())
    index = {"metadata": {"total_size": total}, "weight_map": dict(sorted(weight_map.items()))}
    (folder / INDEX_NAME).write_text(json.dumps(index, indent=2) + "\n", encoding="utf-8")


def _split_rows(array: mx.array, rows: tuple[int, ...]) -> list[mx.array]:
    """The parts of a matrix or a stack of matrices, in order, each with its number of rows."""
    return mx.split(array, np.cumsum(rows)[:-1].tolist(), axis=-2)


def _shards(tensors: Mapping[str, mx.array], shard_bytes: int) -> list[dict[str, mx.array]]:
    """Tensors in their order, a new shard whenever the next one would pass the limit."""
    shards: list[dict[str, mx.array]] = [{}]
    size = 0
    for name, array in tensors.items():
        if shards[-1] and size + array.nbytes > shard_bytes:
            shards.append({})
            size = 0
        shards[-1][name] = array
        size += array.nbytes
    return shards
