"""What is exported: pictures with their boxes, in pixels of the upright picture."""

from __future__ import annotations

from dataclasses import dataclass

from app.state.attachments import Place


@dataclass(frozen=True)
class BoxRecord:
    """One box; `colour` as `#RRGGBB`."""

    label: str
    place: Place
    colour: str

    @property
    def name(self) -> str:
        """The label on one line."""
        return " ".join(self.label.split()) or "object"


@dataclass(frozen=True)
class PictureRecord:
    """A picture, a page or a frame.

    Attributes:
        name: of this picture and no other in the export, without an ending.
        file: name of the file that it is in.
        width: of the upright picture, in pixels; 0 where nobody has looked yet.
        height: likewise.
        page: of a document, counted from 1.
        seconds: of a clip's frame.
        path: of the picture itself, where its pixels are needed.
    """

    name: str
    file: str
    width: int
    height: int
    boxes: tuple[BoxRecord, ...]
    page: int | None = None
    seconds: float | None = None
    path: str = ""

    @property
    def file_name(self) -> str:
        """What other programs look for: the file, or a name with the page or frame in it."""
        return self.file if self.page is None and self.seconds is None else f"{self.name}.png"


def pixels(place: Place, width: int, height: int) -> tuple[float, float, float, float]:
    """(x, y, width, height) of a box in pixels, to the hundredth."""
    top, left, bottom, right = place
    x, y = left * width / 1000, top * height / 1000
    return round(x, 2), round(y, 2), round(right * width / 1000 - x, 2), round(bottom * height / 1000 - y, 2)


def labels(pictures: tuple[PictureRecord, ...]) -> list[str]:
    """All labels, each once, in order of appearance."""
    return list(dict.fromkeys(box.name for picture in pictures for box in picture.boxes))
