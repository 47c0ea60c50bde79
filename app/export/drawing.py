"""Boxes drawn on pictures at their full size, and what is in them cut out; runs beside the window's thread."""

from __future__ import annotations

from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QImage, QImageReader, QPainter, QPen

from app.export.records import BoxRecord, PictureRecord, pixels
from mlx_gemma4.protocol.box_colours import HALO

_LONGEST_LABEL = 40
_FILL = 0.12
_DARK = 0.179  # luminance under which white is easier to read than black


def read_picture(path: str) -> QImage:
    """The picture in a format that can be painted on.

    Raises:
        OSError: it cannot be read.
    """
    reader = QImageReader(path)
    QImageReader.setAllocationLimit(0)  # the engine has written the file, and knows what is too large
    image = reader.read()
    if image.isNull():
        raise OSError(reader.errorString())
    return image.convertToFormat(QImage.Format.Format_RGB32)


def drawn(picture: PictureRecord) -> QImage:
    """The picture with its boxes; lines and letters grow with it.

    Raises:
        OSError: the picture cannot be read.
    """
    image = read_picture(picture.path)
    unit = max(1.0, min(image.width(), image.height()) / 480)
    painter = QPainter(image)
    painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.TextAntialiasing)
    boxes = sorted(picture.boxes, key=_area, reverse=True)
    for box in boxes:
        _paint_box(painter, QRectF(*pixels(box.place, image.width(), image.height())), QColor(box.colour), unit)
    for box in boxes:
        if box.label.strip():
            _paint_label(painter, QRectF(*pixels(box.place, image.width(), image.height())), box, unit)
    painter.end()
    return image


def crops(picture: PictureRecord) -> list[tuple[BoxRecord, QImage]]:
    """What is in each box, at least a pixel of it.

    Raises:
        OSError: the picture cannot be read.
    """
    image = read_picture(picture.path)
    return [(box, image.copy(_whole_pixels(box, image))) for box in picture.boxes]


def _whole_pixels(box: BoxRecord, image: QImage) -> QRect:
    top, left, bottom, right = box.place
    width, height = image.width(), image.height()
    x, y = min(round(left * width / 1000), width - 1), min(round(top * height / 1000), height - 1)
    return QRect(x, y, max(round(right * width / 1000) - x, 1), max(round(bottom * height / 1000) - y, 1))


def _area(box: BoxRecord) -> float:
    top, left, bottom, right = box.place
    return (bottom - top) * (right - left)


def _paint_box(painter: QPainter, rect: QRectF, colour: QColor, unit: float) -> None:
    fill, halo = QColor(colour), QColor(HALO)
    fill.setAlphaF(_FILL)
    halo.setAlphaF(0.85)
    painter.fillRect(rect, fill)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for ink, width in ((halo, 4 * unit), (colour, 2 * unit)):
        painter.setPen(QPen(ink, width, Qt.PenStyle.SolidLine, Qt.PenCapStyle.SquareCap, Qt.PenJoinStyle.RoundJoin))
        painter.drawRect(rect)


def _paint_label(painter: QPainter, rect: QRectF, box: BoxRecord, unit: float) -> None:
    """A tag above the box, or in its upper corner where there is no room above; inside the picture."""
    text = box.name if len(box.name) <= _LONGEST_LABEL else f"{box.name[: _LONGEST_LABEL - 1]}…"
    font = QFont(painter.font())
    font.setPixelSize(round(12 * unit))
    font.setWeight(QFont.Weight.DemiBold)
    painter.setFont(font)
    metrics = QFontMetricsF(font)
    device = painter.device()
    width = min(metrics.horizontalAdvance(text) + 12 * unit, float(device.width()))
    height = metrics.height() + 4 * unit
    x = min(max(rect.left() - 2 * unit, 0.0), device.width() - width)
    above = rect.top() - height
    y = above if above >= 0 else min(rect.top() + 2 * unit, device.height() - height)
    tag = QRectF(x, y, width, height)
    colour = QColor(box.colour)
    painter.setPen(QPen(QColor(HALO), unit))
    painter.setBrush(colour)
    painter.drawRoundedRect(tag, 3 * unit, 3 * unit)
    painter.setPen(QColor("#FFFFFF" if _luminance(colour) < _DARK else "#000000"))
    painter.drawText(tag, Qt.AlignmentFlag.AlignCenter, text)


def _luminance(colour: QColor) -> float:
    """As in WCAG 2.2."""
    parts = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for part in (colour.redF(), colour.greenF(), colour.blueF())
    ]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]
