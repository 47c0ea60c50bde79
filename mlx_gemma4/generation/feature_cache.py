"""Soft tokens by what they were made of, so that no tower runs twice over the same picture."""

from __future__ import annotations

import dataclasses
from collections import OrderedDict

import mlx.core as mx

from mlx_gemma4.generation.soft_tokens import encode
from mlx_gemma4.model.gemma4 import Gemma4
from mlx_gemma4.model.soft_token_merge import SoftTokens
from mlx_gemma4.prompt.content import MediaContent
from mlx_gemma4.prompt.prepared import PreparedMedia


class FeatureCache:
    """Encodes media for a session of one model (`Encode`); of what came out, the last used within a budget stay."""

    def __init__(self, budget: int) -> None:
        """Keep at most `budget` bytes."""
        self._budget = budget
        self._kept: OrderedDict[bytes, SoftTokens] = OrderedDict()

    @property
    def nbytes(self) -> int:
        """Memory of what is kept."""
        return sum(soft.soft_SD.nbytes for soft in self._kept.values())

    def __contains__(self, item: object) -> bool:
        """Whether the soft tokens of this content are there."""
        return isinstance(item, MediaContent) and item.digest in self._kept

    def __call__(self, model: Gemma4, item: PreparedMedia, start: int | None = None) -> SoftTokens:
        """As `encode`, and the soft tokens are evaluated.

        Raises:
            CheckpointError: the model has no tower for this kind.
        """
        soft = self._kept.pop(item.digest, None)
        if soft is None:
            soft = encode(model, item, start)
            mx.eval(soft.soft_SD)
        self._kept[item.digest] = soft
        while self._kept and self.nbytes > self._budget:
            self._kept.popitem(last=False)
        return dataclasses.replace(soft, start=item.start if start is None else start)

    def clear(self) -> None:
        """Forget all."""
        self._kept.clear()
