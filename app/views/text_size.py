"""Another size of text while everything is on the screen."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QApplication

from app.state.preferences import Preferences
from app.views.theme import Appearance, Theme


def dress(theme: Theme, preferences: Preferences) -> None:
    """Have the look that was chosen, from now on."""

    def follow(_: object = None) -> None:
        before = theme.text_scale
        theme.set_look(Appearance(preferences.appearance), int(preferences.text_size) / 100)
        if theme.text_scale != before:
            _resize(theme.text_scale / before)

    preferences.appearance_changed.connect(follow)
    preferences.text_size_changed.connect(follow)
    follow()


def _resize(ratio: float) -> None:
    """Fonts that widgets have been given by themselves do not follow the application's."""
    for widget in QApplication.allWidgets():
        if widget.testAttribute(Qt.WidgetAttribute.WA_SetFont) and widget.font().pixelSize() > 0:
            font = QFont(widget.font())
            font.setPixelSize(round(font.pixelSize() * ratio))
            widget.setFont(font)
