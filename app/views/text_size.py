"""Another size of text while everything is on the screen."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QApplication, QWidget

from app.state.preferences import Preferences
from app.views.theme import Appearance, Theme


def dress(theme: Theme, preferences: Preferences) -> None:
    """Have the look that was chosen, from now on."""

    def follow(_: object = None) -> None:
        scale = int(preferences.text_size) / 100
        own = _own_sizes(theme.text_scale) if scale != theme.text_scale else {}
        theme.set_look(Appearance(preferences.appearance), scale)
        for widget, size in own.items():
            font = QFont(widget.font())
            font.setPixelSize(round(size * scale))
            widget.setFont(font)

    preferences.appearance_changed.connect(follow)
    preferences.text_size_changed.connect(follow)
    follow()


def _own_sizes(scale: float) -> dict[QWidget, float]:
    """Sizes at 100 % of the fonts that widgets have been given by themselves: they do not follow the application's."""
    return {
        widget: widget.font().pixelSize() / scale
        for widget in QApplication.allWidgets()
        if widget.testAttribute(Qt.WidgetAttribute.WA_SetFont) and widget.font().pixelSize() > 0
    }
