"""Checkpoints of tiny random models that hear: with an audio tower, or with frames of raw sound."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

AUDIO_TOWER = {
    "model_type": "gemma4_audio",
    "hidden_size": 32,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "output_proj_dims": 24,
    "subsampling_conv_channels": [128, 4],
}
RAW_FRAMES = {"audio_embed_dim": 640, "audio_samples_per_token": 640, "hidden_size": 640, "output_proj_dims": 640}


def write_hearing_model(
    folder: Path, *, frames: bool = False, audio: Mapping[str, Any] = AUDIO_TOWER, **text: Any
) -> Path:
    """A checkpoint in `folder` that fits the tiny tokenizer; `audio` is its tower, `text` changes its text config."""
    from mlx_gemma4.model.config import Gemma4Config
    from mlx_gemma4.weights.saving import transformers_tensors, write_checkpoint
    from tests.parity.tiny_checkpoints import E2B_LIKE
    from tests.unit.tiny_models import random_model
    from tests.unit.tiny_tokenizer import build_tokenizer, marker_ids, write_tokenizer_files

    write_tokenizer_files(folder)
    rows = build_tokenizer().get_vocab_size()
    config = {**E2B_LIKE, **marker_ids(), "audio_config": dict(audio)}
    config["text_config"] = {
        **E2B_LIKE["text_config"],
        "vocab_size": rows,
        "vocab_size_per_layer_input": rows,
        **text,
    }
    if frames:
        small = {"hidden_size_per_layer_input": 0, "num_kv_shared_layers": 0, "use_double_wide_mlp": False}
        config |= {"model_type": "gemma4_unified", "vision_config": None, "audio_config": RAW_FRAMES}
        config["text_config"] |= small
    model = random_model(Gemma4Config.from_dict(config))
    write_checkpoint(folder, transformers_tensors(model), config)
    return folder
