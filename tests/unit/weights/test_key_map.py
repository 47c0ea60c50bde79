"""The key map covers every parameter of the published sizes and speaks every dialect."""

from __future__ import annotations

import dataclasses

import pytest

from mlx_gemma4.model.config import Gemma4Config
from mlx_gemma4.model.gemma4 import Gemma4
from mlx_gemma4.model.presets import A4B_26B, DENSE_31B, E2B, E4B, UNIFIED_12B
from mlx_gemma4.weights.key_map import canonical_name, harmless_reason, rows_of, source_rows, source_spellings
from mlx_gemma4.weights.parameters import flat_parameters


@pytest.mark.parametrize(
    "config", [E2B, E4B, UNIFIED_12B, A4B_26B, DENSE_31B], ids=["E2B", "E4B", "12B", "26B-A4B", "31B"]
)
def test_every_parameter_of_a_published_size_has_its_tensors(config: Gemma4Config) -> None:
    model = Gemma4(config)
    names = []
    for path, array in flat_parameters(model).items():
        sources = source_spellings(path, config)[0]
        names += sources
        rows = source_rows(path, rows_of(array.shape), config, len(sources))
        assert len(rows) == len(sources)
        assert sum(rows) == rows_of(array.shape)
    assert len(names) == len(set(names))


@pytest.mark.parametrize(
    "stored",
    ["model.language_model.layers.3.layer_scalar", "language_model.model.layers.3.layer_scalar"],
)
def test_every_dialect_becomes_one_name(stored: str) -> None:
    assert canonical_name(stored) == "language_model.layers.3.layer_scalar"


def test_towers_have_the_same_name_with_and_without_their_prefix() -> None:
    assert canonical_name("model.vision_tower.std_bias") == canonical_name("vision_tower.std_bias")


def test_where_values_are_keys_there_is_no_value_projection() -> None:
    full = dataclasses.replace(E2B.text.full, values_are_keys=True)
    config = dataclasses.replace(E2B, text=dataclasses.replace(E2B.text, full=full))
    path = "text.layers.{}.attention.qkv_proj.weight"
    assert len(source_spellings(path.format(3), config)[0]) == 3
    assert source_spellings(path.format(4), config)[0][-1].endswith("k_proj.weight")
    assert source_rows(path.format(4), 9 * 512, config, 2) == (8 * 512, 512)


def test_only_layers_that_borrow_may_have_unused_keys_and_values() -> None:
    name = "language_model.layers.{}.self_attn.k_proj.scales"
    assert harmless_reason(name.format(15), E2B) is not None
    assert harmless_reason(name.format(14), E2B) is None
    assert harmless_reason(name.format(35), E2B) is None


@pytest.mark.parametrize(
    ("in_memory", "published"),
    [
        ("model.embed_vision.patch_ln1.bias", "vision_embedder.patch_ln1.bias"),
        ("model.embed_vision.patch_dense.weight", "vision_embedder.patch_dense.weight"),
        ("model.embed_vision.pos_embedding", "vision_embedder.pos_embedding"),
        ("model.embed_vision.pos_norm.weight", "vision_embedder.pos_norm.weight"),
        (
            "model.embed_vision.multimodal_embedder.embedding_projection.weight",
            "embed_vision.embedding_projection.weight",
        ),
    ],
)
def test_12b_is_read_under_transformers_names_in_memory_too(in_memory: str, published: str) -> None:
    assert canonical_name(in_memory) == canonical_name(f"model.{published}") == canonical_name(published) == published
