"""The line on top of the window: the model, what the conversation is about, the buttons that are always needed."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from app.actions.catalogue import Actions
from app.state.conversation import Conversation
from app.state.session import Session
from app.views import theme
from app.views.action_button import ActionButton
from app.views.ink import faded
from app.views.models.model_chip import ModelChip
from app.views.theme import Type, type_font
from app.words import tr

_HEIGHT = 44


class Header(QWidget):
    """The conversation's title between the buttons.

    Attributes:
        chip: names the model.
    """

    def __init__(self, session: Session, actions: Actions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.chip = ModelChip(session, actions.models, self)
        self.setFixedHeight(theme.scaled(_HEIGHT))
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.GRID, 0, theme.GRID, 0)
        row.setSpacing(4)
        row.addWidget(ActionButton("sidebar", actions.library.toggle_list, self))
        row.addWidget(self.chip)
        row.addSpacing(theme.GRID)
        row.addWidget(_Title(session.conversation, self), 1)
        row.addWidget(ActionButton("search", actions.library.find, self))
        row.addWidget(ActionButton("stage", actions.view.toggle_stage, self))
        row.addWidget(ActionButton("new", actions.conversation.new, self))

    def changeEvent(self, event: QEvent) -> None:
        """Grow with the text."""
        if event.type() == QEvent.Type.FontChange:
            self.setFixedHeight(theme.scaled(_HEIGHT))
        super().changeEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """A hairline below."""
        painter = QPainter(self)
        painter.setPen(theme.colours_of(self).hairline)
        painter.drawLine(0, self.height() - 1, self.width(), self.height() - 1)
        painter.end()


class _Title(QWidget):
    def __init__(self, conversation: Conversation, parent: QWidget) -> None:
        super().__init__(parent)
        self._conversation = conversation
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        conversation.title_changed.connect(self._follow)
        self._follow()

    def sizeHint(self) -> QSize:
        return QSize(100, theme.scaled(_HEIGHT) - 1)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setFont(type_font(Type.CONTROL, bold=True))
        painter.setPen(faded(theme.colours_of(self).text, 1))
        text = painter.fontMetrics().elidedText(self._text, Qt.TextElideMode.ElideRight, self.width())
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignVCenter, text)
        painter.end()

    def _follow(self) -> None:
        self._text = self._conversation.title or tr("New conversation")
        self.setAccessibleName(self._text)
        self.update()
