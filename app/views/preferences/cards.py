"""Cards of the Settings window: rows under each other with hairlines between them, under a heading or none."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QLabel, QVBoxLayout, QWidget

from app.views import theme


def card_of(views: Sequence[QWidget], parent: QWidget) -> QFrame:
    """A card with these rows."""
    card = QFrame(parent)
    card.setProperty("role", "card")
    rows = QVBoxLayout(card)
    rows.setContentsMargins(1, theme.GRID // 2, 1, theme.GRID // 2)
    rows.setSpacing(0)
    for number, view in enumerate(views):
        if number:
            line = QFrame(card)
            line.setProperty("role", "hairline")
            line.setFixedHeight(1)
            rows.addWidget(line)
        rows.addWidget(view)
    return card


def page_of(*widgets: QWidget) -> QWidget:
    """A page of the window, from top to bottom."""
    page = QWidget()
    column = QVBoxLayout(page)
    column.setContentsMargins(*[theme.GRID * 2] * 4)
    column.setSpacing(theme.GRID)
    for widget in widgets:
        column.addWidget(widget)
    column.addStretch(1)
    return page


def line(parent: QWidget | None, role: str, text: str = "") -> QLabel:
    """Words that wrap."""
    label = QLabel(text, parent)
    label.setProperty("role", role)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(True)
    return label
