"""Sentences above the composer, each with at most one button; they wait, they never block."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from app.state.notices import Notice, Notices
from app.views import theme
from app.views.icon_button import IconButton
from app.views.sign_glyph import SignGlyph
from app.words import tr


class NoticeBar(QWidget):
    """Shows what is being said now; takes no room when nothing is."""

    def __init__(self, notices: Notices, run: Callable[[str], None], parent: QWidget | None = None) -> None:
        """`run` does the action with this id."""
        super().__init__(parent)
        self._notices = notices
        self._run = run
        self._cards: list[NoticeCard] = []
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(theme.GRID)
        notices.items_changed.connect(self._follow)
        self._follow()

    def _follow(self) -> None:
        wanted = self._notices.items
        for card in [card for card in self._cards if card.notice not in wanted]:
            self._cards.remove(card)
            self._column.removeWidget(card)
            card.hide()
            card.deleteLater()
        shown = [card.notice for card in self._cards]
        for notice in wanted:
            if notice not in shown:
                card = NoticeCard(notice, self)
                card.acted.connect(self._on_acted)
                card.dismissed.connect(self._on_dismissed)
                self._cards.append(card)
                self._column.addWidget(card)
        self.setVisible(bool(wanted))

    def _on_acted(self, notice: Notice) -> None:
        self._notices.dismiss(notice.subject)
        self._run(notice.action_id)

    def _on_dismissed(self, notice: Notice) -> None:
        self._notices.dismiss(notice.subject)


class NoticeCard(QFrame):
    """One sentence."""

    acted = Signal(object)
    dismissed = Signal(object)

    def __init__(self, notice: Notice, parent: QWidget) -> None:
        super().__init__(parent)
        self.notice = notice
        self.setProperty("role", "card")
        words = QLabel(notice.text, self)
        words.setTextFormat(Qt.TextFormat.PlainText)
        words.setWordWrap(True)
        words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.setAccessibleName(notice.text)
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.INSET, 6, 6, 6)
        row.setSpacing(theme.GRID)
        row.addWidget(SignGlyph(notice.level == "problem", self))
        row.addWidget(words, 1)
        if notice.action_label:
            button = QPushButton(notice.action_label, self)
            button.clicked.connect(self._on_button_clicked)
            row.addWidget(button)
        close = IconButton("close", tr("Dismiss"), self)
        close.clicked.connect(self._on_close_clicked)
        row.addWidget(close)

    def _on_button_clicked(self) -> None:
        self.acted.emit(self.notice)

    def _on_close_clicked(self) -> None:
        self.dismissed.emit(self.notice)
