"""The published sizes by name, and each of them so small that a CPU can run it, with everything that it is made of."""

from __future__ import annotations

import dataclasses

from mlx_gemma4.model import presets
from mlx_gemma4.model.audio.config import AudioConfig
from mlx_gemma4.model.config import Gemma4Config, TextConfig, VisionConfig
from mlx_gemma4.model.unified.config import UnifiedVisionConfig

SIZES = {
    "E2B": presets.E2B,
    "E4B": presets.E4B,
    "12B": presets.UNIFIED_12B,
    "26B-A4B": presets.A4B_26B,
    "31B": presets.DENSE_31B,
}
SMALL_VOCABULARY = 2_048


def shrunk(config: Gemma4Config) -> Gemma4Config:
    """The same structure in small: heads in the same proportions, two periods of layers, every part that it has."""
    vision, audio = config.vision, config.audio
    if isinstance(vision, VisionConfig):
        vision = dataclasses.replace(vision, hidden_size=64, intermediate_size=128, layers=2, heads=2, positions=128)
    elif isinstance(vision, UnifiedVisionConfig):
        vision = dataclasses.replace(vision, hidden_size=64, positions=128)
    if isinstance(audio, AudioConfig):
        audio = dataclasses.replace(audio, hidden_size=64, layers=2, heads=2, output_width=64, conv_channels=(128, 8))
    return dataclasses.replace(
        config,
        text=_shrunk_text(config.text),
        vision=vision,
        audio=audio,
        image_token_id=SMALL_VOCABULARY - 1,
        audio_token_id=SMALL_VOCABULARY - 2,
        video_token_id=SMALL_VOCABULARY - 3,
    )


def _shrunk_text(text: TextConfig) -> TextConfig:
    period = text.layer_types.index(text.layer_types[-1]) + 1
    ple, experts = text.per_layer_embeddings, text.experts
    return dataclasses.replace(
        text,
        vocab_size=SMALL_VOCABULARY,
        hidden_size=64,
        intermediate_size=128,
        layer_types=text.layer_types[: 2 * period],
        sliding=dataclasses.replace(text.sliding, head_dim=32, window=32),
        full=dataclasses.replace(text.full, head_dim=64),
        borrowing_layers=period if text.borrowing_layers else 0,
        per_layer_embeddings=ple and dataclasses.replace(ple, vocab_size=SMALL_VOCABULARY, width=64),
        experts=experts and dataclasses.replace(experts, experts=16, width=64),
    )


def narrow(config: Gemma4Config) -> Gemma4Config:
    """The same structure with all its layers, heads and head sizes; matrices and tables are as small as that allows."""
    text, vision = config.text, config.vision
    ple, experts = text.per_layer_embeddings, text.experts
    text = dataclasses.replace(
        text,
        vocab_size=SMALL_VOCABULARY * 8,
        hidden_size=128,
        intermediate_size=128,
        per_layer_embeddings=ple and dataclasses.replace(ple, vocab_size=SMALL_VOCABULARY, width=64),
        experts=experts and dataclasses.replace(experts, experts=16, width=64),
    )
    if isinstance(vision, VisionConfig):
        vision = dataclasses.replace(vision, hidden_size=128, intermediate_size=128, heads=2, positions=128)
    return dataclasses.replace(config, text=text, vision=vision)
