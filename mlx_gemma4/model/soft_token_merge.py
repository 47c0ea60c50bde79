"""Put soft tokens where the prompt has their placeholders.

Shapes: L tokens, S soft tokens, D hidden.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import mlx.core as mx
import numpy as np

from mlx_gemma4.protocol.errors import PromptError


@dataclass(frozen=True)
class SoftTokens:
    """The soft tokens of one picture, frame or clip of sound [S, D], and the position of the first of them.

    `sees_itself` says that they attend to each other in both directions where layers slide.
    """

    start: int
    soft_SD: mx.array
    sees_itself: bool = False

    @property
    def span(self) -> range:
        """The positions they fill."""
        return range(self.start, self.start + self.soft_SD.shape[0])


def check_placeholders(token_ids: np.ndarray, media_ids: Sequence[int], spans: Sequence[range]) -> None:
    """Hold a prompt's placeholders [L] against its soft tokens: each placeholder must get exactly one.

    Raises:
        PromptError: a placeholder without a soft token, or a soft token where there is no placeholder.
    """
    filled = np.zeros(token_ids.shape, dtype=bool)
    for span in spans:
        if span.start < 0 or span.stop > len(token_ids) or filled[span.start : span.stop].any():
            raise PromptError(
                f"Soft tokens {span.start} to {span.stop} overlap others or lie outside of {len(token_ids)} tokens.",
                code="prompt.soft_tokens",
            )
        filled[span.start : span.stop] = True
    placeholders = np.isin(token_ids, media_ids)
    if not np.array_equal(placeholders, filled):
        position = int(np.argmax(placeholders != filled))
        raise PromptError(
            f"The prompt has {int(placeholders.sum())} media placeholders for {int(filled.sum())} soft tokens; "
            f"they first differ at token {position}.",
            "Were the pictures prepared with another size than the prompt?",
            code="prompt.soft_tokens",
        )


def without_placeholders(token_ids: np.ndarray, media_ids: Sequence[int], pad_id: int) -> np.ndarray:
    """The ids [L] with the pad id for every placeholder, for gathering embeddings."""
    return np.where(np.isin(token_ids, media_ids), np.int32(pad_id), token_ids)


def blocks_that_see_themselves(soft: Sequence[SoftTokens]) -> list[range]:
    """The positions of soft tokens that attend to each other in both directions, one range for each item."""
    return [block.span for block in soft if block.sees_itself]


def merge(embedded_LD: mx.array, soft: Sequence[SoftTokens]) -> mx.array:
    """Overwrite rows of `embedded_LD` with the soft tokens that belong there, unscaled."""
    for block in soft:
        embedded_LD[block.span.start : block.span.stop] = block.soft_SD.astype(embedded_LD.dtype)
    return embedded_LD
