"""The published sizes of Gemma 4 as data."""

from __future__ import annotations

from mlx_gemma4.model.audio.config import AudioConfig
from mlx_gemma4.model.config import (
    AttentionShape,
    ExpertsConfig,
    Gemma4Config,
    PerLayerEmbeddingConfig,
    TextConfig,
    VisionConfig,
)
from mlx_gemma4.model.text.attention_types import AttentionType
from mlx_gemma4.model.unified.config import UnifiedAudioConfig, UnifiedVisionConfig

_S, _G = AttentionType.SLIDING, AttentionType.GLOBAL

_SMALL_VISION = VisionConfig(
    hidden_size=768, intermediate_size=3072, layers=16, heads=12, head_dim=64, clipped_linears=True
)
_BIG_VISION = VisionConfig(hidden_size=1152, intermediate_size=4304, layers=27, heads=16, head_dim=72, standardize=True)
_AUDIO = AudioConfig(hidden_size=1024, layers=12, heads=8, output_width=1536)


def _sliding(kv_heads: int, window: int) -> AttentionShape:
    return AttentionShape(kv_heads=kv_heads, head_dim=256, rope_theta=10_000.0, window=window)


def _global(kv_heads: int, *, values_are_keys: bool = False) -> AttentionShape:
    return AttentionShape(
        kv_heads=kv_heads,
        head_dim=512,
        rope_theta=1_000_000.0,
        rotated_fraction=0.25,
        values_are_keys=values_are_keys,
    )


E2B = Gemma4Config(
    text=TextConfig(
        vocab_size=262_144,
        hidden_size=1536,
        intermediate_size=6144,
        layer_types=(_S, _S, _S, _S, _G) * 7,
        query_heads=8,
        sliding=_sliding(kv_heads=1, window=512),
        full=_global(kv_heads=1),
        borrowing_layers=20,
        double_wide_borrowers=True,
        per_layer_embeddings=PerLayerEmbeddingConfig(vocab_size=262_144, width=256),
        logit_softcap=30.0,
    ),
    vision=_SMALL_VISION,
    audio=_AUDIO,
)

E4B = Gemma4Config(
    text=TextConfig(
        vocab_size=262_144,
        hidden_size=2560,
        intermediate_size=10_240,
        layer_types=(_S, _S, _S, _S, _S, _G) * 7,
        query_heads=8,
        sliding=_sliding(kv_heads=2, window=512),
        full=_global(kv_heads=2),
        borrowing_layers=18,
        per_layer_embeddings=PerLayerEmbeddingConfig(vocab_size=262_144, width=256),
        logit_softcap=30.0,
    ),
    vision=_SMALL_VISION,
    audio=_AUDIO,
)

UNIFIED_12B = Gemma4Config(
    text=TextConfig(
        vocab_size=262_144,
        hidden_size=3840,
        intermediate_size=15_360,
        layer_types=(_S, _S, _S, _S, _S, _G) * 8,
        query_heads=16,
        sliding=_sliding(kv_heads=8, window=1024),
        full=_global(kv_heads=1, values_are_keys=True),
        logit_softcap=30.0,
        max_positions=262_144,
        media_sees_itself=True,
    ),
    vision=UnifiedVisionConfig(hidden_size=3840),
    audio=UnifiedAudioConfig(frame_width=640),
)
"""12B, the encoder-free model: pictures and sound reach the decoder through one linear each."""

A4B_26B = Gemma4Config(
    text=TextConfig(
        vocab_size=262_144,
        hidden_size=2816,
        intermediate_size=2112,
        layer_types=(_S, _S, _S, _S, _S, _G) * 5,
        query_heads=16,
        sliding=_sliding(kv_heads=8, window=1024),
        full=_global(kv_heads=2, values_are_keys=True),
        experts=ExpertsConfig(experts=128, experts_per_token=8, width=704),
        logit_softcap=30.0,
        max_positions=262_144,
        media_sees_itself=True,
    ),
    vision=_BIG_VISION,
)
"""26B-A4B: 4 of its 26 billion parameters are active at a time."""

DENSE_31B = Gemma4Config(
    text=TextConfig(
        vocab_size=262_144,
        hidden_size=5376,
        intermediate_size=21_504,
        layer_types=(_S, _S, _S, _S, _S, _G) * 10,
        query_heads=32,
        sliding=_sliding(kv_heads=16, window=1024),
        full=_global(kv_heads=4, values_are_keys=True),
        logit_softcap=30.0,
        max_positions=262_144,
        media_sees_itself=True,
    ),
    vision=_BIG_VISION,
)
