"""An export as a file or a folder: the whole of it, or nothing."""

from __future__ import annotations

import re
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Literal, TypeAlias

from PySide6.QtCore import QBuffer, QIODevice
from PySide6.QtGui import QImage

from app.export.drawing import crops, drawn
from app.export.formats import as_coco, as_json, as_yolo
from app.export.records import PictureRecord
from app.platform.files import whole_file

Kind: TypeAlias = Literal["coco", "yolo", "json", "drawn", "crops"]
_FORBIDDEN = re.compile(r'[/\\:*?"<>|\x00-\x1f]+')  # in names of files
_QUALITY = 92


def ending(kind: Kind, pictures: int) -> str:
    """Of the file's name."""
    if kind in ("coco", "json"):
        return ".json"
    return ".png" if kind == "drawn" and pictures == 1 else ".zip"


def needs_pixels(kind: Kind) -> bool:
    """Whether the pictures themselves are needed."""
    return kind in ("drawn", "crops")


def safe_name(name: str) -> str:
    """A name that every system takes for a file."""
    return " ".join(_FORBIDDEN.sub(" ", name).split()).strip(" .")[:80] or "picture"


def write_export(kind: Kind, pictures: tuple[PictureRecord, ...], target: Path) -> None:
    """Write it; a file that was there before is replaced.

    Several files go into a zip, or into a folder where `target` has no extension; nothing may have that name yet.

    Raises:
        OSError: it cannot be written, or a picture not be read.
    """
    if names_folder(target) and ending(kind, len(pictures)) == ".zip":
        _write_folder(kind, pictures, target)
        return
    with whole_file(target) as file:
        if kind in ("coco", "json"):
            text = as_coco(pictures) if kind == "coco" else as_json(pictures)
            file.write_text(text, encoding="utf-8", newline="\n")
        elif kind == "drawn" and target.suffix.lower() != ".zip":
            file.write_bytes(_encoded(drawn(pictures[0]), target.suffix))
        else:
            with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
                for name, content in _files(kind, pictures):
                    archive.writestr(name, content)


def names_folder(target: Path) -> bool:
    """Whether the name has nothing at its end that would say what kind of file it is."""
    return not target.suffix or " " in target.suffix


def _write_folder(kind: Kind, pictures: tuple[PictureRecord, ...], target: Path) -> None:
    """All of it or nothing: it gets its name once everything is inside."""
    with tempfile.TemporaryDirectory(prefix=f".{target.name} ", dir=target.parent) as unfinished:
        inside = Path(unfinished) / target.name
        for name, content in _files(kind, pictures):
            file = inside / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content)
        inside.mkdir(exist_ok=True)
        inside.rename(target)


def _files(kind: Kind, pictures: tuple[PictureRecord, ...]) -> Iterator[tuple[str, bytes]]:
    """Names with folders, and contents."""
    if kind == "yolo":
        for name, text in as_yolo(pictures).items():
            yield name, text.encode()
        return
    for picture in pictures:
        if kind == "drawn":
            yield f"{picture.name}.png", _encoded(drawn(picture), ".png")
            continue
        folder = f"{picture.name}/" if len(pictures) > 1 else ""
        for number, (box, image) in enumerate(crops(picture), 1):
            yield f"{folder}{number:03d} {safe_name(box.name)}.png", _encoded(image, ".png")


def _encoded(image: QImage, suffix: str) -> bytes:
    """The file of a picture: JPEG for `.jpg` and `.jpeg`, PNG for all others."""
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    kind, quality = ("JPG", _QUALITY) if suffix.lower() in (".jpg", ".jpeg") else ("PNG", -1)
    if not image.save(buffer, kind, quality):  # type: ignore[call-overload]
        raise OSError(f"a picture of {image.width()}×{image.height()} pixels cannot be written")
    return bytes(buffer.data().data())
