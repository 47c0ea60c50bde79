"""Our own glyphs, drawn at the size, sharpness and colour in which they are shown."""

from __future__ import annotations

from functools import cache

from PySide6.QtCore import QByteArray, QRectF
from PySide6.QtGui import QColor, QPainter
from PySide6.QtSvg import QSvgRenderer

from app.platform.bundled import bundled

SIZE = 18
"""Of a glyph in a control."""


def paint_icon(painter: QPainter, name: str, rect: QRectF, colour: str | QColor) -> None:
    """Draw `resources/icons/<name>.svg` into a square, in one colour."""
    ink = QColor(colour)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setOpacity(painter.opacity() * ink.alphaF())
    _renderer(name, ink.name()).render(painter, rect)
    painter.restore()


@cache
def _renderer(name: str, colour: str) -> QSvgRenderer:
    drawing = bundled(f"icons/{name}.svg").read_bytes().replace(b"currentColor", colour.encode())
    renderer = QSvgRenderer(QByteArray(drawing))
    assert renderer.isValid(), name
    return renderer
