"""What a drag or the clipboard carries: files, links, or a picture without a file."""

from __future__ import annotations

import itertools
from pathlib import Path

from PySide6.QtCore import QMimeData
from PySide6.QtGui import QImage

from app.intake.file_kinds import ALL_SENSES, Senses
from app.intake.offer import LINK, Offer, sort_files
from app.words import tr

_numbers = itertools.count(1)


def has_something(mime: QMimeData) -> bool:
    """Whether this is for us at all; dragged words are not."""
    return mime.hasUrls() or mime.hasImage()


def offer_of(mime: QMimeData, senses: Senses = ALL_SENSES) -> Offer:
    """What a drag carries, looked at without taking it; a picture without a file counts under an empty path."""
    files = [url.toLocalFile() for url in mime.urls() if url.isLocalFile()]
    if files:
        return sort_files(files, senses)
    if mime.hasImage():
        return Offer(("",)) if senses.sees else Offer(refusals=(tr("This model can't see pictures: ask it in words"),))
    return LINK if mime.hasUrls() else Offer()


def take(mime: QMimeData, folder: Path, senses: Senses = ALL_SENSES) -> Offer:
    """What was let go of or pasted; a picture without a file is written into this folder."""
    offer = offer_of(mime, senses)
    if offer.files != ("",):
        return offer
    image = QImage(mime.imageData())
    file = folder / f"Pasted picture {next(_numbers)}.png"
    if image.isNull() or not image.save(str(file)):
        return Offer(refusals=(tr("Prism can't read this picture: save it and drop the file"),))
    return Offer((str(file),))
