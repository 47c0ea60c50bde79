"""Folders that are no sound Gemma 4 checkpoint are refused with the reason, before anything is allocated."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import mlx.core as mx
import pytest

from mlx_gemma4.protocol.errors import CheckpointError
from mlx_gemma4.weights.checkpoint import INDEX_NAME, open_checkpoint
from mlx_gemma4.weights.loader import load_model
from mlx_gemma4.weights.saving import write_checkpoint


def _edit_header(file: Path, edit: Callable[[dict[str, Any]], None]) -> None:
    raw = file.read_bytes()
    length = int.from_bytes(raw[:8], "little")
    header = json.loads(raw[8 : 8 + length])
    edit(header)
    written = json.dumps(header).encode()
    file.write_bytes(len(written).to_bytes(8, "little") + written + raw[8 + length :])


def _first_tensor(header: dict[str, Any]) -> dict[str, Any]:
    return next(fields for name, fields in header.items() if name != "__metadata__" and len(fields["shape"]) == 2)


def _lie_about_shape(file: Path) -> None:
    _edit_header(file, lambda header: _first_tensor(header).update(shape=[10**9, 10**9]))


def _lie_about_offsets(file: Path) -> None:
    _edit_header(file, lambda header: _first_tensor(header).update(data_offsets=[0, 4], shape=[1]))


def _negative_size(file: Path) -> None:
    _edit_header(file, lambda header: _first_tensor(header).update(shape=[-1, 2]))


def _huge_header_length(file: Path) -> None:
    file.write_bytes((2**62).to_bytes(8, "little") + file.read_bytes()[8:])


def _cut_short(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-1000])


def _trailing_bytes(file: Path) -> None:
    file.write_bytes(file.read_bytes() + b"\0" * 16)


def _header_is_not_json(file: Path) -> None:
    file.write_bytes((4).to_bytes(8, "little") + b"{{{{")


def _tensor_twice(file: Path) -> None:
    entry = '"a":{"dtype":"F32","shape":[],"data_offsets":[0,4]}'
    header = f"{{{entry},{entry}}}".encode()
    file.write_bytes(len(header).to_bytes(8, "little") + header + b"\0" * 4)


DAMAGES = {
    "a shape larger than the file": (_lie_about_shape, "bytes where its shape needs"),
    "offsets that overlap": (_lie_about_offsets, "overlap"),
    "a negative size": (_negative_size, "does not describe"),
    "a header longer than the file": (_huge_header_length, "cut short or no safetensors file"),
    "a truncated file": (_cut_short, "cut short: 1000 of its"),
    "bytes after the end": (_trailing_bytes, "16 bytes follow"),
    "a header that is not JSON": (_header_is_not_json, "not JSON"),
    "a tensor named twice": (_tensor_twice, "names a twice"),
    "an empty file": (lambda file: file.write_bytes(b""), "cut short or no safetensors file"),
    "a Git LFS pointer": (lambda file: file.write_text("version https://git-lfs.github.com/spec/v1\n"), "git lfs pull"),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_weight_file_is_refused_with_its_reason(folder: Path, damage: str) -> None:
    spoil, reason = DAMAGES[damage]
    spoil(folder / "model.safetensors")
    before = mx.get_active_memory()
    with pytest.raises(CheckpointError, match=r"model\.safetensors") as caught:
        load_model(folder)
    assert reason in str(caught.value)
    assert mx.get_active_memory() == before


def test_a_missing_folder_and_a_file_are_told_apart(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match="does not exist"):
        open_checkpoint(tmp_path / "nowhere")
    (tmp_path / "file").touch()
    with pytest.raises(CheckpointError, match="is a file"):
        open_checkpoint(tmp_path / "file")


def test_a_folder_without_config_is_no_model_folder(folder: Path) -> None:
    (folder / "config.json").unlink()
    with pytest.raises(CheckpointError, match=r"has no config\.json"):
        open_checkpoint(folder)


@pytest.mark.parametrize("text", ["{", "[]", "\x00", '{"model_type": ' * 3])
def test_a_config_that_is_no_json_object_is_refused(folder: Path, text: str) -> None:
    (folder / "config.json").write_text(text)
    with pytest.raises(CheckpointError, match=r"config\.json"):
        open_checkpoint(folder)


@pytest.mark.parametrize("model_type", ["llama", None, 4])
def test_another_kind_of_model_is_named_in_the_refusal(
    folder: Path, config: dict[str, Any], model_type: object
) -> None:
    (folder / "config.json").write_text(json.dumps(config | {"model_type": model_type}))
    with pytest.raises(CheckpointError, match="not a Gemma 4") as caught:
        open_checkpoint(folder)
    assert repr(model_type) in str(caught.value)


@pytest.mark.parametrize(("file", "kind"), [("model.gguf", "GGUF"), ("pytorch_model.bin", "PyTorch pickle")])
@pytest.mark.parametrize("has_config", [True, False])
def test_weights_in_another_format_are_named(folder: Path, file: str, kind: str, has_config: bool) -> None:
    (folder / "model.safetensors").rename(folder / file)
    if not has_config:
        (folder / "config.json").unlink()
    with pytest.raises(CheckpointError, match=f"{kind} weights.*only safetensors"):
        open_checkpoint(folder)
    with pytest.raises(CheckpointError, match=f"{file} holds {kind} weights"):
        open_checkpoint(folder / file)


def test_an_unknown_number_format_is_refused(folder: Path) -> None:
    _edit_header(folder / "model.safetensors", lambda header: _first_tensor(header).update(dtype="F4"))
    with pytest.raises(CheckpointError, match="as F4"):
        open_checkpoint(folder)


def test_shards_are_read_through_their_index(
    tmp_path: Path, config: dict[str, Any], weights: dict[str, mx.array]
) -> None:
    write_checkpoint(tmp_path, weights, config, shard_bytes=800_000)
    assert len(list(tmp_path.glob("model-*-of-00004.safetensors"))) == 4
    checkpoint = open_checkpoint(tmp_path)
    assert set(checkpoint.tensors) == set(weights)
    assert checkpoint.nbytes == sum(array.nbytes for array in weights.values())


@pytest.mark.parametrize("keep_index", [True, False])
def test_a_missing_shard_is_named(
    tmp_path: Path, config: dict[str, Any], weights: dict[str, mx.array], keep_index: bool
) -> None:
    write_checkpoint(tmp_path, weights, config, shard_bytes=800_000)
    (tmp_path / "model-00003-of-00004.safetensors").unlink()
    if not keep_index:
        (tmp_path / INDEX_NAME).unlink()
    with pytest.raises(CheckpointError, match=r"model-00003-of-00004\.safetensors is missing"):
        open_checkpoint(tmp_path)


@pytest.mark.parametrize(
    ("weight_map", "reason"),
    [
        ({"a": "../elsewhere.safetensors"}, "outside its folder"),
        ({"never.stored": "model.safetensors"}, r"places never\.stored"),
        (["model.safetensors"], "no weight_map"),
    ],
)
def test_an_index_that_lies_is_refused(folder: Path, weight_map: object, reason: str) -> None:
    (folder / INDEX_NAME).write_text(json.dumps({"weight_map": weight_map}))
    with pytest.raises(CheckpointError, match=reason):
        open_checkpoint(folder)


def test_a_tensor_stored_in_two_files_is_refused(folder: Path) -> None:
    (folder / "model-copy.safetensors").write_bytes((folder / "model.safetensors").read_bytes())
    with pytest.raises(CheckpointError, match="stored twice"):
        open_checkpoint(folder)
