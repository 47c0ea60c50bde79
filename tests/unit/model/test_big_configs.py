"""The published configs of 26B-A4B and 31B are their presets, in the spelling of every transformers version."""

from __future__ import annotations

from typing import Any

import pytest

from mlx_gemma4.model.config import Gemma4Config
from mlx_gemma4.model.presets import A4B_26B, DENSE_31B
from mlx_gemma4.protocol.errors import CheckpointError

A4B = {
    "hidden_size": 2816,
    "intermediate_size": 2112,
    "num_hidden_layers": 30,
    "num_attention_heads": 16,
    "num_key_value_heads": 8,
    "num_global_key_value_heads": 2,
    "enable_moe_block": True,
    "num_experts": 128,
    "top_k_experts": 8,
    "moe_intermediate_size": 704,
}
DENSE = {
    "hidden_size": 5376,
    "intermediate_size": 21504,
    "num_hidden_layers": 60,
    "num_attention_heads": 32,
    "num_key_value_heads": 16,
    "num_global_key_value_heads": 4,
    "enable_moe_block": False,
    "num_experts": None,
    "top_k_experts": None,
    "moe_intermediate_size": None,
}
each_size = pytest.mark.parametrize(("own", "preset"), [(A4B, A4B_26B), (DENSE, DENSE_31B)], ids=["26B-A4B", "31B"])


def older(own: dict[str, Any]) -> dict[str, Any]:
    """A config.json as published: global heads have keys of their own."""
    text = {
        "vocab_size": 262144,
        "head_dim": 256,
        "global_head_dim": 512,
        "attention_k_eq_v": True,
        "hidden_size_per_layer_input": 0,
        "num_kv_shared_layers": 0,
        "use_bidirectional_attention": "vision",
        "final_logit_softcapping": 30.0,
        "sliding_window": 1024,
        "max_position_embeddings": 262144,
        "layer_types": (["sliding_attention"] * 5 + ["full_attention"]) * (own["num_hidden_layers"] // 6),
    }
    vision = {
        "hidden_size": 1152,
        "intermediate_size": 4304,
        "num_hidden_layers": 27,
        "num_attention_heads": 16,
        "num_key_value_heads": 16,
        "head_dim": 72,
        "standardize": True,
        "rope_parameters": {"rope_type": "axial", "rope_theta": 100.0},
    }
    return {"model_type": "gemma4", "text_config": text | own, "vision_config": vision, "audio_config": None}


def newer(own: dict[str, Any]) -> dict[str, Any]:
    """As transformers 5.15 and later save it: global heads layer by layer, keys as wide as the largest."""
    values = older(own)
    text = values["text_config"]
    heads = {"head_dim": text.pop("global_head_dim"), "num_key_value_heads": text.pop("num_global_key_value_heads")}
    text["per_layer_config"] = {f"{layer:02}": heads for layer in range(5, own["num_hidden_layers"], 6)}
    return values


@each_size
@pytest.mark.parametrize("spelling", [older, newer])
def test_the_published_config_is_the_preset(own: dict[str, Any], preset: Gemma4Config, spelling: Any) -> None:
    assert Gemma4Config.from_dict(spelling(own)) == preset


def test_global_layers_with_different_heads_are_refused() -> None:
    values = newer(A4B)
    values["text_config"]["per_layer_config"]["11"] = {"head_dim": 512, "num_key_value_heads": 4}
    with pytest.raises(CheckpointError, match="per_layer_config"):
        Gemma4Config.from_dict(values)


@pytest.mark.parametrize("field", ["num_experts", "top_k_experts", "moe_intermediate_size"])
def test_a_mixture_without_its_numbers_is_refused(field: str) -> None:
    with pytest.raises(CheckpointError, match=f"{field} is missing"):
        Gemma4Config.from_dict(older(A4B | {field: None}))


def test_a_token_cannot_use_more_experts_than_there_are() -> None:
    with pytest.raises(CheckpointError, match="top_k_experts is 129"):
        Gemma4Config.from_dict(older(A4B | {"top_k_experts": 129}))
