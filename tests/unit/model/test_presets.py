"""The published sizes, built in full but never computed."""

from __future__ import annotations

import dataclasses

import mlx.core as mx
import numpy as np
import pytest
from mlx.utils import tree_flatten

from mlx_gemma4.model.config import Gemma4Config
from mlx_gemma4.model.gemma4 import Gemma4
from mlx_gemma4.model.presets import A4B_26B, DENSE_31B, E2B, E4B, UNIFIED_12B
from mlx_gemma4.model.soft_token_merge import SoftTokens

SIZES = {"E2B": E2B, "E4B": E4B, "12B": UNIFIED_12B, "26B-A4B": A4B_26B, "31B": DENSE_31B}
each_size = pytest.mark.parametrize("config", SIZES.values(), ids=SIZES.keys())


def sizes_of(config: Gemma4Config) -> dict[str, int]:
    """How many numbers each parameter of a model has, by its path."""
    return {path: array.size for path, array in tree_flatten(Gemma4(config).parameters())}


@pytest.mark.parametrize(
    ("config", "text", "vision", "embedding"),
    [
        (E2B, 4.629e9, 167.4e6, 0.403e9),
        (E4B, 7.463e9, 167.4e6, 0.671e9),
        (UNIFIED_12B, 11.907e9, 35.18e6, 1.007e9),
        (A4B_26B, 25.233e9, 569.6e6, 0.738e9),
        (DENSE_31B, 30.697e9, 569.6e6, 1.409e9),
    ],
    ids=SIZES.keys(),
)
def test_parameters_add_up_to_the_published_totals(
    config: Gemma4Config, text: float, vision: float, embedding: float
) -> None:
    sizes = sizes_of(config)
    assert sum(size for path, size in sizes.items() if path.startswith("text.")) == pytest.approx(text, rel=2e-4)
    assert sum(size for path, size in sizes.items() if path.startswith("vision.")) == pytest.approx(vision, rel=5e-4)
    assert sizes["text.embed_tokens.weight"] == pytest.approx(embedding, rel=2e-3)


@pytest.mark.parametrize(
    ("config", "total"),
    [(E2B, 5.104e9), (E4B, 7.941e9), (UNIFIED_12B, 11.960e9), (A4B_26B, 25.806e9), (DENSE_31B, 31.273e9)],
    ids=SIZES.keys(),
)
def test_all_models_add_up_with_their_senses_and_projectors(config: Gemma4Config, total: float) -> None:
    assert sum(sizes_of(config).values()) == pytest.approx(total, rel=1e-4)


@pytest.mark.parametrize("config", [E2B, E4B], ids=["E2B", "E4B"])
def test_the_audio_tower_has_its_published_size(config: Gemma4Config) -> None:
    audio = sum(size for path, size in sizes_of(config).items() if path.startswith("audio."))
    assert audio == pytest.approx(304.8e6, rel=2e-4)


@pytest.mark.parametrize("config", [E2B, E4B], ids=["E2B", "E4B"])
def test_a_sound_and_text_give_logits_of_the_vocabulary(config: Gemma4Config) -> None:
    model = Gemma4(config)
    soft = model.encode_sound(mx.zeros((99, 128)))
    assert soft.shape == (25, config.text.hidden_size)
    ids = np.array([2, 5, *[config.audio_token_id] * 25, 7], dtype=np.int32)
    assert model.logits(ids, [SoftTokens(2, soft)]).shape == (28, 262_144)


@pytest.mark.parametrize(("config", "rows"), [(E2B, 2.349e9), (E4B, 2.819e9)], ids=["E2B", "E4B"])
def test_per_layer_tables_have_their_published_size(config: Gemma4Config, rows: float) -> None:
    assert sizes_of(config)["text.per_layer_embeddings.table.weight"] == pytest.approx(rows, rel=2e-3)


def test_of_26b_less_than_four_billion_parameters_work_on_a_token() -> None:
    sizes, experts = sizes_of(A4B_26B), A4B_26B.text.experts
    assert experts is not None
    stacked = sum(size for path, size in sizes.items() if ".experts." in path)
    text = sum(size for path, size in sizes.items() if path.startswith("text."))
    active = text - stacked + stacked * experts.experts_per_token / experts.experts
    assert active == pytest.approx(3.8e9, rel=0.02)


@each_size
def test_a_picture_and_text_give_logits_of_the_vocabulary(config: Gemma4Config) -> None:
    model = Gemma4(config)
    positions = mx.array([[x, y] for y in range(6) for x in range(9)])
    soft = model.encode_picture(mx.zeros((54, 768)), positions)
    assert soft.shape == (6, config.text.hidden_size)
    ids = np.array([2, 5, *[config.image_token_id] * 6, 7], dtype=np.int32)
    blocks = [SoftTokens(2, soft, config.text.media_sees_itself)]
    assert model.logits(ids, blocks).shape == (9, 262_144)


@pytest.mark.parametrize(("config", "borrowers"), [(E2B, 20), (E4B, 18)], ids=["E2B", "E4B"])
def test_borrowing_layers_have_no_key_or_value_weights(config: Gemma4Config, borrowers: int) -> None:
    layers = Gemma4(config).text.layers
    without = [layer for layer in layers if "qkv_proj" not in layer.attention and "k_norm" not in layer.attention]
    assert without == layers[-borrowers:]


@pytest.mark.parametrize("config", [UNIFIED_12B, A4B_26B, DENSE_31B], ids=["12B", "26B-A4B", "31B"])
def test_global_layers_of_the_big_models_have_no_value_weights(config: Gemma4Config) -> None:
    text, layers = config.text, Gemma4(config).text.layers
    for layer, shape in ((4, text.sliding), (5, text.full)):
        heads = text.query_heads + shape.kv_heads * (1 if shape is text.full else 2)
        assert layers[layer].attention.qkv_proj.weight.shape == (heads * shape.head_dim, text.hidden_size)


def test_every_layer_of_26b_has_experts_and_a_dense_mlp() -> None:
    for layer in Gemma4(A4B_26B).text.layers:
        assert layer.mixture.experts.gate_up_proj.weight.shape == (128, 1408, 2816)
        assert layer.mixture.experts.down_proj.weight.shape == (128, 2816, 704)
        assert layer.feed_forward.gate_up_proj.weight.shape == (2 * 2112, 2816)


def test_the_same_size_without_experts_has_none() -> None:
    dense = dataclasses.replace(A4B_26B, text=dataclasses.replace(A4B_26B.text, experts=None))
    assert not any("mixture" in path for path in sizes_of(dense))


def test_a_sound_gives_12b_one_soft_token_a_frame() -> None:
    assert Gemma4(UNIFIED_12B).encode_sound(mx.zeros((7, 640))).shape == (7, 3840)
