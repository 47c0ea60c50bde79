"""A model saved under transformers' names loads to the same function, in every number format."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import mlx.core as mx
import numpy as np
import pytest
from mlx import nn

from mlx_gemma4.model.gemma4 import Gemma4
from mlx_gemma4.weights.conversion import save_quantized
from mlx_gemma4.weights.loader import load_model
from mlx_gemma4.weights.number_policy import NumberPolicy
from mlx_gemma4.weights.parameters import flat_parameters
from mlx_gemma4.weights.quantization import Packing, pack, unpack
from mlx_gemma4.weights.saving import transformers_tensors, write_checkpoint
from tests.parity.tiny_checkpoints import make_picture, make_token_ids

STORED = NumberPolicy(floats=None, keep_quantized=True)  # what a GPU computes in
FLOAT32 = NumberPolicy(floats=mx.float32, keep_quantized=False)  # what a CPU computes in
PACKED_FLOAT32 = NumberPolicy(floats=mx.float32, keep_quantized=True)

Choose = Callable[[str, tuple[int, ...]], Packing | None]


def _uniform(bits: int) -> Choose:
    return lambda name, shape: Packing(bits, 32)


def _mixed(name: str, shape: tuple[int, ...]) -> Packing | None:
    """Values at 6 bits, gates at 8 and in larger groups, the picture tower and one key projection not at all."""
    if "vision" in name or name.endswith("layers.2.self_attn.k_proj.weight"):
        return None
    if "v_proj" in name:
        return Packing(6, 32)
    return Packing(8, 64) if "gate_proj" in name else Packing(4, 32)


def _logits(model: Gemma4) -> np.ndarray:
    return np.array(model.logits(make_token_ids(20)).astype(mx.float32))


def _soft_tokens(model: Gemma4) -> np.ndarray:
    picture = make_picture(6, 3)
    soft = model.encode_picture(mx.array(picture.patches_P768), mx.array(picture.positions_P2))
    return np.array(soft.astype(mx.float32))


def _dequantized(weights: dict[str, mx.array], choose: Choose) -> dict[str, mx.array]:
    """The values that a checkpoint quantized this way stands for."""
    values = dict(weights)
    for name, array in weights.items():
        if array.ndim == 2 and (packing := choose(name, array.shape)) is not None:
            values[name] = unpack(pack(array, packing))
    return values


def test_float32_comes_back_bit_by_bit(folder: Path, weights: dict[str, mx.array], tmp_path: Path) -> None:
    model, report = load_model(folder)
    again = transformers_tensors(model)
    assert again.keys() == weights.keys()
    assert all(mx.array_equal(again[name], weights[name]) for name in weights)
    assert report.tensors == len(weights)
    assert report.nbytes == sum(array.nbytes for array in weights.values())
    assert not report.ignored
    assert not report.absent


def test_a_saved_model_loads_to_equal_logits(folder: Path, tmp_path: Path, config: dict[str, Any]) -> None:
    model, _ = load_model(folder)
    write_checkpoint(tmp_path / "again", transformers_tensors(model), config, shard_bytes=500_000)
    again, _ = load_model(tmp_path / "again")
    np.testing.assert_array_equal(_logits(again), _logits(model))
    np.testing.assert_array_equal(_soft_tokens(again), _soft_tokens(model))


@pytest.mark.parametrize("stored", [mx.bfloat16, mx.float16])
def test_sixteen_bit_weights_are_computed_in_float32_on_the_cpu(
    tmp_path: Path, config: dict[str, Any], weights: dict[str, mx.array], stored: mx.Dtype
) -> None:
    rounded = {name: array.astype(stored) for name, array in weights.items()}
    write_checkpoint(tmp_path / "short", rounded, config)
    write_checkpoint(tmp_path / "long", {name: array.astype(mx.float32) for name, array in rounded.items()}, config)
    short, _ = load_model(tmp_path / "short", FLOAT32)
    long, _ = load_model(tmp_path / "long", FLOAT32)
    dtypes = {path: array.dtype for path, array in flat_parameters(short).items()}
    assert dtypes.pop("text.per_layer_embeddings.table.weight") == stored  # gathered: only rows in use are converted
    assert set(dtypes.values()) == {mx.float32}
    np.testing.assert_array_equal(_logits(short), _logits(long))


@pytest.mark.parametrize("stored", [mx.bfloat16, mx.float16, mx.float32])
def test_elsewhere_floats_stay_as_stored_but_float16_becomes_bfloat16(
    tmp_path: Path, config: dict[str, Any], weights: dict[str, mx.array], stored: mx.Dtype
) -> None:
    write_checkpoint(tmp_path, {name: array.astype(stored) for name, array in weights.items()}, config)
    model, _ = load_model(tmp_path, STORED)
    wanted = mx.bfloat16 if stored == mx.float16 else stored
    dtypes = {path: array.dtype for path, array in flat_parameters(model).items()}
    assert dtypes.pop("text.per_layer_embeddings.table.weight") == stored
    assert set(dtypes.values()) == {wanted}
    reference, _ = load_model(tmp_path, FLOAT32)
    assert np.abs(_soft_tokens(model) - _soft_tokens(reference)).max() < (1e-6 if wanted == mx.float32 else 0.2)


@pytest.mark.parametrize("choose", [_uniform(8), _uniform(4), _mixed], ids=["8 bits", "4 bits", "mixed"])
@pytest.mark.parametrize("policy", [FLOAT32, PACKED_FLOAT32], ids=["unpacked", "packed"])
def test_quantized_weights_are_the_function_of_their_dequantized_values(
    folder: Path,
    tmp_path: Path,
    config: dict[str, Any],
    weights: dict[str, mx.array],
    choose: Choose,
    policy: NumberPolicy,
) -> None:
    save_quantized(folder, tmp_path / "packed", choose)
    write_checkpoint(tmp_path / "values", _dequantized(weights, choose), config)
    packed, report = load_model(tmp_path / "packed", policy)
    values, _ = load_model(tmp_path / "values", FLOAT32)
    tolerance = 0 if policy is FLOAT32 else 1e-4
    np.testing.assert_allclose(_logits(packed), _logits(values), rtol=0, atol=tolerance)
    np.testing.assert_allclose(_soft_tokens(packed), _soft_tokens(values), rtol=0, atol=tolerance)
    if policy is FLOAT32:
        assert set(report.packed) == {"text.per_layer_embeddings.table"}


def test_joined_rows_stay_packed_also_where_their_parts_differ(folder: Path, tmp_path: Path) -> None:
    save_quantized(folder, tmp_path / "packed", _mixed)
    model, report = load_model(tmp_path / "packed", PACKED_FLOAT32)
    attention = [layer.attention for layer in model.text.layers[:5]]
    assert [type(layer.qkv_proj) for layer in attention] == [
        nn.Linear if number == 2 else nn.QuantizedLinear for number in range(5)
    ]
    assert report.packed["text.layers.0.attention.qkv_proj"] == Packing(8, 32)
    assert report.packed["text.layers.0.feed_forward.gate_up_proj"] == Packing(8, 32)
    assert report.packed["text.layers.0.feed_forward.down_proj"] == Packing(4, 32)
    assert len([name for name in report.rewritten if name.endswith("qkv_proj")]) == 5
    assert isinstance(model.text.embed_tokens, nn.QuantizedEmbedding)


def test_the_per_layer_table_stays_packed_with_float32_scales_on_the_cpu(folder: Path, tmp_path: Path) -> None:
    save_quantized(folder, tmp_path / "packed", _uniform(8), floats=mx.bfloat16)
    model, report = load_model(tmp_path / "packed", NumberPolicy.for_device(mx.Device(mx.cpu)))
    assert report.packed == {"text.per_layer_embeddings.table": Packing(8, 32)}
    table = model.text.per_layer_embeddings.table
    assert table.scales.dtype == table.biases.dtype == mx.float32
    others = {path: array.dtype for path, array in flat_parameters(model).items() if "table.weight" not in path}
    assert set(others.values()) == {mx.float32}


@pytest.mark.parametrize("mode", ["mxfp4", "mxfp8"])
def test_block_floats_are_read_too(
    folder: Path, tmp_path: Path, config: dict[str, Any], weights: dict[str, mx.array], mode: str
) -> None:
    def choose(name: str, shape: tuple[int, ...]) -> Packing:
        return Packing(4 if mode == "mxfp4" else 8, 32, mode)

    save_quantized(folder, tmp_path / "packed", choose)
    write_checkpoint(tmp_path / "values", _dequantized(weights, choose), config)
    packed, _ = load_model(tmp_path / "packed", FLOAT32)
    values, _ = load_model(tmp_path / "values", FLOAT32)
    np.testing.assert_allclose(_logits(packed), _logits(values), rtol=0, atol=2e-2)


def test_loading_holds_no_more_than_the_model_and_one_parameter(folder: Path) -> None:
    mx.clear_cache()
    before = mx.get_active_memory()
    mx.reset_peak_memory()
    model, report = load_model(folder)
    largest = max(array.nbytes for array in flat_parameters(model).values())
    assert mx.get_active_memory() - before < 1.05 * report.nbytes
    assert mx.get_peak_memory() - before < 1.05 * (report.nbytes + 2 * largest)


def test_the_span_of_the_audio_tower_is_switched_at_load(folder: Path) -> None:
    features, heard = mx.random.normal((80, 128), key=mx.random.key(1)), []
    for wide in (False, True):
        model, _ = load_model(folder, FLOAT32, wide_audio_span=wide)
        assert model.audio is not None and model.audio.config.sees_context_left is wide
        heard.append(np.array(model.encode_sound(features)))
    change = np.abs(heard[0] - heard[1]).max(axis=1)
    assert (change[:12] == 0).all() and (change[12:] > 0).all()
