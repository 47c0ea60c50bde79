"""Glyphs, chips and the overlay: what they show, by pixels, and what they let through."""

from pathlib import Path

import pytest
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtWidgets import QPushButton, QWidget
from pytestqt.qtbot import QtBot

from app.platform.bundled import bundled
from app.views import icons, theme
from app.views.chip import Chip
from app.views.drop_overlay import DropOverlay
from app.views.icon_button import IconButton
from app.views.theme import Appearance, Theme

NAMES = sorted(path.stem for path in bundled("icons").glob("*.svg"))


def inked(name: str, colour: str, side: int) -> QImage:
    """One glyph on nothing."""
    image = QImage(side, side, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    icons.paint_icon(painter, name, QRectF(0, 0, side, side), colour)
    painter.end()
    return image


@pytest.mark.parametrize("name", NAMES)
def test_every_glyph_draws_in_the_colour_asked_for_and_inside_its_square(qapp: object, name: str) -> None:
    image = inked(name, "#0080FF", 48)
    solid = [QColor(p) for p in _pixels(image) if p >> 24 == 255]
    assert solid
    assert all(colour.name() == "#0080ff" for colour in solid)
    edge = [image.pixel(i, j) >> 24 for i in range(48) for j in (0, 47)]
    assert not any(edge)


def test_an_icon_button_is_large_enough_and_says_what_it_does(qtbot: QtBot, shown: Theme) -> None:
    button = IconButton("eye", "Hide box")
    qtbot.addWidget(button)
    assert min(button.sizeHint().width(), button.sizeHint().height()) >= theme.TARGET
    assert button.accessibleName() == button.toolTip() == "Hide box"


def test_an_icon_button_is_drawn_in_the_scheme_that_is_shown(qtbot: QtBot, shown: Theme) -> None:
    button = IconButton("stop", "Stop")
    qtbot.addWidget(button)
    button.resize(button.sizeHint())
    seen = []
    for appearance in (Appearance.LIGHT, Appearance.DARK):
        shown.set_appearance(appearance)
        middle = button.rect().center()
        seen.append(button.grab().toImage().pixelColor(middle).name())
    assert seen == [theme.colours(dark).quiet.lower() for dark in (False, True)]


def test_a_chip_asks_to_go_by_cross_and_by_key(qtbot: QtBot, shown: Theme) -> None:
    chip = Chip("stars.png", "264 tok")
    qtbot.addWidget(chip)
    cross = chip.findChild(IconButton)
    with qtbot.waitSignal(chip.removal_wanted):
        qtbot.mouseClick(cross, Qt.MouseButton.LeftButton)
    with qtbot.waitSignal(chip.removal_wanted):
        qtbot.keyClick(chip, Qt.Key.Key_Backspace)


def test_a_chip_shows_its_thumbnail_and_a_file_that_is_none_leaves_the_glyph(
    qtbot: QtBot, shown: Theme, tmp_path: Path
) -> None:
    red = QImage(64, 32, QImage.Format.Format_RGB32)
    red.fill(QColor("#D55E00"))
    red.save(str(tmp_path / "red.png"))
    (tmp_path / "none.png").write_bytes(b"")
    chip = Chip("red.png")
    qtbot.addWidget(chip)
    chip.resize(chip.sizeHint())
    middle = QRectF(8, 8, 40, 40).center().toPoint()
    chip.set_thumbnail(str(tmp_path / "red.png"))
    assert chip.grab().toImage().pixelColor(middle) == QColor("#D55E00")
    chip.set_thumbnail(str(tmp_path / "none.png"))
    assert chip.grab().toImage().pixelColor(middle) != QColor("#D55E00")


def test_the_overlay_covers_the_window_follows_its_size_and_lets_clicks_through(qtbot: QtBot, shown: Theme) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    button = QPushButton("Below", window)
    window.resize(600, 400)
    overlay = DropOverlay(window)
    window.show()
    overlay.show_message("Ask about this picture", True)
    window.resize(700, 500)
    assert overlay.geometry() == window.rect()
    assert overlay.accessibleName() == "Ask about this picture"
    with qtbot.waitSignal(button.clicked):
        qtbot.mouseClick(window.windowHandle(), Qt.MouseButton.LeftButton, pos=button.geometry().center())


def test_the_overlay_shows_by_colour_whether_the_drop_is_taken(qtbot: QtBot, shown: Theme) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    window.resize(600, 400)
    overlay = DropOverlay(window)
    c = shown.colours
    for accepted, ink in ((True, c.link), (False, c.danger)):
        overlay.show_message("A line", accepted)
        image = overlay.grab().toImage()
        frame = {image.pixelColor(x, theme.GRID).name() for x in range(100, 300)}
        assert QColor(ink).name() in frame


def _pixels(image: QImage) -> list[int]:
    return [image.pixel(x, y) for y in range(image.height()) for x in range(image.width())]
