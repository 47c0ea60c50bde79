"""The media of a prompt: held against its placeholders, and run through the towers.

Shapes: L tokens.
"""

from __future__ import annotations

from collections.abc import Sequence

import mlx.core as mx
import numpy as np

from mlx_gemma4.model.gemma4 import Gemma4
from mlx_gemma4.model.soft_token_merge import SoftTokens, check_placeholders
from mlx_gemma4.prompt.prepared import PreparedMedia
from mlx_gemma4.protocol.errors import PromptError


def check_media(model: Gemma4, token_ids: np.ndarray, media: Sequence[PreparedMedia]) -> list[range]:
    """Where the media's soft tokens lie in `token_ids` [L], after holding them against prompt and patches.

    Raises:
        PromptError: a picture's patches do not make its soft tokens, a placeholder has no soft token or the other way
            round, or the prompt ends in a picture.
    """
    spans = [range(item.start, item.start + item.soft_tokens) for item in media]
    check_placeholders(token_ids, model.config.media_token_ids, spans)
    per_token = model.config.vision.pooling**2 if model.config.vision else 1
    for picture in media:
        if picture.patches.shape[0] != picture.soft_tokens * per_token:
            raise PromptError(
                f"A picture of {picture.patches.shape[0]} patches does not make {picture.soft_tokens} soft tokens.",
                code="prompt.soft_tokens",
            )
    if any(span.stop == len(token_ids) for span in spans):
        raise PromptError("A prompt cannot end in a picture.", "Let text follow it.", code="prompt.soft_tokens")
    return spans


def encode(model: Gemma4, item: PreparedMedia, start: int | None = None) -> SoftTokens:
    """The soft tokens of one item, at `start` or where the prompt has them.

    Raises:
        CheckpointError: the model has no tower for this kind.
    """
    soft_SD = model.encode_picture(mx.array(item.patches), mx.array(item.positions))
    return SoftTokens(item.start if start is None else start, soft_SD, model.config.text.media_sees_itself)
