"""A white picture for a page of which nothing can be shown."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QImage

from app.page.render import PageSize


def save_white(path: str, size: PageSize) -> int:
    """Save a picture of that size, no higher than pictures get; returns its height in CSS pixels."""
    height = min(size.height, size.most_height)
    image = QImage(round(size.width * size.scale), round(height * size.scale), QImage.Format.Format_Mono)
    image.fill(Qt.GlobalColor.color1)
    image.save(path)
    return height
