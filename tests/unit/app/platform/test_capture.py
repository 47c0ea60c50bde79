"""A part of the screen: dragging over it here, the Mac's own tool there."""

from __future__ import annotations

import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor, QGuiApplication, QImage, QPainter, QPixmap, QScreen
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.platform import capture_mac, here
from app.platform.capture_linux import Overlay, OverlayCapture
from app.platform.capture_mac import MacCapture

LEFT, RIGHT = Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton


@pytest.fixture(params=[1.0, 2.0], ids=["1×", "2×"])
def screen(request: pytest.FixtureRequest, qapp: QApplication, monkeypatch: pytest.MonkeyPatch) -> QScreen:
    """A screen that is red on its left and blue on its right half, with one or two pixels to a point."""
    screen, ratio = QGuiApplication.primaryScreen(), float(request.param)

    def grab(_: QScreen, window: int) -> QPixmap:
        size = screen.geometry().size() * ratio
        image = QImage(size, QImage.Format.Format_RGB32)
        image.fill(QColor("red"))
        painter = QPainter(image)
        painter.fillRect(size.width() // 2, 0, size.width(), size.height(), QColor("blue"))
        painter.end()
        picture = QPixmap.fromImage(image)
        picture.setDevicePixelRatio(ratio)
        return picture

    monkeypatch.setattr(QScreen, "grabWindow", grab)
    return screen


@pytest.fixture
def chosen() -> list[QPixmap]:
    return []


@pytest.fixture
def overlay(screen: QScreen, chosen: list[QPixmap], qtbot: QtBot) -> Overlay:
    overlay = Overlay(screen, chosen.append)
    qtbot.addWidget(overlay)
    overlay.show()
    return overlay


def drag(qtbot: QtBot, overlay: Overlay, start: QPoint, end: QPoint) -> None:
    qtbot.mousePress(overlay, LEFT, pos=start)
    qtbot.mouseMove(overlay, (start + end) / 2)
    qtbot.mouseRelease(overlay, LEFT, pos=end)


@pytest.mark.parametrize("backwards", [False, True])
def test_what_is_dragged_over_comes_out_in_the_screens_pixels(
    overlay: Overlay, chosen: list[QPixmap], qtbot: QtBot, screen: QScreen, backwards: bool
) -> None:
    middle = overlay.width() // 2
    corners = [QPoint(middle - 30, 20), QPoint(middle + 29, 59)]
    drag(qtbot, overlay, *(reversed(corners) if backwards else corners))
    (picture,) = chosen
    ratio = overlay._picture.devicePixelRatio()
    assert (picture.width(), picture.height()) == (60 * ratio, 40 * ratio)
    image = picture.toImage()
    assert image.pixelColor(0, 0) == QColor("red") and image.pixelColor(image.width() - 1, 0) == QColor("blue")


def test_a_click_is_no_choice_and_the_next_drag_is(overlay: Overlay, chosen: list[QPixmap], qtbot: QtBot) -> None:
    drag(qtbot, overlay, QPoint(50, 50), QPoint(54, 90))
    assert not chosen
    drag(qtbot, overlay, QPoint(50, 50), QPoint(150, 90))
    assert not chosen[0].isNull()


def test_esc_and_the_other_button_mean_nothing(overlay: Overlay, chosen: list[QPixmap], qtbot: QtBot) -> None:
    qtbot.keyClick(overlay, Qt.Key.Key_Escape)
    qtbot.mouseClick(overlay, RIGHT, pos=QPoint(5, 5))
    assert [picture.isNull() for picture in chosen] == [True, True]


def test_a_drag_beyond_the_edge_ends_at_it(overlay: Overlay, chosen: list[QPixmap], qtbot: QtBot) -> None:
    drag(qtbot, overlay, QPoint(overlay.width() - 40, 10), QPoint(overlay.width() + 500, 60))
    assert chosen[0].width() == 40 * overlay._picture.devicePixelRatio()


def test_only_what_is_not_chosen_is_veiled(overlay: Overlay, qtbot: QtBot) -> None:
    assert overlay.grab().toImage().pixelColor(5, overlay.height() - 5) != QColor("red"), "all of it, at first"
    qtbot.mousePress(overlay, LEFT, pos=QPoint(100, 100))
    qtbot.mouseMove(overlay, QPoint(200, 160))
    image = overlay.grab().toImage()
    ratio = image.width() / overlay.width()
    assert image.pixelColor(round(150 * ratio), round(130 * ratio)) == QColor("red")
    assert image.pixelColor(round(50 * ratio), round(130 * ratio)).red() < 200


def test_the_picture_is_written_and_the_veil_is_gone(screen: QScreen, qtbot: QtBot, tmp_path: Path) -> None:
    capturing, files = OverlayCapture(), list[str]()
    assert capturing.is_allowed
    capturing.start(tmp_path / "a.png", files.append)
    capturing.start(tmp_path / "b.png", files.append)  # one at a time
    qtbot.waitUntil(lambda: bool(capturing._overlays))
    drag(qtbot, capturing._overlays[0], QPoint(10, 10), QPoint(109, 59))
    assert files == [str(tmp_path / "a.png")]
    ratio = QScreen.grabWindow(screen, 0).devicePixelRatio()
    assert QImage(files[0]).width() == 100 * ratio
    assert not [
        widget for widget in QApplication.topLevelWidgets() if isinstance(widget, Overlay) and widget.isVisible()
    ]
    capturing.start(tmp_path / "c.png", files.append)
    qtbot.waitUntil(lambda: bool(capturing._overlays))
    qtbot.keyClick(capturing._overlays[0], Qt.Key.Key_Escape)
    assert files[1:] == [""] and not (tmp_path / "c.png").exists()


class Quartz:
    """A Mac's permission."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, allowed: bool) -> None:
        self.requests = 0
        module = SimpleNamespace(
            CGPreflightScreenCaptureAccess=lambda: allowed, CGRequestScreenCaptureAccess=self._request
        )
        monkeypatch.setitem(sys.modules, "Quartz", module)

    def _request(self) -> None:
        self.requests += 1


def tool(tmp_path: Path, does: str) -> str:
    """A screencapture of our own."""
    script = tmp_path / "screencapture"
    script.write_text(f'#!/bin/sh\nfor file; do :; done\necho "$@" > {tmp_path}/arguments\n{does}\n')
    script.chmod(0o755)
    return str(script)


@pytest.mark.parametrize(("does", "is_there"), [('echo picture > "$file"', True), ("exit 1", False)])
def test_a_macs_tool_writes_a_file_or_none(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, does: str, is_there: bool
) -> None:
    monkeypatch.setattr(capture_mac, "TOOL", tool(tmp_path, does))
    mac, files = MacCapture(), list[str]()
    file = tmp_path / "a b.png"
    for _ in range(2):
        mac.start(file, files.append)
        mac.start(file, files.append)
        qtbot.waitUntil(lambda: bool(files))
        assert files == [str(file) if is_there else ""]
        files.clear()
    assert (tmp_path / "arguments").read_text() == f"-i -x {file}\n"


def test_a_tool_that_is_not_there_gives_none(qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(capture_mac, "TOOL", str(tmp_path / "nothing"))
    mac, files = MacCapture(), list[str]()
    mac.start(tmp_path / "a.png", files.append)
    qtbot.waitUntil(lambda: bool(files))
    assert files == [""]


@pytest.mark.parametrize("allowed", [True, False])
def test_a_mac_says_whether_the_screen_may_be_seen(monkeypatch: pytest.MonkeyPatch, allowed: bool) -> None:
    quartz, opened = Quartz(monkeypatch, allowed), list[list[str]]()
    monkeypatch.setattr(capture_mac.subprocess, "run", lambda command, check: opened.append(command))
    monkeypatch.setattr(here.sys, "platform", "darwin")
    mac = here.make_region_capture()
    assert isinstance(mac, MacCapture) and mac.is_allowed is allowed
    mac.ask_permission()
    assert quartz.requests == 1 and opened[0][1].endswith("Privacy_ScreenCapture")
