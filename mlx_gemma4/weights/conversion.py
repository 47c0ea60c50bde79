"""Copies of checkpoint folders, quantized or unquantized, under transformers' tensor names."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import mlx.core as mx

from mlx_gemma4.protocol.errors import CheckpointError
from mlx_gemma4.weights.checkpoint import Checkpoint, open_checkpoint
from mlx_gemma4.weights.key_map import canonical_name, mlx_name, transformers_name
from mlx_gemma4.weights.parameters import load_lazily
from mlx_gemma4.weights.quantization import Matrix, Packing, QuantizationBlock, pack, packing_of, unpack
from mlx_gemma4.weights.saving import write_checkpoint

ChoosePacking = Callable[[str, tuple[int, ...]], Packing | None]
WEIGHT_SUFFIXES = (".safetensors", ".safetensors.index.json", ".gguf", ".bin", ".pt", ".pth", ".ckpt")


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
        CheckpointError: the source is no sound checkpoint, or also the target.
    """
    checkpoint = _open_source(source, target)
    tensors, packings = _pack_chosen(_named_tensors(checkpoint), choose, floats)
    config = dict(checkpoint.config)
    if packings:
        config["quantization"] = quantization_block(packings)
    write_checkpoint(target, tensors, config)
    _copy_other_files(checkpoint.folder, Path(target))


def save_unquantized(source: str | Path, target: str | Path, *, floats: mx.Dtype = mx.float32) -> None:
    """Copy a checkpoint folder with the values that its quantized matrices stand for, as transformers can read it.

    Args:
        source: a checkpoint with or without quantized matrices.
        target: the folder to write; made if need be.
        floats: the format of all its tensors.

    Raises:
        CheckpointError: the source is no sound checkpoint, or also the target, or not packed as its config says.
    """
    checkpoint = _open_source(source, target)
    block = QuantizationBlock.from_config(checkpoint.config)
    named = _named_tensors(checkpoint)
    tensors: dict[str, mx.array] = {}
    for name, array in named.items():
        module = name.rpartition(".")[0]
        if f"{module}.scales" not in named:
            tensors[name] = _cast(array, floats)
        elif name.endswith(".weight"):
            parts = [named.get(f"{module}.{part}") for part in ("weight", "scales", "biases")]
            tensors[name] = _cast(_unpack_declared(canonical_name(module), parts, block), floats)
    config = {key: value for key, value in checkpoint.config.items() if not key.startswith("quantization")}
    write_checkpoint(target, tensors, config | {"dtype": str(floats).rpartition(".")[2]})
    _copy_other_files(checkpoint.folder, Path(target))


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


def _unpack_declared(module: str, parts: Sequence[mx.array | None], block: QuantizationBlock) -> mx.array:
    """The values of a matrix whose width only config.json tells."""
    weight, scales, biases = parts
    assert weight is not None and scales is not None
    columns = scales.shape[1] * block.group_size(module)
    packing = packing_of(columns, weight.shape[1], scales.shape[1], block.mode(module))
    if packing is None:
        raise CheckpointError(f"{module} is not packed as config.json says.", code="checkpoint.quantization")
    return unpack(Matrix(weight, scales, biases, packing))


def _open_source(source: str | Path, target: str | Path) -> Checkpoint:
    """Open the source, whose files are read while the target's are written, so they cannot be the same."""
    checkpoint = open_checkpoint(source)
    if checkpoint.folder.resolve() == Path(target).resolve():
        raise CheckpointError(f"{source} cannot be converted in place.", "Name another folder to write to.")
    return checkpoint


def _named_tensors(checkpoint: Checkpoint) -> dict[str, mx.array]:
    """All tensors of a checkpoint, unread, under transformers' names."""
    stored: dict[str, mx.array] = {}
    for file in sorted({info.file for info in checkpoint.tensors.values()}):
        stored |= load_lazily(file)
    return {transformers_name(canonical_name(name)): array for name, array in stored.items()}


def _copy_other_files(source: Path, target: Path) -> None:
    """Tokenizer, templates and whatever else lies beside the weights."""
    for file in source.iterdir():
        if file.is_file() and file.name != "config.json" and not file.name.endswith(WEIGHT_SUFFIXES):
            shutil.copy2(file, target / file.name)


def _cast(array: mx.array, floats: mx.Dtype | None) -> mx.array:
    return array if floats is None or not mx.issubdtype(array.dtype, mx.floating) else array.astype(floats)
