"""Drags and the clipboard."""

from pathlib import Path

from PySide6.QtCore import QMimeData, QUrl
from PySide6.QtGui import QImage

from app.intake.mime import has_something, offer_of, take
from app.intake.offer import LINK, Offer


def with_urls(*urls: str) -> QMimeData:
    mime = QMimeData()
    mime.setUrls([QUrl(url) for url in urls])
    return mime


def with_image() -> QMimeData:
    mime = QMimeData()
    image = QImage(8, 6, QImage.Format.Format_RGB32)
    image.fill(0xFF8800)
    mime.setImageData(image)
    return mime


def test_files_with_spaces_and_letters_of_any_alphabet(tmp_path: Path) -> None:
    file = tmp_path / "größe 5.png"
    file.touch()
    assert offer_of(with_urls(QUrl.fromLocalFile(str(file)).toString())).files == (str(file),)


def test_a_link_is_refused_unless_a_picture_comes_with_it(tmp_path: Path) -> None:
    assert offer_of(with_urls("https://example.org/a.png")) == LINK
    both = with_image()
    both.setUrls([QUrl("https://example.org/a.png")])
    assert take(both, tmp_path).files


def test_a_picture_without_a_file_gets_one(tmp_path: Path) -> None:
    (file,) = take(with_image(), tmp_path).files
    image = QImage(file)
    assert (image.width(), image.height(), image.pixel(0, 0) & 0xFFFFFF) == (8, 6, 0xFF8800)
    (other,) = take(with_image(), tmp_path).files
    assert other != file


def test_a_picture_that_cannot_be_written_is_refused_in_words(tmp_path: Path) -> None:
    offer = take(with_image(), tmp_path / "gone")
    assert not offer.files and "save it" in offer.refusals[0]


def test_words_are_nothing_to_attach() -> None:
    mime = QMimeData()
    mime.setText("hello")
    assert not has_something(mime) and offer_of(mime) == Offer()
