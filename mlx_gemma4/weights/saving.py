"""Writes checkpoint folders under transformers' tensor names, quantized in MLX's formats where wanted."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import mlx.core as mx

from mlx_gemma4.model.gemma4 import Gemma4
from mlx_gemma4.weights.checkpoint import INDEX_NAME, open_checkpoint
from mlx_gemma4.weights.key_map import canonical_name, mlx_name, source_names, source_rows, transformers_name
from mlx_gemma4.weights.parameters import flat_parameters, load_lazily
from mlx_gemma4.weights.quantization import Packing, pack

ChoosePacking = Callable[[str, tuple[int, ...]], Packing | None]
SHARD_BYTES = 5_000_000_000
WEIGHT_SUFFIXES = (".safetensors", ".safetensors.index.json", ".gguf", ".bin", ".pt", ".pth", ".ckpt")


def transformers_tensors(model: Gemma4) -> dict[str, mx.array]:
    """A model's parameters under the names and in the shapes that transformers stores.

    Joined rows are split again. Quantized modules come with their `.scales` and `.biases`.
    """
    tensors: dict[str, mx.array] = {}
    for path, array in flat_parameters(model).items():
        stem, dot, kind = path.rpartition(".")
        kind = kind if kind in ("scales", "biases") else ""
        parameter = f"{stem}{dot}weight" if kind else path
        rows = source_rows(parameter, array.shape[0], model.config) if array.ndim else ()
        start = 0
        for name, count in zip(source_names(parameter, model.config), rows or (0,), strict=True):
            stored = f"{name.removesuffix('weight')}{kind}" if kind else name
            tensors[transformers_name(stored)] = array[start : start + count] if array.ndim else array
            start += count
    return tensors


def save_quantized(
    source: str | Path, target: str | Path, choose: ChoosePacking, *, floats: mx.Dtype | None = None
) -> None:
    """Copy a checkpoint folder, its matrices quantized.

    Args:
        source: an unquantized checkpoint, under any of the names that can be read. Tokenizer and other files are
            copied along; tensors of towers that this version does not build are kept.
        target: the folder to write; made if need be.
        choose: given a tensor's name and shape, how to pack it, or None to leave it alone. Asked for matrices only.
        floats: format of everything that is not packed, scales included; None leaves it as stored. Codes are chosen
            from the stored values, before this rounding.

    Raises:
        CheckpointError: the source is no sound checkpoint.
    """
    checkpoint = open_checkpoint(source)
    stored: dict[str, mx.array] = {}
    for file in sorted({info.file for info in checkpoint.tensors.values()}):
        stored |= load_lazily(file)
    named = {transformers_name(canonical_name(name)): array for name, array in stored.items()}
    tensors, packings = _pack_chosen(named, choose, floats)
    config = dict(checkpoint.config)
    if packings:
        config["quantization"] = quantization_block(packings)
    write_checkpoint(target, tensors, config)
    for file in checkpoint.folder.iterdir():
        if file.is_file() and file.name != "config.json" and not file.name.endswith(WEIGHT_SUFFIXES):
            shutil.copy2(file, Path(target) / file.name)


def quantization_block(packings: Mapping[str, Packing]) -> dict[str, Any]:
    """config.json's `quantization`: the commonest packing, then each module that differs, by its path in the peers."""
    counts = list(packings.values())
    default = max(set(counts), key=lambda packing: (counts.count(packing), packing.bits))
    overrides = {
        mlx_name(canonical_name(module)): packing.as_config()
        for module, packing in packings.items()
        if packing != default
    }
    return default.as_config() | overrides


def write_checkpoint(
    folder: str | Path, tensors: Mapping[str, mx.array], config: Mapping[str, Any], *, shard_bytes: int = SHARD_BYTES
) -> None:
    """Write config.json and the tensors, in shards with an index where one file would pass `shard_bytes`."""
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config.json").write_text(json.dumps(config, indent=2, sort_keys=True) + "\n", encoding="utf-8")
    shards = _shards(tensors, shard_bytes)
    if len(shards) == 1:
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


def _pack_chosen(
    named: Mapping[str, mx.array], choose: ChoosePacking, floats: mx.Dtype | None
) -> tuple[dict[str, mx.array], dict[str, Packing]]:
    tensors: dict[str, mx.array] = {}
    packings: dict[str, Packing] = {}
    for name, array in named.items():
        packing = choose(name, array.shape) if array.ndim == 2 and name.endswith(".weight") else None
        module = name.removesuffix(".weight")
        if packing is None:
            tensors[name] = _cast(array, floats)
        else:
            packings[module] = packing
            parts = pack(array, packing).parameters()
            tensors |= {f"{module}.{part}": _cast(value, floats) for part, value in parts.items()}
    return tensors, packings


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


def _cast(array: mx.array, floats: mx.Dtype | None) -> mx.array:
    return array if floats is None or not mx.issubdtype(array.dtype, mx.floating) else array.astype(floats)
