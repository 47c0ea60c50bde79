"""Which published Gemma 4 a shape is."""

from __future__ import annotations

from collections.abc import Mapping

from mlx_gemma4.model import presets
from mlx_gemma4.model.config import Gemma4Config

PUBLISHED: Mapping[str, Gemma4Config] = {
    "E2B": presets.E2B,
    "E4B": presets.E4B,
    "12B": presets.UNIFIED_12B,
    "26B-A4B": presets.A4B_26B,
    "31B": presets.DENSE_31B,
}
"""The published sizes as their repositories spell them."""


def size_of_shape(layers: object, hidden: object) -> str | None:
    """The size with this many layers of this width; None for another shape, or what is no shape at all."""
    shapes = ((size, config.text) for size, config in PUBLISHED.items())
    return next((size for size, text in shapes if (text.layers, text.hidden_size) == (layers, hidden)), None)
