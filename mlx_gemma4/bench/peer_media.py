"""A prompt's media in the arguments that mlx-vlm's own processor would pass on to its models."""

from __future__ import annotations

from typing import Any

import mlx.core as mx
import numpy as np

from mlx_gemma4.model.config import Gemma4Config
from mlx_gemma4.model.unified.config import UnifiedVisionConfig
from mlx_gemma4.prompt.prepared import Prepared, PreparedPicture

_KINDS = {"image": 1, "audio": 3}  # what mlx-vlm calls the tokens of media


def mlx_vlm_media(prompt: Prepared, config: Gemma4Config) -> dict[str, Any]:
    """Arguments of `generate_step` for a prompt with at most one picture and one sound; none for text alone."""
    arguments: dict[str, Any] = {}
    for item in prompt.media:
        arguments |= _picture(item, config) if isinstance(item, PreparedPicture) else _sound(item.features)
    if arguments:
        kinds = np.where(prompt.token_ids == config.image_token_id, _KINDS["image"], 0)
        kinds[prompt.token_ids == config.audio_token_id] = _KINDS["audio"]
        arguments["mm_token_type_ids"] = mx.array(kinds[None].astype(np.int32))
    return arguments


def _picture(picture: PreparedPicture, config: Gemma4Config) -> dict[str, mx.array]:
    patches, positions = picture.patches, picture.positions
    if isinstance(config.vision, UnifiedVisionConfig):
        # It takes whole squares; which of the random pixels lie in which square makes no difference.
        patches = patches.reshape(picture.soft_tokens, config.vision.square_values)
        corners = (positions % config.vision.pooling == 0).all(axis=1)
        positions = positions[corners] // config.vision.pooling
    return {"pixel_values": mx.array(patches[None]), "image_position_ids": mx.array(positions[None])}


def _sound(features_TC: np.ndarray) -> dict[str, mx.array]:
    return {
        "input_features": mx.array(features_TC[None]),
        "input_features_mask": mx.ones((1, len(features_TC)), dtype=mx.bool_),
    }
