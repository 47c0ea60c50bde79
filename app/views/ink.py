"""Arithmetic with colours: opacity, mixtures, and how readable one is on another."""

from __future__ import annotations

from PySide6.QtGui import QColor


def faded(colour: str | QColor, alpha: float) -> QColor:
    """The colour at this opacity."""
    result = QColor(colour)
    result.setAlphaF(alpha)
    return result


def mixed(ink: str | QColor, ground: str | QColor, share: float) -> QColor:
    """What this share of ink gives on a ground, opaque: for where nothing is known of what is behind."""
    ways = zip(_channels(ink), _channels(ground), strict=True)
    return QColor.fromRgbF(*(share * one + (1 - share) * other for one, other in ways))


def luminance(colour: str | QColor) -> float:
    """Relative luminance, 0 to 1 (WCAG 2.2)."""
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in _channels(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str | QColor, other: str | QColor) -> float:
    """Contrast of two opaque colours, 1 to 21 (WCAG 2.2)."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def readable(colour: str, grounds: tuple[str, ...], ratio: float) -> str:
    """The colour, moved towards black or white no further than it takes to reach this contrast on every ground."""
    target = QColor("white" if luminance(grounds[0]) < 0.18 else "black")
    ways = list(zip(_channels(colour), _channels(target), strict=True))
    for step in range(51):
        moved = QColor(QColor.fromRgbF(*(start + (end - start) * step / 50 for start, end in ways)).name())
        if all(contrast(moved, ground) >= ratio for ground in grounds):
            return moved.name()
    return target.name()


def _channels(colour: str | QColor) -> tuple[float, float, float]:
    value = QColor(colour)
    return value.redF(), value.greenF(), value.blueF()


def ink_on(ground: str | QColor) -> str:
    """Near-black or white, whichever is easier to read on this colour."""
    return max("#1D1D1F", "#FFFFFF", key=lambda ink: contrast(ink, ground))


def css(colour: str | QColor) -> str:
    """A colour as stylesheets write it."""
    value = QColor(colour)
    return f"rgba({value.red()},{value.green()},{value.blue()},{value.alpha()})"
