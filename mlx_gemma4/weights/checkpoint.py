"""Opens a model folder: its config.json and what its safetensors files hold, without reading a tensor."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mlx_gemma4.protocol.errors import CheckpointError
from mlx_gemma4.weights.foreign_formats import kind_of_weights, refuse_file
from mlx_gemma4.weights.safetensors_header import TensorInfo, read_header

INDEX_NAME = "model.safetensors.index.json"
FAMILY = "gemma4"
FOLDER_HINT = "Give the folder that holds config.json and model.safetensors."
SHARD_NAME = re.compile(r"(?P<stem>.*)-(?P<number>\d{5})-of-(?P<count>\d{5})\.safetensors")


@dataclass(frozen=True)
class Checkpoint:
    """A folder that has been looked at: config and tensor headers are sound, no tensor is read yet.

    Attributes:
        folder: where it lies.
        config: config.json as a plain dict.
        tensors: every stored tensor by its own name.
    """

    folder: Path
    config: Mapping[str, Any]
    tensors: Mapping[str, TensorInfo]

    @property
    def nbytes(self) -> int:
        """Size of all tensors in the files."""
        return sum(info.nbytes for info in self.tensors.values())


def open_checkpoint(folder: str | Path) -> Checkpoint:
    """Look at a model folder.

    Args:
        folder: a folder with config.json and model.safetensors, or shards with their index.

    Returns:
        The folder's config and tensor headers.

    Raises:
        CheckpointError: the folder is missing, holds no Gemma 4, or a file in it is missing or damaged.
    """
    folder = Path(folder)
    if not folder.is_dir():
        if kind_of_weights(folder) and folder.exists():
            raise refuse_file(folder)
        what = "is a file, not a model folder" if folder.exists() else "does not exist"
        raise CheckpointError(f"{folder} {what}.", FOLDER_HINT, code="checkpoint.missing")
    config = _read_config(folder)
    index = _read_json(folder / INDEX_NAME) if (folder / INDEX_NAME).is_file() else None
    files = _weight_files(folder) if index is None else _indexed_files(folder, index)
    tensors = _merge_headers(files)
    if index is not None:
        _check_index(index, tensors)
    return Checkpoint(folder, config, tensors)


def _read_config(folder: Path) -> dict[str, Any]:
    file = folder / "config.json"
    if not file.is_file():
        _refuse_other_formats(folder)
        raise CheckpointError(
            f"{folder} has no config.json, so it is no model folder.", FOLDER_HINT, code="checkpoint.foreign"
        )
    config = _read_json(file)
    model_type = config.get("model_type")
    if not isinstance(model_type, str) or not model_type.startswith(FAMILY):
        raise CheckpointError(
            f"{folder} holds a model of type {model_type!r}, not a Gemma 4.",
            "Choose a folder whose config.json says model_type gemma4.",
            code="checkpoint.foreign",
        )
    return config


def _read_json(file: Path) -> dict[str, Any]:
    try:
        value = json.loads(file.read_text(encoding="utf-8"))
    except (UnicodeDecodeError, json.JSONDecodeError, RecursionError) as problem:
        raise CheckpointError(
            f"{file.name} is not valid JSON ({problem}).", "Download the file again.", code="checkpoint.damaged"
        ) from problem
    if not isinstance(value, dict):
        raise CheckpointError(f"{file.name} does not hold a JSON object.", code="checkpoint.damaged")
    return value


def _weight_files(folder: Path) -> list[Path]:
    """The safetensors files of a folder that has no index."""
    files = sorted(folder.glob("model*.safetensors")) or sorted(folder.glob("*.safetensors"))
    if not files:
        _refuse_other_formats(folder)
        raise CheckpointError(f"{folder} has no safetensors weights.", FOLDER_HINT, code="checkpoint.foreign")
    present = {file.name for file in files}
    for name in sorted(present):
        if shard := SHARD_NAME.fullmatch(name):
            count = int(shard["count"])
            wanted = (f"{shard['stem']}-{i:05d}-of-{count:05d}.safetensors" for i in range(1, count + 1))
            _require_files(folder, [file for file in wanted if file not in present])
    return files


def _indexed_files(folder: Path, index: Mapping[str, Any]) -> list[Path]:
    weight_map = index.get("weight_map")
    if not isinstance(weight_map, dict) or not all(isinstance(file, str) for file in weight_map.values()):
        raise CheckpointError(f"{INDEX_NAME} has no weight_map of names to files.", code="checkpoint.damaged")
    names = sorted(set(weight_map.values()))
    outside = [name for name in names if Path(name).name != name]
    if outside:
        raise CheckpointError(f"{INDEX_NAME} points outside its folder: {outside[0]}.", code="checkpoint.damaged")
    _require_files(folder, [name for name in names if not (folder / name).is_file()])
    return [folder / name for name in names]


def _require_files(folder: Path, missing: list[str]) -> None:
    if missing:
        raise CheckpointError(
            f"{folder} is incomplete: {', '.join(missing)} is missing.",
            "Finish the download.",
            code="checkpoint.missing",
        )


def _merge_headers(files: Iterable[Path]) -> dict[str, TensorInfo]:
    tensors: dict[str, TensorInfo] = {}
    for file in files:
        for info in read_header(file):
            if (first := tensors.setdefault(info.name, info)) is not info:
                raise CheckpointError(
                    f"{info.name} is stored twice, in {first.file.name} and {file.name}.", code="checkpoint.damaged"
                )
    return tensors


def _check_index(index: Mapping[str, Any], tensors: Mapping[str, TensorInfo]) -> None:
    for name, file in index["weight_map"].items():
        if name not in tensors or tensors[name].file.name != file:
            raise CheckpointError(
                f"{INDEX_NAME} places {name} in {file}, but it is not there.", code="checkpoint.damaged"
            )


def _refuse_other_formats(folder: Path) -> None:
    """Raise if the folder holds weights in a format that is not read."""
    for file in sorted(folder.iterdir()):
        if kind_of_weights(file):
            raise refuse_file(file)
