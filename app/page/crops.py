"""Logos and photos cut out of a screenshot, as data URIs."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QBuffer, QIODevice, QRect, Qt
from PySide6.QtGui import QImage, QImageReader

from mlx_gemma4.protocol.events import Box

MOST_CROPS = 50
LARGEST_CROP = 2_000_000  # bytes of its file
LARGEST_SUM = 20_000_000
LEAST_SIDE = 4  # pixels
MOST_OF_SHOT = 0.8  # of its area: what is larger is the page itself, not a picture on it
ALIKE = 0.8  # overlap of two boxes around the same thing
FEW_COLOURS = 256  # of 64 × 64 samples: a drawing, which PNG keeps sharp
QUALITIES = (90, 75, 60)

Rectangle = tuple[float, float, float, float]
"""x, y, width, height."""


@dataclass(frozen=True)
class Crop:
    """A picture from a screenshot.

    Attributes:
        place: where it is, in widths of the screenshot along both sides: a page of the same width has it there too.
        uri: PNG where it has few colours or is see-through, JPEG otherwise.
    """

    place: Rectangle
    uri: str


def crop(screenshot: str, boxes: Sequence[Box]) -> tuple[Crop, ...]:
    """What is in the boxes on a picture file, each in at most `LARGEST_CROP` bytes.

    Boxes that are empty, doubled or nearly the whole picture are passed over; nothing is cropped from a file that
    cannot be read. At most `MOST_CROPS`, and `LARGEST_SUM` bytes together.
    """
    reader = QImageReader(screenshot)
    reader.setDecideFormatFromContent(True)
    reader.setAutoTransform(True)
    shot = reader.read()
    if shot.isNull():
        return ()
    unit = shot.width()
    crops: list[Crop] = []
    total = 0
    for box in boxes:
        area = _pixels(box, shot.width(), shot.height())
        place = (area.x() / unit, area.y() / unit, area.width() / unit, area.height() / unit)
        if not _is_picture(area, shot) or any(overlap(place, other.place) > ALIKE for other in crops):
            continue
        mime, data = _encoded(shot.copy(area))
        total += len(data)
        if total > LARGEST_SUM or len(crops) == MOST_CROPS:
            break
        crops.append(Crop(place, f"data:image/{mime};base64,{base64.b64encode(data).decode()}"))
    return tuple(crops)


def overlap(one: Rectangle, other: Rectangle) -> float:
    """Shared area over joint area of two rectangles."""
    wide = min(one[0] + one[2], other[0] + other[2]) - max(one[0], other[0])
    high = min(one[1] + one[3], other[1] + other[3]) - max(one[1], other[1])
    if wide <= 0 or high <= 0:
        return 0.0
    return wide * high / (one[2] * one[3] + other[2] * other[3] - wide * high)


def _pixels(box: Box, width: int, height: int) -> QRect:
    top, left, bottom, right = box
    x, y = round(left * width / 1000), round(top * height / 1000)
    return QRect(x, y, round(right * width / 1000) - x, round(bottom * height / 1000) - y).intersected(
        QRect(0, 0, width, height)
    )


def _is_picture(area: QRect, shot: QImage) -> bool:
    large_enough = area.width() >= LEAST_SIDE and area.height() >= LEAST_SIDE
    return large_enough and area.width() * area.height() <= MOST_OF_SHOT * shot.width() * shot.height()


def _encoded(picture: QImage) -> tuple[str, bytes]:
    """(kind, file) of at most `LARGEST_CROP` bytes: halved until it is that small."""
    see_through = picture.hasAlphaChannel() and not _is_opaque(picture)
    while True:
        if see_through or _colours(picture) <= FEW_COLOURS:
            data = _file(picture, "PNG", -1)
            if len(data) <= LARGEST_CROP:
                return "png", data
        if not see_through:
            for quality in QUALITIES:
                data = _file(picture, "JPG", quality)
                if len(data) <= LARGEST_CROP:
                    return "jpeg", data
        smooth = Qt.TransformationMode.SmoothTransformation
        picture = picture.scaled(picture.size() / 2, Qt.AspectRatioMode.KeepAspectRatio, smooth)


def _samples(picture: QImage) -> memoryview:
    """At most 64 × 64 of its pixels, as 32-bit ARGB."""
    few = picture.size().boundedTo(picture.size().scaled(64, 64, Qt.AspectRatioMode.IgnoreAspectRatio))
    return memoryview(picture.scaled(few).convertToFormat(QImage.Format.Format_ARGB32).constBits()).cast("B").cast("I")


def _colours(picture: QImage) -> int:
    return len(set(_samples(picture)))


def _is_opaque(picture: QImage) -> bool:
    return all(pixel >= 0xFF000000 for pixel in _samples(picture))


def _file(picture: QImage, kind: str, quality: int) -> bytes:
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    picture.save(buffer, kind, quality)  # type: ignore[call-overload]
    return bytes(buffer.data().data())
