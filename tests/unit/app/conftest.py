"""Tests of the app run without a display unless told which one to use."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

if TYPE_CHECKING:
    from PySide6.QtWidgets import QApplication

    from app.views.theme import Theme
    from tests.unit.app.scripted import Rig


@pytest.fixture
def rig(qapp: QApplication) -> Iterator[Rig]:
    """State and actions over a scripted engine that has not been started."""
    from tests.unit.app.scripted import Rig

    rig = Rig()
    yield rig
    rig.close()


@pytest.fixture
def picture(tmp_path: Path, qapp: QApplication) -> str:
    """A small PNG."""
    from PySide6.QtGui import QColor, QImage

    image = QImage(64, 48, QImage.Format.Format_RGB32)
    image.fill(QColor("#336699"))
    file = tmp_path / "blue.png"
    assert image.save(str(file))
    return str(file)


@pytest.fixture
def shown(qapp: QApplication) -> Iterator[Theme]:
    """A light theme, taken off the application again."""
    from PySide6.QtCore import QEvent
    from PySide6.QtWidgets import QApplication

    from app.views.theme import Appearance, Theme

    before = qapp.palette(), qapp.font(), qapp.styleSheet()
    theme = Theme(qapp, Appearance.LIGHT)
    yield theme
    # Widgets that are only garbage would be collected while Qt walks through all of them to dress them anew.
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    theme.deleteLater()
    qapp.setPalette(before[0])
    qapp.setFont(before[1])
    qapp.setStyleSheet(before[2])
