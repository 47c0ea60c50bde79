"""The two kinds of attention that Gemma 4 layers alternate between."""

from __future__ import annotations

from enum import Enum


class AttentionType(Enum):
    """How far back a layer looks; the values are the names used in checkpoints."""

    SLIDING = "sliding_attention"
    GLOBAL = "full_attention"
