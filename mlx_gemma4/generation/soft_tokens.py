"""The media of a prompt: held against its placeholders, and run through the towers.

Shapes: L tokens, S soft tokens.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import mlx.core as mx
import numpy as np

from mlx_gemma4.model.config import Gemma4Config
from mlx_gemma4.model.gemma4 import Gemma4
from mlx_gemma4.model.soft_token_merge import SoftTokens, check_placeholders
from mlx_gemma4.prompt.prepared import PreparedMedia, PreparedPicture, PreparedSound
from mlx_gemma4.protocol.errors import PromptError


class Encode(Protocol):
    """What makes soft tokens of an item: `encode`, or something that remembers what came out."""

    def __call__(self, model: Gemma4, item: PreparedMedia, start: int | None = None) -> SoftTokens:
        """As `encode`."""
        ...


def check_media(model: Gemma4, token_ids: np.ndarray, media: Sequence[PreparedMedia]) -> list[range]:
    """Where the media's soft tokens lie in `token_ids` [L], after holding them against prompt and features.

    Raises:
        CheckpointError: the model does not take what the prompt shows.
        PromptError: a picture's patches or a sound's frames do not make its soft tokens, they stand at placeholders of
            another kind, a placeholder has no soft token or the other way round, or the prompt ends in media.
    """
    config = model.config
    spans = [range(item.start, item.start + item.soft_tokens) for item in media]
    check_placeholders(token_ids, config.media_token_ids, spans)
    for item, span in zip(media, spans, strict=True):
        if isinstance(item, PreparedSound):
            _check_sound(config, item)
            allowed = (config.audio_token_id,)
        else:
            _check_picture(config, item)
            allowed = (config.image_token_id, config.video_token_id)
        found = np.unique(token_ids[span.start : span.stop])
        if len(found) > 1 or not np.isin(found, allowed).all():
            raise PromptError(
                f"Tokens {span.start} to {span.stop} are placeholders of another kind than the file that fills them.",
                code="prompt.soft_tokens",
            )
    if any(span.stop == len(token_ids) for span in spans):
        raise PromptError(
            "A prompt cannot end in a picture or a sound.", "Let text follow it.", code="prompt.soft_tokens"
        )
    return spans


def encode(model: Gemma4, item: PreparedMedia, start: int | None = None) -> SoftTokens:
    """The soft tokens [S, D] of one item, at `start` or where the prompt has them.

    Raises:
        CheckpointError: the model has no tower for this kind.
    """
    place = item.start if start is None else start
    if isinstance(item, PreparedSound):
        return SoftTokens(place, model.encode_sound(mx.array(item.features)))
    soft_SD = model.encode_picture(mx.array(item.patches), mx.array(item.positions))
    return SoftTokens(place, soft_SD, model.config.text.media_sees_itself)


def _check_picture(config: Gemma4Config, picture: PreparedPicture) -> None:
    if picture.patches.shape[0] != picture.soft_tokens * config.sight().pooling ** 2:
        raise PromptError(
            f"A picture of {picture.patches.shape[0]} patches does not make {picture.soft_tokens} soft tokens.",
            code="prompt.soft_tokens",
        )


def _check_sound(config: Gemma4Config, sound: PreparedSound) -> None:
    (frames, width), hearing = sound.features.shape, config.hearing()
    if width != hearing.frame_width or hearing.soft_tokens(frames) != sound.soft_tokens:
        raise PromptError(
            f"A sound of {frames} frames of {width} numbers does not make {sound.soft_tokens} soft tokens.",
            code="prompt.soft_tokens",
        )
