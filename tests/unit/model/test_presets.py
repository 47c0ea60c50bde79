"""The published sizes, built in full but never computed."""

from __future__ import annotations

import mlx.core as mx
import numpy as np
import pytest
from mlx.utils import tree_flatten

from mlx_gemma4.model.config import Gemma4Config
from mlx_gemma4.model.gemma4 import Gemma4
from mlx_gemma4.model.presets import E2B, E4B
from mlx_gemma4.model.soft_token_merge import SoftTokens


@pytest.mark.parametrize(
    ("config", "text", "embedding", "per_layer"),
    [(E2B, 4.629e9, 0.403e9, 2.349e9), (E4B, 7.463e9, 0.671e9, 2.819e9)],
    ids=["E2B", "E4B"],
)
def test_parameters_add_up_to_the_published_totals(
    config: Gemma4Config, text: float, embedding: float, per_layer: float
) -> None:
    sizes = {path: array.size for path, array in tree_flatten(Gemma4(config).parameters())}
    assert sum(size for path, size in sizes.items() if path.startswith("text.")) == pytest.approx(text, rel=2e-4)
    assert sum(size for path, size in sizes.items() if path.startswith("vision.")) == pytest.approx(167.4e6, rel=5e-4)
    assert sizes["text.embed_tokens.weight"] == pytest.approx(embedding, rel=2e-3)
    assert sizes["text.per_layer_embeddings.table.weight"] == pytest.approx(per_layer, rel=2e-3)


@pytest.mark.parametrize("config", [E2B, E4B], ids=["E2B", "E4B"])
def test_a_picture_and_text_give_logits_of_the_vocabulary(config: Gemma4Config) -> None:
    model = Gemma4(config)
    positions = mx.array([[x, y] for y in range(6) for x in range(9)])
    soft = model.encode_picture(mx.zeros((54, 768)), positions)
    assert soft.shape == (6, config.text.hidden_size)
    ids = np.array([2, 5, *[config.image_token_id] * 6, 7], dtype=np.int32)
    assert model.logits(ids, [SoftTokens(2, soft)]).shape == (9, 262_144)


@pytest.mark.parametrize(("config", "borrowers"), [(E2B, 20), (E4B, 18)], ids=["E2B", "E4B"])
def test_borrowing_layers_have_no_key_or_value_weights(config: Gemma4Config, borrowers: int) -> None:
    layers = Gemma4(config).text.layers
    without = [layer for layer in layers if "qkv_proj" not in layer.attention and "k_norm" not in layer.attention]
    assert without == layers[-borrowers:]
