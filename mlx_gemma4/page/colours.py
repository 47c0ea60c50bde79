"""CIELAB and CIEDE2000, in numpy: how different two colours look."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np

Array: TypeAlias = np.ndarray
_WHITE = np.array((0.95047, 1.0, 1.08883), np.float32)  # D65
_TO_XYZ = np.array(
    ((0.4124564, 0.3575761, 0.1804375), (0.2126729, 0.7151522, 0.0721750), (0.0193339, 0.1191920, 0.9503041)),
    np.float32,
)
_LEVELS = np.arange(256) / 255
_LINEAR = np.where(_LEVELS <= 0.04045, _LEVELS / 12.92, ((_LEVELS + 0.055) / 1.055) ** 2.4).astype(np.float32)
_25_TO_7 = np.float32(25.0**7)


def to_lab(rgb: Array) -> Array:
    """CIELAB under D65 (float32, channels last) of 8-bit sRGB."""
    xyz = _LINEAR[rgb] @ (_TO_XYZ / _WHITE[:, None]).T
    curved = np.where(xyz > 216 / 24389, np.cbrt(xyz), xyz * np.float32(841 / 108) + np.float32(4 / 29))
    x, y, z = curved[..., 0], curved[..., 1], curved[..., 2]
    return np.stack((116 * y - 16, 500 * (x - y), 200 * (y - z)), axis=-1)


def difference(lab: Array, other: Array) -> Array:
    """CIEDE2000 of two arrays of Lab colours (Sharma, Wu and Dalal 2005); black and white are 100 apart."""
    lightness = other[..., 0] - lab[..., 0]
    chroma = (np.hypot(lab[..., 1], lab[..., 2]) + np.hypot(other[..., 1], other[..., 2])) / 2
    stretch = 1 + (1 - _saturation(chroma)) / 2
    a, b = lab[..., 1] * stretch, other[..., 1] * stretch
    one, two = np.hypot(a, lab[..., 2]), np.hypot(b, other[..., 2])
    hue_one, hue_two = np.arctan2(lab[..., 2], a), np.arctan2(other[..., 2], b)
    turn = np.where(one * two == 0, 0, (hue_two - hue_one + np.pi) % (2 * np.pi) - np.pi)
    # the mean hue lies in the middle of the shorter way round; of a grey and a colour it is the colour's
    hue = np.where(one * two == 0, hue_one + hue_two, hue_one + turn / 2)
    mean = (one + two) / 2
    t = (
        1
        - 0.17 * np.cos(hue - np.pi / 6)
        + 0.24 * np.cos(2 * hue)
        + 0.32 * np.cos(3 * hue + np.pi / 30)
        - 0.20 * np.cos(4 * hue - np.pi * 63 / 180)
    )
    off = ((lab[..., 0] + other[..., 0]) / 2 - 50) ** 2
    light = lightness / (1 + 0.015 * off / np.sqrt(20 + off))
    colourful = (two - one) / (1 + 0.045 * mean)
    hued = 2 * np.sqrt(one * two) * np.sin(turn / 2) / (1 + 0.015 * mean * t)
    degrees = np.degrees(hue) % 360
    blue = np.exp(-(((degrees - 275) / 25) ** 2)) * np.pi / 3
    rotation = -2 * _saturation(mean) * np.sin(blue)
    return np.sqrt(np.maximum(light**2 + colourful**2 + hued**2 + rotation * colourful * hued, 0))


def _saturation(chroma: Array) -> Array:
    seventh = chroma**7
    return np.sqrt(seventh / (seventh + _25_TO_7))
