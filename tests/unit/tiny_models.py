"""Tiny Gemma 4 models with random weights, and prompts for them."""

from __future__ import annotations

import dataclasses
import math
from typing import TypeVar

import mlx.core as mx
import numpy as np
from mlx import nn
from mlx.utils import tree_flatten, tree_unflatten

from mlx_gemma4.generation.soft_tokens import encode
from mlx_gemma4.model.audio.config import AudioConfig
from mlx_gemma4.model.config import (
    AttentionShape,
    ExpertsConfig,
    Gemma4Config,
    PerLayerEmbeddingConfig,
    TextConfig,
    VisionConfig,
)
from mlx_gemma4.model.drafter.config import DrafterConfig
from mlx_gemma4.model.drafter.drafter import Drafter
from mlx_gemma4.model.gemma4 import Gemma4
from mlx_gemma4.model.text.attention_types import AttentionType
from mlx_gemma4.model.unified.config import UnifiedAudioConfig, UnifiedVisionConfig
from mlx_gemma4.prompt.prepared import Prepared, PreparedPicture, PreparedSound

M = TypeVar("M", bound=nn.Module)
_S, _G = AttentionType.SLIDING, AttentionType.GLOBAL

IMAGE, SOUND = 290, 291
TINY = Gemma4Config(
    text=TextConfig(
        vocab_size=300,
        hidden_size=64,
        intermediate_size=96,
        layer_types=(_S, _S, _S, _S, _G) * 2,
        query_heads=4,
        sliding=AttentionShape(kv_heads=2, head_dim=16, rope_theta=10_000.0, window=16),
        full=AttentionShape(kv_heads=1, head_dim=32, rope_theta=1_000_000.0, rotated_fraction=0.25),
        borrowing_layers=5,
        double_wide_borrowers=True,
        per_layer_embeddings=PerLayerEmbeddingConfig(vocab_size=300, width=16),
        logit_softcap=30.0,
    ),
    vision=VisionConfig(
        hidden_size=32,
        intermediate_size=48,
        layers=2,
        heads=2,
        head_dim=16,
        positions=64,
        clipped_linears=True,
        standardize=True,
    ),
    image_token_id=IMAGE,
    audio_token_id=SOUND,
    video_token_id=292,
)
HEARING = dataclasses.replace(
    TINY, audio=AudioConfig(hidden_size=32, layers=2, heads=2, output_width=24, conv_channels=(128, 4))
)
"""The same with an audio tower."""

PLAIN = dataclasses.replace(
    TINY,
    text=dataclasses.replace(
        TINY.text,
        borrowing_layers=0,
        per_layer_embeddings=None,
        logit_softcap=None,
        full=dataclasses.replace(TINY.text.full, values_are_keys=True),
    ),
)
"""The shape of the bigger models: no borrowing, no per-layer embeddings, and values that are keys in global layers."""

EXPERTS = dataclasses.replace(
    PLAIN,
    text=dataclasses.replace(
        PLAIN.text, media_sees_itself=True, experts=ExpertsConfig(experts=8, experts_per_token=3, width=32)
    ),
)
"""The shape of 26B-A4B: experts beside the dense MLP, and pictures that see themselves."""

UNIFIED = dataclasses.replace(
    PLAIN,
    text=dataclasses.replace(PLAIN.text, media_sees_itself=True),
    vision=UnifiedVisionConfig(hidden_size=24, positions=16),
    audio=UnifiedAudioConfig(frame_width=640),
)
"""The shape of 12B: pictures and raw sound without towers."""


def random_model(config: Gemma4Config = TINY, seed: int = 7) -> Gemma4:
    """A model in which nothing is trivially zero or one."""
    return _drawn(Gemma4(config), seed)


def random_drafter(target: TextConfig, seed: int = 8) -> Drafter:
    """A drafter of one layer of each type for a model of this shape; it has learnt nothing."""
    text = dataclasses.replace(
        target,
        hidden_size=64,
        intermediate_size=64,
        layer_types=(_S, _G),
        borrowing_layers=2,
        double_wide_borrowers=False,
        per_layer_embeddings=None,
    )
    return _drawn(Drafter(DrafterConfig(text=text, target_width=target.hidden_size)), seed)


def _drawn(module: M, seed: int) -> M:
    key = mx.random.key(seed)
    drawn = []
    for path, array in sorted(tree_flatten(module.parameters())):
        key, now = mx.random.split(key)
        noise = mx.random.normal(array.shape, key=now)
        if path.endswith(("_min", "_max")):
            value = mx.full(array.shape, -3.0 if path.endswith("min") else 3.0)
        elif array.ndim == 1:
            value = 1 + 0.3 * noise
        elif path.endswith(("embed_tokens.weight", "table.weight", "position_table")):
            value = 0.15 * noise
        else:
            value = noise * (1.1 / math.sqrt(array.shape[-1]))
        drawn.append((path, value))
    module.update(tree_unflatten(drawn))
    mx.eval(module.parameters())
    return module


def random_ids(count: int, seed: int = 1) -> np.ndarray:
    """Token ids without markers, int32."""
    return np.random.default_rng(seed).integers(5, 280, count).astype(np.int32)


def random_picture(columns: int, rows: int, start: int, seed: int = 2) -> PreparedPicture:
    """A picture of columns × rows patches whose first soft token is at `start`."""
    patches = np.random.default_rng(seed).random((columns * rows, 768), dtype=np.float32)
    positions = np.array([[x, y] for y in range(rows) for x in range(columns)], dtype=np.int32)
    return PreparedPicture(patches, positions, start, columns * rows // 9)


def picture_prompt(tokens: int = 80) -> Prepared:
    """Random text with a wide picture of 6 soft tokens at 10 and a tall one of 8 at 40."""
    pictures = (random_picture(9, 6, 10), random_picture(6, 12, 40, seed=3))
    ids = random_ids(tokens)
    for picture in pictures:
        ids[picture.start : picture.start + picture.soft_tokens] = IMAGE
    return Prepared(ids, pictures)


def random_sound(frames: int, start: int, seed: int = 4) -> PreparedSound:
    """A sound of this many mel frames whose first soft token is at `start`."""
    features = np.random.default_rng(seed).standard_normal((frames, 128)).astype(np.float32)
    return PreparedSound(features, start, -(-frames // 4))


def raw_sound(frames: int, start: int, seed: int = 4) -> PreparedSound:
    """A sound of so many raw frames whose first soft token is at `start`."""
    samples = np.random.default_rng(seed).uniform(-0.5, 0.5, (frames, 640)).astype(np.float32)
    return PreparedSound(samples, start, frames)


def mixed_prompt(tokens: int = 70) -> Prepared:
    """Random text with a sound of 7 soft tokens at 5, a picture of 12 at 20 and a sound of 9 at 40."""
    media = (raw_sound(7, 5), random_picture(12, 9, 20), raw_sound(9, 40, seed=5))
    ids = random_ids(tokens)
    for item in media:
        ids[item.start : item.start + item.soft_tokens] = SOUND if isinstance(item, PreparedSound) else IMAGE
    return Prepared(ids, media)


def full_logits(model: Gemma4, prepared: Prepared) -> np.ndarray:
    """The logits [L, V] of a whole prompt in one pass without caches."""
    return np.array(model.logits(prepared.token_ids, [encode(model, item) for item in prepared.media]))
