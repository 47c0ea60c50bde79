"""The config.json of a model: the way back from `Gemma4Config` to the keys that all implementations read."""

from __future__ import annotations

import dataclasses
from typing import Any

from mlx_gemma4.model.audio.config import AudioConfig
from mlx_gemma4.model.config import Gemma4Config, TextConfig, VisionConfig
from mlx_gemma4.model.unified.config import UnifiedAudioConfig, UnifiedVisionConfig
from mlx_gemma4.weights.peer_config import with_older_keys


def config_json(config: Gemma4Config, dtype: str) -> dict[str, Any]:
    """A config.json from which `Gemma4Config.from_dict` reads the same config.

    Args:
        config: without the options that no config.json has.
        dtype: what most numbers are stored in, by name.
    """
    kind = "gemma4_unified" if isinstance(config.vision, UnifiedVisionConfig) else "gemma4"
    values = {
        "model_type": kind,
        "architectures": [f"{'Gemma4Unified' if kind == 'gemma4_unified' else 'Gemma4'}ForConditionalGeneration"],
        "dtype": dtype,
        "image_token_id": config.image_token_id,
        "audio_token_id": config.audio_token_id,
        "video_token_id": config.video_token_id,
        "tie_word_embeddings": True,
        "text_config": {"model_type": f"{kind}_text"} | _text(config.text),
        "vision_config": config.vision and {"model_type": f"{kind}_vision"} | _vision(config.vision),
        "audio_config": config.audio and {"model_type": f"{kind}_audio"} | _audio(config.audio),
    }
    return with_older_keys(values, config)


def _text(text: TextConfig) -> dict[str, Any]:
    ple, experts = text.per_layer_embeddings, text.experts
    values: dict[str, Any] = {
        "vocab_size": text.vocab_size,
        "hidden_size": text.hidden_size,
        "intermediate_size": text.intermediate_size,
        "num_hidden_layers": text.layers,
        "layer_types": [kind.value for kind in text.layer_types],
        "num_attention_heads": text.query_heads,
        "num_key_value_heads": text.sliding.kv_heads,
        "head_dim": text.sliding.head_dim,
        "sliding_window": text.window,
        "global_head_dim": text.full.head_dim,
        "num_global_key_value_heads": text.full.kv_heads if text.full.values_are_keys else None,
        "attention_k_eq_v": text.full.values_are_keys,
        "attention_bias": False,
        "rope_parameters": {
            "sliding_attention": {"rope_type": "default", "rope_theta": text.sliding.rope_theta},
            "full_attention": {
                "rope_type": "proportional",
                "partial_rotary_factor": text.full.rotated_fraction,
                "rope_theta": text.full.rope_theta,
            },
        },
        "num_kv_shared_layers": text.borrowing_layers,
        "use_double_wide_mlp": text.double_wide_borrowers,
        "hidden_size_per_layer_input": ple.width if ple else 0,
        "vocab_size_per_layer_input": ple.vocab_size if ple else text.vocab_size,
        "enable_moe_block": experts is not None,
        "hidden_activation": "gelu_pytorch_tanh",
        "rms_norm_eps": text.norm_eps,
        "final_logit_softcapping": text.logit_softcap,
        "max_position_embeddings": text.max_positions,
        "use_bidirectional_attention": "vision" if text.media_sees_itself else None,
        "pad_token_id": text.pad_token_id,
        "tie_word_embeddings": True,
    }
    if experts:
        values |= {"num_experts": experts.experts, "top_k_experts": experts.experts_per_token}
        values["moe_intermediate_size"] = experts.width
    return values


def _vision(vision: VisionConfig | UnifiedVisionConfig) -> dict[str, Any]:
    values = {
        "patch_size": vision.patch_size,
        "pooling_kernel_size": vision.pooling,
        "rms_norm_eps": vision.norm_eps,
    }
    if isinstance(vision, UnifiedVisionConfig):
        width, side = vision.hidden_size, vision.patch_size * vision.pooling
        sizes = {"mm_embed_dim": width, "output_proj_dims": width, "mm_posemb_size": vision.positions}
        return values | sizes | {"model_patch_size": side}
    return values | {
        "hidden_size": vision.hidden_size,
        "intermediate_size": vision.intermediate_size,
        "num_hidden_layers": vision.layers,
        "num_attention_heads": vision.heads,
        "num_key_value_heads": vision.heads,
        "head_dim": vision.head_dim,
        "hidden_activation": "gelu_pytorch_tanh",
        "position_embedding_size": vision.positions,
        "rope_parameters": {"rope_type": "default", "rope_theta": vision.rope_theta},
        "use_clipped_linears": vision.clipped_linears,
        "standardize": vision.standardize,
    }


def _audio(audio: AudioConfig | UnifiedAudioConfig) -> dict[str, Any]:
    if isinstance(audio, UnifiedAudioConfig):
        sizes = ("audio_embed_dim", "audio_samples_per_token", "hidden_size", "output_proj_dims")
        return dict.fromkeys(sizes, audio.frame_width) | {"rms_norm_eps": audio.norm_eps}
    spelled = {
        "hidden_size": "hidden_size",
        "layers": "num_hidden_layers",
        "heads": "num_attention_heads",
        "output_width": "output_proj_dims",
        "conv_channels": "subsampling_conv_channels",
        "conv_kernel": "conv_kernel_size",
        "residual_weight": "residual_weight",
        "chunk": "attention_chunk_size",
        "context_left": "attention_context_left",
        "context_right": "attention_context_right",
        "logit_cap": "attention_logit_cap",
        "clipped_linears": "use_clipped_linears",
        "gradient_clipping": "gradient_clipping",
        "norm_eps": "rms_norm_eps",
    }
    values = dataclasses.asdict(audio)
    return {"hidden_act": "silu"} | {theirs: values[ours] for ours, theirs in spelled.items()}
