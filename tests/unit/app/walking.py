"""What a walk through the app needs: time to pass, a picture, and a window with conversations in its list."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QEvent
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import QApplication, QWidget

from app.state.library import Entry
from app.views.main_window import MainWindow
from tests.unit.app.scripted import Rig

Look = Callable[[QWidget, str], None]
Size = tuple[int, int]


def settle(rounds: int = 6) -> None:
    """Let everything happen that is waiting to."""
    for _ in range(rounds):
        QApplication.processEvents()
        QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        time.sleep(0.012)


def wait(condition: Callable[[], object], seconds: float = 5) -> None:
    """Let everything happen until this is true."""
    deadline = time.monotonic() + seconds
    while not condition():
        settle(1)
        assert time.monotonic() < deadline, condition


def a_picture(folder: Path) -> str:
    """A file to ask about."""
    file = folder / "blue.png"
    image = QImage(64, 48, QImage.Format.Format_RGB32)
    image.fill(QColor("#336699"))
    image.save(str(file))
    return str(file)


def opened(size: Size, rig: Rig) -> MainWindow:
    """The window with two conversations in its list."""
    window = MainWindow(rig.session, rig.actions)
    library = rig.session.library
    library.is_kept = True
    now = time.time()
    library.entries = (
        Entry(1, "Old conversation", "picture", now, now, pinned=True),
        Entry(2, "Second one", "words", now, now - 3e6),
    )
    window.resize(*size)
    window.show()
    rig.actions.engine.start()
    wait(lambda: rig.session.engine.can_answer)
    return window
