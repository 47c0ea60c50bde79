"""Quantized copies of a folder keep transformers' names, say how each module is packed, and lose nothing."""

from __future__ import annotations

import json
from pathlib import Path

import mlx.core as mx
import pytest

from mlx_gemma4.protocol.errors import CheckpointError
from mlx_gemma4.weights.checkpoint import open_checkpoint
from mlx_gemma4.weights.conversion import quantization_block, save_quantized, save_unquantized
from mlx_gemma4.weights.loader import load_model
from mlx_gemma4.weights.number_policy import NumberPolicy
from mlx_gemma4.weights.parameters import flat_parameters
from mlx_gemma4.weights.quantization import Packing
from mlx_gemma4.weights.saving import write_checkpoint


def _text_only(name: str, shape: tuple[int, ...]) -> Packing | None:
    if "language_model" not in name:
        return None
    return Packing(4, 32) if "mlp" in name else Packing(8, 32)


def test_the_config_says_how_each_module_is_packed(folder: Path, tmp_path: Path) -> None:
    save_quantized(folder, tmp_path / "packed", _text_only)
    block = json.loads((tmp_path / "packed" / "config.json").read_text())["quantization"]
    assert (block["bits"], block["group_size"], block["mode"]) == (8, 32, "affine")
    assert block["language_model.model.layers.0.mlp.up_proj"] == {"bits": 4, "group_size": 32, "mode": "affine"}
    assert len(block) == 3 + 3 * 10


def test_names_and_other_files_are_kept(folder: Path, tmp_path: Path) -> None:
    (folder / "tokenizer.json").write_text("{}")
    (folder / "model.gguf").write_text("not wanted")
    save_quantized(folder, tmp_path / "packed", _text_only, floats=mx.bfloat16)
    packed, plain = open_checkpoint(tmp_path / "packed").tensors, open_checkpoint(folder).tensors
    assert plain.keys() <= packed.keys()
    assert {info.dtype for info in packed.values()} == {"U32", "BF16"}
    assert sorted(path.name for path in (tmp_path / "packed").iterdir()) == [
        "config.json",
        "model.safetensors",
        "tokenizer.json",
    ]


def test_the_commonest_packing_is_the_default() -> None:
    packings = {"a": Packing(8, 64), "b": Packing(4, 64), "c": Packing(4, 64)}
    block = quantization_block(packings)
    assert block == Packing(4, 64).as_config() | {"a": Packing(8, 64).as_config()}


def test_an_unquantized_copy_has_the_values_of_the_quantized_one(folder: Path, tmp_path: Path) -> None:
    save_quantized(folder, tmp_path / "packed", _text_only, floats=mx.bfloat16)
    save_unquantized(tmp_path / "packed", tmp_path / "values")
    assert "quantization" not in open_checkpoint(tmp_path / "values").config
    assert {info.dtype for info in open_checkpoint(tmp_path / "values").tensors.values()} == {"F32"}
    policy = NumberPolicy(floats=mx.float32, keep_quantized=False)
    values, packed = (flat_parameters(load_model(tmp_path / name, policy)[0]) for name in ("values", "packed"))
    table = "text.per_layer_embeddings.table."
    assert all(mx.array_equal(values[path], packed[path]) for path in values if not path.startswith(table))


def test_what_the_config_says_wrongly_about_codes_changes_nothing(folder: Path, tmp_path: Path) -> None:
    save_quantized(folder, tmp_path / "packed", _text_only)
    expected = flat_parameters(load_model(tmp_path / "packed")[0])
    file = tmp_path / "packed" / "config.json"
    config = json.loads(file.read_text())
    config["quantization"] = {"group_size": 48, "bits": 2, "mode": "mxfp4"}
    file.write_text(json.dumps(config))
    found = flat_parameters(load_model(tmp_path / "packed")[0])
    assert all(mx.array_equal(found[path], expected[path]) for path in expected)


def test_a_quantized_checkpoint_is_not_quantized_again(folder: Path, tmp_path: Path) -> None:
    save_quantized(folder, tmp_path / "packed", _text_only)
    with pytest.raises(CheckpointError, match="quantized already"):
        save_quantized(tmp_path / "packed", tmp_path / "again", _text_only)


def test_a_folder_is_not_converted_in_place(folder: Path) -> None:
    with pytest.raises(CheckpointError, match="in place"):
        save_quantized(folder, folder / ".." / "model", _text_only)


def test_one_file_replaces_an_earlier_index(
    tmp_path: Path, config: dict[str, object], weights: dict[str, mx.array]
) -> None:
    write_checkpoint(tmp_path, weights, config, shard_bytes=800_000)
    for shard in tmp_path.glob("*.safetensors"):
        shard.unlink()
    write_checkpoint(tmp_path, weights, config)
    assert open_checkpoint(tmp_path).tensors.keys() == weights.keys()
