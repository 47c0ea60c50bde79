"""`convert` protects what suffers from few bits, and says clearly what cannot be done."""

from __future__ import annotations

import errno
import json
import shutil
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import mlx.core as mx
import pytest

from mlx_gemma4.protocol.errors import CheckpointError, PrismError
from mlx_gemma4.weights.checkpoint import open_checkpoint
from mlx_gemma4.weights.conversion import plan_quantized
from mlx_gemma4.weights.loader import load_model
from mlx_gemma4.weights.parameters import load_lazily
from mlx_gemma4.weights.quantization import Packing
from mlx_gemma4.weights.recipe import protecting, read_packing
from mlx_gemma4.weights.saving import write_checkpoint

LAYER = "model.language_model.layers.3"


def _convert(source: Path, target: Path, packing: Packing) -> Path:
    for _ in plan_quantized(source, target, protecting(packing)).write_new():
        pass
    return target


@pytest.mark.parametrize(
    ("name", "columns", "packing"),
    [
        (f"{LAYER}.mlp.up_proj.weight", 1536, Packing(4, 64)),
        (f"{LAYER}.experts.switch_glu.down_proj.weight", 704, Packing(4, 64)),
        (f"{LAYER}.mlp.up_proj.weight", 96, Packing(4, 32)),
        (f"{LAYER}.mlp.up_proj.weight", 100, None),
        ("model.language_model.embed_tokens.weight", 1536, Packing(4, 64)),
        ("model.language_model.embed_tokens_per_layer.weight", 8960, Packing(8, 64)),
        ("model.language_model.per_layer_model_projection.weight", 1536, Packing(8, 64)),
        (f"{LAYER}.per_layer_input_gate.weight", 1536, Packing(8, 64)),
        (f"{LAYER}.per_layer_projection.weight", 256, Packing(8, 64)),
        (f"{LAYER}.router.proj.weight", 2816, Packing(8, 64)),
        ("model.embed_tokens.weight", 1536, Packing(4, 64)),
        ("model.layers.3.mlp.up_proj.weight", 1536, Packing(4, 64)),
        ("model.vision_tower.encoder.layers.3.mlp.up_proj.linear.weight", 1536, None),
        ("model.embed_vision.embedding_projection.weight", 1536, None),
        ("model.embed_audio.embedding_projection.weight", 1536, None),
        ("model.vision_embedder.patch_dense.weight", 6912, None),
    ],
)
def test_towers_router_and_per_layer_embeddings_are_protected(name: str, columns: int, packing: Packing | None) -> None:
    assert protecting(Packing(4, 64))(name, (8, columns)) == packing


def test_what_is_protected_has_eight_affine_bits_beside_block_floats() -> None:
    choose = protecting(Packing(4, 16, "nvfp4"))
    assert choose(f"{LAYER}.router.proj.weight", (8, 128)) == Packing(8, 64)
    assert choose(f"{LAYER}.mlp.up_proj.weight", (8, 128)) == Packing(4, 16, "nvfp4")
    assert choose(f"{LAYER}.mlp.up_proj.weight", (8, 24)) is None


@pytest.mark.parametrize(
    ("asked", "packing"),
    [
        ({}, Packing(4, 64)),
        ({"bits": 8, "group_size": 32}, Packing(8, 32)),
        ({"mode": "mxfp4"}, Packing(4, 32, "mxfp4")),
        ({"mode": "mxfp8", "bits": 8}, Packing(8, 32, "mxfp8")),
        ({"mode": "nvfp4", "group_size": 16}, Packing(4, 16, "nvfp4")),
    ],
)
def test_what_is_left_out_comes_from_the_mode(asked: dict[str, Any], packing: Packing) -> None:
    assert read_packing(**asked) == packing


@pytest.mark.parametrize(
    ("asked", "reason"),
    [
        ({"bits": 5}, "to 5 bits"),
        ({"group_size": 48}, "no groups of 48"),
        ({"mode": "mxfp4", "bits": 8}, "mxfp4 always has 4 bits in groups of 32"),
        ({"mode": "q4_0"}, "'q4_0'"),
    ],
)
def test_what_does_not_go_together_is_refused(asked: dict[str, Any], reason: str) -> None:
    with pytest.raises(PrismError, match=reason):
        read_packing(**asked)


def test_keys_and_values_that_nobody_uses_are_left_out(
    tmp_path: Path, config: dict[str, Any], weights: dict[str, mx.array]
) -> None:
    weights["model.language_model.layers.9.self_attn.k_proj.weight"] = mx.ones((32, 64))
    write_checkpoint(tmp_path / "all", weights, config)
    target = _convert(tmp_path / "all", tmp_path / "packed", Packing(8, 32))
    names = open_checkpoint(target).tensors
    assert not any("layers.9.self_attn.k_proj" in name for name in names)
    assert len([name for name in names if name.endswith(".scales")]) == 83


def test_norms_towers_and_scalars_come_back_bit_by_bit(
    folder: Path, tmp_path: Path, weights: dict[str, mx.array]
) -> None:
    target = _convert(folder, tmp_path / "packed", Packing(4, 32))
    stored = load_lazily(target / "model.safetensors")
    kept = [name for name in weights if f"{name.removesuffix('weight')}scales" not in stored]
    assert any("vision_tower" in name for name in kept)
    assert any("layernorm" in name for name in kept)
    assert all(mx.array_equal(stored[name], weights[name]) for name in kept)


def test_rows_are_read_and_written_a_few_at_a_time(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = _convert(folder, tmp_path / "whole", Packing(4, 32))
    monkeypatch.setattr("mlx_gemma4.weights.row_blocks.BLOCK_BYTES", 1000)
    parts = _convert(folder, tmp_path / "parts", Packing(4, 32))
    assert (parts / "model.safetensors").read_bytes() == (whole / "model.safetensors").read_bytes()


def test_memory_does_not_grow_with_the_checkpoint(
    tmp_path: Path, config: dict[str, Any], weights: dict[str, mx.array], monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = 40_000  # a table of 10 MB beside blocks of 100 kB
    config["text_config"]["vocab_size"] = rows
    weights["model.language_model.embed_tokens.weight"] = mx.random.normal((rows, 64))
    write_checkpoint(tmp_path / "big", weights, config)
    monkeypatch.setattr("mlx_gemma4.weights.row_blocks.BLOCK_BYTES", 100_000)
    copy = plan_quantized(tmp_path / "big", tmp_path / "packed", protecting(Packing(4, 32)))
    mx.clear_cache()
    before = mx.get_active_memory()
    mx.reset_peak_memory()
    for _ in copy.write_new():
        pass
    assert mx.get_peak_memory() - before < 1_000_000
    load_model(tmp_path / "packed")


def test_shards_have_an_index_and_stay_under_their_limit(folder: Path, tmp_path: Path) -> None:
    copy = plan_quantized(folder, tmp_path / "packed", protecting(Packing(8, 32)))
    assert sum(copy.write(300_000)) == copy.nbytes
    index = json.loads((tmp_path / "packed" / "model.safetensors.index.json").read_text())
    assert index["metadata"]["total_size"] == copy.nbytes
    assert len(set(index["weight_map"].values())) > 2
    assert all(file.stat().st_size < 330_000 for file in (tmp_path / "packed").glob("*.safetensors"))
    load_model(tmp_path / "packed")


def test_nothing_is_overwritten(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "packed").mkdir()
    with pytest.raises(CheckpointError, match="packed exists already"):
        _convert(folder, tmp_path / "packed", Packing(4, 32))
    with pytest.raises(CheckpointError, match=r"nowhere does not exist\. Make it first"):
        _convert(folder, tmp_path / "nowhere" / "packed", Packing(4, 32))


def test_a_full_disk_is_noticed_before_anything_is_written(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=100_100_000))
    with pytest.raises(CheckpointError, match=r"takes 0\.0 GB, and 0\.1 GB are free\. Make room"):
        _convert(folder, tmp_path / "packed", Packing(4, 32))
    assert {path.name for path in tmp_path.iterdir()} == {"model"}


def test_a_conversion_that_breaks_off_leaves_nothing(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(shutil, "copy2", full)
    (folder / "tokenizer.json").write_text("{}")
    with pytest.raises(CheckpointError, match="packed cannot be written: No space left on device"):
        _convert(folder, tmp_path / "packed", Packing(4, 32))
    assert {path.name for path in tmp_path.iterdir()} == {"model"}
    copy = plan_quantized(folder, tmp_path / "packed", protecting(Packing(4, 32))).write_new()
    next(copy)
    copy.close()
    assert {path.name for path in tmp_path.iterdir()} == {"model"}
