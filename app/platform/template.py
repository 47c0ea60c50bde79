"""Our glyphs as black pictures with transparency, which menu bars tint as they need them."""

from __future__ import annotations

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, Qt
from PySide6.QtGui import QImage, QPainter
from PySide6.QtSvg import QSvgRenderer

from app.platform.bundled import bundled


def template_png(name: str, side: int) -> bytes:
    """`resources/icons/<name>.svg` in black, `side` pixels wide and high, as a PNG file."""
    drawing = bundled(f"icons/{name}.svg").read_bytes().replace(b"currentColor", b"#000000")
    image = QImage(side, side, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    QSvgRenderer(QByteArray(drawing)).render(painter)
    painter.end()
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")  # pyright: ignore[reportCallIssue, reportArgumentType]
    return bytes(buffer.data().data())
