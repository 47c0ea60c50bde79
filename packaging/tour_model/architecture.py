"""The tour model's shape: a Gemma 4 of the E family at toy size, final for all that it has learnt."""

from typing import Any

from tour_model.tokenizer import SPECIAL_TOKENS, VOCAB_SIZE

MAX_PARAMETERS = 24_000_000
SHAPES_BUDGET = 70  # soft tokens a picture gets unless a request says otherwise
LARGEST_BUDGET = 560  # what the position table must reach: a strip one cell high has 3 patches a cell
FRAMES_OF_A_CLIP = 8
LAYERS = 8
LAYER_TYPES = ["sliding_attention"] * 3 + ["full_attention"] + ["sliding_attention"] * 3 + ["full_attention"]


def token_id(token: str) -> int:
    """The id of one of Gemma 4's markers in the tour model's vocabulary."""
    return SPECIAL_TOKENS.index(token)


def text_config() -> dict[str, Any]:
    """8 layers, the last 3 of which own no keys and values and have a double-wide MLP, with per-layer embeddings."""
    return {
        "model_type": "gemma4_text", "vocab_size": VOCAB_SIZE, "vocab_size_per_layer_input": VOCAB_SIZE,
        "hidden_size": 384, "hidden_size_per_layer_input": 64, "num_hidden_layers": LAYERS, "layer_types": LAYER_TYPES,
        "num_kv_shared_layers": 3, "use_double_wide_mlp": True, "intermediate_size": 512, "num_attention_heads": 6,
        "num_key_value_heads": 1, "head_dim": 64, "global_head_dim": 128, "num_global_key_value_heads": None,
        "attention_k_eq_v": False, "enable_moe_block": False, "use_bidirectional_attention": None,
        "sliding_window": 512, "max_position_embeddings": 8192, "rms_norm_eps": 1e-6, "final_logit_softcapping": 30.0,
        "hidden_activation": "gelu_pytorch_tanh", "tie_word_embeddings": True, "attention_bias": False,
        "pad_token_id": token_id("<pad>"), "eos_token_id": token_id("<eos>"), "bos_token_id": token_id("<bos>"),
        "rope_parameters": {
            "sliding_attention": {"rope_type": "default", "rope_theta": 10_000.0},
            "full_attention": {"rope_type": "proportional", "partial_rotary_factor": 0.25, "rope_theta": 1_000_000.0},
        },
    }  # fmt: skip


def vision_config() -> dict[str, Any]:
    """The small tower: 6 layers, clipped linears, 16-pixel patches pooled 3 by 3."""
    return {
        "model_type": "gemma4_vision", "hidden_size": 320, "intermediate_size": 704, "num_hidden_layers": 6,
        "num_attention_heads": 5, "num_key_value_heads": 5, "head_dim": 64, "hidden_activation": "gelu_pytorch_tanh",
        "rms_norm_eps": 1e-6, "patch_size": 16, "pooling_kernel_size": 3,
        "position_embedding_size": 3 * LARGEST_BUDGET, "use_clipped_linears": True, "standardize": False,
    }  # fmt: skip


def audio_config() -> dict[str, Any]:
    """The conformer: deep and narrow (as Conformer-S, 16 layers of 144, arXiv 2005.08100), since it only looks back.

    A layer sees the last 0.48 s, and wider layers would leave room for four of them; nine reach back four seconds.
    """
    return {
        "model_type": "gemma4_audio", "hidden_size": 128, "num_hidden_layers": 9, "num_attention_heads": 4,
        "hidden_act": "silu", "subsampling_conv_channels": [128, 32], "conv_kernel_size": 5, "residual_weight": 0.5,
        "attention_chunk_size": 12, "attention_context_left": 13, "attention_context_right": 0,
        "attention_logit_cap": 50.0, "use_clipped_linears": True, "rms_norm_eps": 1e-6, "gradient_clipping": 1e10,
        "output_proj_dims": 128,
    }  # fmt: skip


def model_config(audio: bool = True) -> dict[str, Any]:
    """The whole config.json; without `audio` for a checkpoint that only sees."""
    return {
        "architectures": ["Gemma4ForConditionalGeneration"], "model_type": "gemma4", "tie_word_embeddings": True,
        "text_config": text_config(), "vision_config": vision_config(),
        "audio_config": audio_config() if audio else None, "image_token_id": token_id("<|image|>"),
        "boi_token_id": token_id("<|image>"), "eoi_token_id": token_id("<image|>"),
        "audio_token_id": token_id("<|audio|>"), "boa_token_id": token_id("<|audio>"),
        "eoa_token_id": token_id("<audio|>"), "eoa_token_index": token_id("<audio|>"),
        "video_token_id": token_id("<|video|>"), "pad_token_id": token_id("<pad>"), "bos_token_id": token_id("<bos>"),
        "eos_token_id": [token_id("<eos>"), token_id("<turn|>")],
    }  # fmt: skip


def generation_config() -> dict[str, Any]:
    """Gemma 4's own settings, with this vocabulary's ids."""
    stops = [token_id(token) for token in ("<eos>", "<turn|>", "<|tool_response>")]
    return {
        "bos_token_id": token_id("<bos>"), "eos_token_id": stops, "pad_token_id": token_id("<pad>"), "do_sample": True,
        "temperature": 1.0, "top_k": 64, "top_p": 0.95,
    }  # fmt: skip


def processor_config(audio: bool = True) -> dict[str, Any]:
    """What the processor of this checkpoint does with pictures (70 soft tokens unless asked otherwise) and clips.

    Without `audio` for a checkpoint that only sees: it has not learnt clips either.
    """
    picture = {
        "image_processor_type": "Gemma4ImageProcessor", "patch_size": 16, "pooling_kernel_size": 3,
        "max_soft_tokens": SHAPES_BUDGET, "do_convert_rgb": True, "do_resize": True, "resample": 3, "do_rescale": True,
        "rescale_factor": 1 / 255, "do_normalize": False,
    }  # fmt: skip
    processor = {"processor_class": "Gemma4Processor", "image_seq_length": SHAPES_BUDGET, "image_processor": picture}
    if audio:
        processor["feature_extractor"] = {"feature_extractor_type": "Gemma4AudioFeatureExtractor"}
        processor["video_processor"] = {
            "video_processor_type": "Gemma4VideoProcessor", "max_soft_tokens": SHAPES_BUDGET,
            "num_frames": FRAMES_OF_A_CLIP,
        }  # fmt: skip
    return processor
