"""config.json is read strictly, in the spelling of every transformers version."""

from __future__ import annotations

from typing import Any

import pytest

from mlx_gemma4.model.config import Gemma4Config
from mlx_gemma4.model.presets import E2B, E4B, UNIFIED_12B
from mlx_gemma4.model.text.attention_types import AttentionType
from mlx_gemma4.protocol.errors import CheckpointError

ROPES = {
    "sliding_attention": {"rope_type": "default", "rope_theta": 10000.0},
    "full_attention": {"rope_type": "proportional", "rope_theta": 1000000.0, "partial_rotary_factor": 0.25},
}


def e2b(**text: Any) -> dict[str, Any]:
    """The published config.json of E2B, with changes to its text part; None takes a field away."""
    fields = {
        "vocab_size": 262144,
        "hidden_size": 1536,
        "intermediate_size": 6144,
        "num_hidden_layers": 35,
        "layer_types": (["sliding_attention"] * 4 + ["full_attention"]) * 7,
        "num_attention_heads": 8,
        "num_key_value_heads": 1,
        "head_dim": 256,
        "global_head_dim": 512,
        "num_kv_shared_layers": 20,
        "use_double_wide_mlp": True,
        "hidden_size_per_layer_input": 256,
        "vocab_size_per_layer_input": 262144,
        "final_logit_softcapping": 30.0,
        "sliding_window": 512,
        "rope_parameters": ROPES,
        **text,
    }
    vision = {
        "hidden_size": 768,
        "intermediate_size": 3072,
        "num_hidden_layers": 16,
        "num_attention_heads": 12,
        "num_key_value_heads": 12,
        "head_dim": 64,
        "use_clipped_linears": True,
    }
    return {
        "model_type": "gemma4",
        "text_config": {name: value for name, value in fields.items() if value is not None},
        "vision_config": vision,
        "audio_config": {"hidden_size": 1024},
    }


def unified(**text: Any) -> dict[str, Any]:
    """The published config.json of 12B, with changes to its text part; None takes a field away."""
    fields = {
        "vocab_size": 262144,
        "hidden_size": 3840,
        "intermediate_size": 15360,
        "num_hidden_layers": 48,
        "num_attention_heads": 16,
        "num_key_value_heads": 8,
        "num_global_key_value_heads": 1,
        "head_dim": 256,
        "global_head_dim": 512,
        "attention_k_eq_v": True,
        "use_bidirectional_attention": "vision",
        "final_logit_softcapping": 30.0,
        "sliding_window": 1024,
        "max_position_embeddings": 262144,
        "rope_parameters": ROPES,
        **text,
    }
    vision = {
        "patch_size": 16,
        "pooling_kernel_size": 3,
        "model_patch_size": 48,
        "mm_embed_dim": 3840,
        "mm_posemb_size": 1120,
        "output_proj_dims": 3840,
    }
    audio = {"audio_embed_dim": 640, "audio_samples_per_token": 640, "hidden_size": 640, "output_proj_dims": 640}
    return {
        "model_type": "gemma4_unified",
        "text_config": {name: value for name, value in fields.items() if value is not None},
        "vision_config": vision,
        "audio_config": audio,
    }


def test_the_published_e2b_config_is_the_preset() -> None:
    assert Gemma4Config.from_dict(e2b()) == E2B


def test_e4b_is_read_with_the_default_pattern_of_layer_types() -> None:
    values = e2b(
        hidden_size=2560,
        intermediate_size=10240,
        num_hidden_layers=42,
        layer_types=None,
        num_key_value_heads=2,
        num_kv_shared_layers=18,
        use_double_wide_mlp=False,
    )
    assert Gemma4Config.from_dict(values) == E4B


def test_the_published_12b_config_is_the_preset() -> None:
    assert Gemma4Config.from_dict(unified()) == UNIFIED_12B


def test_a_newer_12b_config_is_the_preset_too() -> None:
    override = {"head_dim": 512, "num_key_value_heads": 1}
    values = unified(
        global_head_dim=None,
        num_global_key_value_heads=None,
        per_layer_config={f"{layer:02}": override for layer in range(5, 48, 6)},
    )
    assert Gemma4Config.from_dict(values) == UNIFIED_12B


def test_what_a_12b_config_leaves_out_has_12bs_own_defaults() -> None:
    values = unified(sliding_window=None, max_position_embeddings=None, use_bidirectional_attention=None)
    values["vision_config"], values["audio_config"] = {"patch_size": 16}, {"rms_norm_eps": 1e-6}
    assert Gemma4Config.from_dict(values) == UNIFIED_12B


@pytest.mark.parametrize(
    ("part", "changes", "named"),
    [
        ("vision_config", {"output_proj_dims": 1024}, "output_proj_dims is 1024"),
        ("vision_config", {"model_patch_size": 32}, "model_patch_size is 32"),
        ("audio_config", {"hidden_size": 1024}, "hidden_size is 1024"),
    ],
)
def test_parts_of_12b_that_do_not_fit_together_are_named(part: str, changes: dict[str, Any], named: str) -> None:
    values = unified()
    values[part] = values[part] | changes
    with pytest.raises(CheckpointError, match=named):
        Gemma4Config.from_dict(values)


@pytest.mark.parametrize("pad", ["{}", "{:02}"])
def test_newer_checkpoints_give_global_heads_layer_by_layer(pad: str) -> None:
    override = {"head_dim": 512, "num_key_value_heads": 4}
    per_layer = {pad.format(layer): override for layer in range(4, 35, 5)}
    text = Gemma4Config.from_dict(e2b(global_head_dim=None, per_layer_config=per_layer)).text
    assert (text.full.head_dim, text.full.kv_heads, text.sliding.kv_heads) == (512, 4, 1)


def test_global_kv_heads_of_older_checkpoints_count_only_where_values_are_keys() -> None:
    assert Gemma4Config.from_dict(e2b(num_global_key_value_heads=4)).text.full.kv_heads == 1
    text = Gemma4Config.from_dict(e2b(num_global_key_value_heads=4, attention_k_eq_v=True)).text
    assert text.full.kv_heads == 4
    assert text.full.values_are_keys
    assert not text.sliding.values_are_keys


def test_a_model_without_towers_has_none() -> None:
    values = e2b() | {"vision_config": None, "audio_config": None}
    config = Gemma4Config.from_dict(values)
    assert config.vision is None
    assert config.audio is None


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"hidden_size": None}, "hidden_size is missing"),
        ({"hidden_size": "big"}, "hidden_size is 'big'"),
        ({"head_dim": True}, "head_dim is True"),
        ({"num_kv_shared_layers": 34}, "num_kv_shared_layers is 34"),
        ({"layer_types": ["full_attention"]}, "layer_types"),
        ({"layer_types": ["sliding_attention"] * 35}, "ends with full_attention"),
        ({"hidden_activation": "silu"}, "hidden_activation is 'silu'"),
        ({"attention_bias": True}, "attention_bias is True"),
        ({"rope_parameters": {"full_attention": {"rope_type": "yarn"}}}, "rope_type is 'yarn'"),
        ({"use_bidirectional_attention": "all"}, "use_bidirectional_attention is 'all'"),
        ({"rms_norm_eps": -1}, "rms_norm_eps is -1"),
    ],
)
def test_a_field_that_cannot_be_used_is_named(changes: dict[str, Any], named: str) -> None:
    with pytest.raises(CheckpointError, match=named):
        Gemma4Config.from_dict(e2b(**changes))


def test_another_model_is_refused() -> None:
    with pytest.raises(CheckpointError, match="model_type is 'llama'"):
        Gemma4Config.from_dict({"model_type": "llama"})


def test_layer_properties_follow_the_types() -> None:
    text = E2B.text
    assert text.layers == 35
    assert [text.shape(layer).head_dim for layer in (3, 4)] == [256, 512]
    assert [text.feed_forward_width(layer) for layer in (14, 15)] == [6144, 12288]
    assert sum(kind is AttentionType.GLOBAL for kind in text.layer_types) == 7
