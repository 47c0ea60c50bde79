"""Quantized copies of a folder keep transformers' names, say how each module is packed, and lose nothing."""

from __future__ import annotations

import json
from pathlib import Path

import mlx.core as mx

from mlx_gemma4.weights.checkpoint import open_checkpoint
from mlx_gemma4.weights.quantization import Packing
from mlx_gemma4.weights.saving import quantization_block, save_quantized


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
