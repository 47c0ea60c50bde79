"""Random numbers that are the same in every environment, one stream for each key."""

from __future__ import annotations

import math
import zlib

import numpy as np
from numpy.typing import NDArray

CLIP_BOUNDS = {"input_min": -2.5, "input_max": 3.0, "output_min": -3.2, "output_max": 2.7}


def draw(kind: str, shape: tuple[int, ...], key: str) -> NDArray[np.float32]:
    """A tensor in which nothing is trivially zero or one.

    Args:
        kind: what it is in the model: linear, kernel, router, embedding, scale, head_scale, bias or the name of a clip
            bound.
        shape: of the result.
        key: another key gives other numbers.
    """
    drawn = normals(key, math.prod(shape)).reshape(shape)
    if kind == "linear":
        values = 1.3 * drawn / math.sqrt(shape[-1])
    elif kind == "kernel":  # [out, in, places …]
        values = 1.3 * drawn / math.sqrt(math.prod(shape[1:]))
    elif kind == "router":  # its input is scaled down by the root of its width once more
        values = 1.3 * drawn
    elif kind == "embedding":
        values = 0.15 * drawn
    elif kind == "scale":
        values = 1.0 + 0.3 * drawn
    elif kind == "head_scale":  # attention over wide heads would else be so sharp that it magnifies roundings
        values = (1.0 + 0.3 * drawn) * min(1.0, (16 / shape[0]) ** 0.25)
    elif kind == "bias":
        values = 0.5 * drawn
    else:
        values = CLIP_BOUNDS[kind] * (1.0 + 0.05 * drawn)
    return np.asarray(values, dtype=np.float32)


def normals(key: str, count: int) -> NDArray[np.float64]:
    """Box-Muller on raw generator bits: numpy keeps those stable between versions, unlike its normal()."""
    radius, angle = uniforms(key, 2 * count).reshape(2, count)
    return np.sqrt(-2.0 * np.log1p(-radius)) * np.cos(2.0 * np.pi * angle)


def uniforms(key: str, count: int) -> NDArray[np.float64]:
    """Uniform numbers in [0, 1) with 53 bits."""
    bits = np.random.PCG64(zlib.crc32(key.encode())).random_raw(count)
    return (bits >> np.uint64(11)) * 2.0**-53
