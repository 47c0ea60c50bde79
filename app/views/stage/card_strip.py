"""Cards side by side, of which one is shown: click one, or walk through them by keys."""

from __future__ import annotations

from functools import partial
from typing import Generic, TypeVar

from PySide6.QtCore import QEvent, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QWheelEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QSizePolicy, QWidget

from app.views.stage.strip_card import StripCard

_SPACING = 2
Card = TypeVar("Card", bound=StripCard)


class CardStrip(QScrollArea, Generic[Card]):
    """One stop for Tab, which is the card that is shown.

    Signals:
        chosen: number of the card that the person wants to see.

    Attributes:
        cards: from left to right.
    """

    chosen = Signal(int)

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        """`name` is read aloud."""
        super().__init__(parent)
        self.cards: list[Card] = []
        self._current: int | None = None
        self.setAccessibleName(name)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(True)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        inside = QWidget()
        self._row = QHBoxLayout(inside)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(_SPACING)
        self._row.addStretch(1)
        self.setWidget(inside)
        self.horizontalScrollBar().rangeChanged.connect(self._bring_into_view)

    def put(self, card: Card) -> None:
        """One more, at the end."""
        card.clicked.connect(partial(self._on_clicked, len(self.cards)))
        self.cards.append(card)
        self._row.insertWidget(self._row.count() - 1, card)
        self.updateGeometry()

    def clear(self) -> None:
        """Take all out."""
        for card in self.cards:
            self._row.removeWidget(card)
            card.hide()
            card.deleteLater()
        self.cards.clear()
        self._current = None

    def show_current(self, current: int | None) -> None:
        """This card is the one that is shown."""
        self._current = current
        had_focus = any(card.hasFocus() for card in self.cards)
        for number, card in enumerate(self.cards):
            shown = number == current
            card.setChecked(shown)
            card.setFocusPolicy(Qt.FocusPolicy.TabFocus if shown else Qt.FocusPolicy.NoFocus)
            if shown:
                self._bring_into_view()
                if had_focus:
                    card.setFocus(Qt.FocusReason.OtherFocusReason)

    def sizeHint(self) -> QSize:
        """As tall as a card."""
        return QSize(240, max((card.sizeHint().height() for card in self.cards), default=0))

    def minimumSizeHint(self) -> QSize:
        """One card can always be seen."""
        return QSize(120, self.sizeHint().height())

    def changeEvent(self, event: QEvent) -> None:
        """Grow with the text."""
        if event.type() == QEvent.Type.FontChange:
            self.updateGeometry()
        super().changeEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Any wheel turns it sideways."""
        turned = event.pixelDelta() if not event.pixelDelta().isNull() else event.angleDelta() / 2
        bar = self.horizontalScrollBar()
        bar.setValue(bar.value() - (turned.x() or turned.y()))
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Left and right, first and last."""
        at = -1 if self._current is None else self._current
        steps = {
            Qt.Key.Key_Left: at - 1, Qt.Key.Key_Right: at + 1, Qt.Key.Key_Home: 0, Qt.Key.Key_End: len(self.cards) - 1
        }  # fmt: skip
        wanted = steps.get(Qt.Key(event.key()))
        if wanted is None:
            super().keyPressEvent(event)
        elif 0 <= wanted < len(self.cards):
            self.chosen.emit(wanted)

    def _on_clicked(self, number: int, _checked: bool = False) -> None:
        self.show_current(self._current)  # Qt has ticked the card by itself
        self.chosen.emit(number)

    def _bring_into_view(self, *_: object) -> None:
        """The card that is shown, once it has its place."""
        QTimer.singleShot(0, self, self._scroll)

    def _scroll(self) -> None:
        for card in self.cards:
            if card.isChecked():
                self.ensureWidgetVisible(card, card.width() // 2, 0)  # the next is seen, too
