"""Every tensor that is missing, unexplained or misshapen is named in one error."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import mlx.core as mx
import pytest

from mlx_gemma4.protocol.errors import CheckpointError
from mlx_gemma4.weights.loader import load_model
from mlx_gemma4.weights.plan import TensorMismatch
from mlx_gemma4.weights.quantization import Packing, pack
from mlx_gemma4.weights.saving import write_checkpoint

LAYER = "model.language_model.layers"


def test_all_problems_are_named_at_once(tmp_path: Path, config: dict[str, Any], weights: dict[str, mx.array]) -> None:
    del weights["model.language_model.norm.weight"]
    for layer in (1, 2, 3):
        del weights[f"{LAYER}.{layer}.mlp.up_proj.weight"]
    weights["model.language_model.extra.weight"] = mx.ones((2,))
    weights[f"{LAYER}.0.self_attn.q_proj.weight"] = mx.ones((48, 64))
    weights[f"{LAYER}.0.self_attn.k_proj.weight"] = mx.ones((32, 64))  # the rows add up all the same
    weights[f"{LAYER}.5.layer_scalar"] = mx.array([1])
    write_checkpoint(tmp_path, weights, config)
    before = mx.get_active_memory()
    with pytest.raises(TensorMismatch) as caught:
        load_model(tmp_path)
    problem = caught.value
    assert set(problem.missing) == {
        "language_model.norm.weight",
        *(f"language_model.layers.{layer}.mlp.up_proj.weight" for layer in (1, 2, 3)),
    }
    assert problem.unused == ("language_model.extra.weight",)
    assert set(problem.misshapen) == {
        f"{LAYER}.0.self_attn.q_proj.weight",
        f"{LAYER}.0.self_attn.k_proj.weight",
        f"{LAYER}.5.layer_scalar",
    }
    for words in ("language_model.layers.{1-3}.mlp.up_proj.weight", "extra", "F32 [48, 64], not [64, 64]", "I32 [1]"):
        assert words in str(problem)
    assert mx.get_active_memory() - before < 10_000  # the model's scalar constants; its parameters take 2.5 MB


def test_unused_keys_and_values_of_borrowing_layers_are_harmless(
    tmp_path: Path, config: dict[str, Any], weights: dict[str, mx.array]
) -> None:
    for layer in range(5, 10):
        head_dim = 32 if layer == 9 else 16
        packed = pack(mx.ones((head_dim, 64)), Packing(4, 32)).parameters()
        weights |= {f"{LAYER}.{layer}.self_attn.k_proj.{part}": array for part, array in packed.items()}
        weights[f"{LAYER}.{layer}.self_attn.v_proj.weight"] = mx.ones((head_dim, 64))
        weights[f"{LAYER}.{layer}.self_attn.k_norm.weight"] = mx.ones((head_dim,))
    write_checkpoint(tmp_path, weights, config)
    _, report = load_model(tmp_path)
    assert [len(names) for names in report.ignored.values()] == [25]


def test_the_same_tensors_in_an_owning_layer_are_not(
    tmp_path: Path, config: dict[str, Any], weights: dict[str, mx.array]
) -> None:
    weights[f"{LAYER}.4.self_attn.v_norm.weight"] = mx.ones((32,))
    write_checkpoint(tmp_path, weights, config)
    with pytest.raises(TensorMismatch, match=r"layers\.4\.self_attn\.v_norm\.weight"):
        load_model(tmp_path)


def test_audio_tensors_of_which_the_config_does_not_speak_are_left_unread_and_reported(
    tmp_path: Path, config: dict[str, Any], weights: dict[str, mx.array]
) -> None:
    write_checkpoint(tmp_path, weights, config | {"audio_config": None})
    model, report = load_model(tmp_path)
    heard = [name for name in weights if "audio" in name]
    assert [len(names) for reason, names in report.ignored.items() if reason.startswith("audio tower")] == [len(heard)]
    assert model.audio is None and not report.absent


def test_a_checkpoint_without_any_picture_tensor_loads_as_text(
    tmp_path: Path, config: dict[str, Any], weights: dict[str, mx.array]
) -> None:
    write_checkpoint(tmp_path, {name: array for name, array in weights.items() if "vision" not in name}, config)
    model, report = load_model(tmp_path)
    assert report.absent == ("vision",)
    assert model.vision is None


def test_half_a_picture_tower_is_an_error(tmp_path: Path, config: dict[str, Any], weights: dict[str, mx.array]) -> None:
    del weights["model.embed_vision.embedding_projection.weight"]
    write_checkpoint(tmp_path, weights, config)
    with pytest.raises(TensorMismatch, match=r"missing: embed_vision\.embedding_projection\.weight"):
        load_model(tmp_path)


def test_codes_that_fit_no_packing_are_misshapen(
    tmp_path: Path, config: dict[str, Any], weights: dict[str, mx.array]
) -> None:
    name = f"{LAYER}.0.mlp.down_proj"
    packed = pack(weights.pop(f"{name}.weight"), Packing(4, 32)).parameters()
    weights |= {f"{name}.{part}": array for part, array in packed.items()}
    weights[f"{name}.scales"] = mx.ones((64, 5))
    write_checkpoint(tmp_path, weights, config)
    with pytest.raises(TensorMismatch, match=r"U32 \[64, 12\], F32 \[64, 5\].*no packed form of \[64, 96\]"):
        load_model(tmp_path)


def test_affine_codes_without_biases_are_incomplete(
    tmp_path: Path, config: dict[str, Any], weights: dict[str, mx.array]
) -> None:
    name = f"{LAYER}.0.mlp.down_proj"
    packed = pack(weights.pop(f"{name}.weight"), Packing(4, 32)).parameters()
    weights |= {f"{name}.{part}": packed[part] for part in ("weight", "scales")}
    write_checkpoint(tmp_path, weights, config)
    with pytest.raises(TensorMismatch, match=r"missing: language_model\.layers\.0\.mlp\.down_proj\.biases"):
        load_model(tmp_path)


def test_one_tensor_under_two_dialects_is_refused(
    tmp_path: Path, config: dict[str, Any], weights: dict[str, mx.array]
) -> None:
    weights["language_model.model.norm.weight"] = weights["model.language_model.norm.weight"]
    write_checkpoint(tmp_path, weights, config)
    with pytest.raises(CheckpointError, match="are the same tensor"):
        load_model(tmp_path)
