"""The theme in force, and the application as it was afterwards."""

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QApplication

from app.views.theme import Appearance, Theme


@pytest.fixture
def shown(qapp: QApplication) -> Iterator[Theme]:
    """A light theme, taken off the application again."""
    before = qapp.palette(), qapp.font(), qapp.styleSheet()
    theme = Theme(qapp, Appearance.LIGHT)
    yield theme
    # Widgets that are only garbage would be collected while Qt walks through all of them to dress them anew.
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    theme.deleteLater()
    qapp.setPalette(before[0])
    qapp.setFont(before[1])
    qapp.setStyleSheet(before[2])
