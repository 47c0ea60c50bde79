"""A tool call inside an answer: what it would do and whether it may, that it runs, and what came of it."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from app.actions.tools.runner import ToolRunner
from app.state.attachments import Attachment
from app.state.session import Session
from app.state.tools import CallStatus, ToolCall
from app.state.turn import Turn
from app.views import icons, theme
from app.views.conversation import call_words
from app.views.elided_label import ElidedLabel
from app.views.flow_layout import FlowLayout
from app.views.streamed_text import StreamedText
from app.views.theme import Type, type_font
from app.views.thumbnail import Thumbnail
from app.words import tr

_PICTURE = 104


class ToolCallView(QFrame):
    """Follows one call; arguments stand open while the person is asked, and fold with the result afterwards."""

    def __init__(self, turn: Turn, call: ToolCall, session: Session, tools: ToolRunner, parent: QWidget) -> None:
        super().__init__(parent)
        self._turn, self._call, self._session, self._tools = turn, call, session, tools
        self.setProperty("role", "card")
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._summary = ElidedLabel(self)
        self._summary.setProperty("role", "quiet")
        self._state = QLabel(self)
        self._state.setProperty("role", "quiet")
        self._disclosure = QPushButton(tr("Show details"), self)
        self._disclosure.setProperty("role", "link")
        self._disclosure.setCheckable(True)
        self._disclosure.toggled.connect(self._follow)
        self._result = ElidedLabel(self)
        self._result.setAccessibleName(tr("Result"))
        self._details: StreamedText | None = None
        self._pictures = QWidget(self)
        self._flow = FlowLayout(self._pictures)
        self._consent = Consent(turn, call, tools, self)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(theme.INSET, theme.GRID, theme.GRID, theme.INSET)
        self._column.setSpacing(theme.GRID)
        self._column.addLayout(self._head())
        for part in (self._result, self._pictures, self._consent):
            self._column.addWidget(part)
        call.status_changed.connect(self._on_status_changed)
        turn.status_changed.connect(self._follow)
        tools.asked.connect(self._on_asked)
        session.conversation.running_changed.connect(self._follow)
        session.conversation.count_changed.connect(self._follow)
        self._follow()
        self._show_pictures()

    def paintEvent(self, event: QPaintEvent) -> None:
        """The card, and a ring where the keyboard is."""
        super().paintEvent(event)
        if self.hasFocus():
            painter = QPainter(self)
            theme.paint_focus(painter, self, QRectF(self.rect()))
            painter.end()

    def _head(self) -> QHBoxLayout:
        title = QLabel(call_words.title(self._call), self)
        title.setTextFormat(Qt.TextFormat.PlainText)
        title.setProperty("role", "row-title")
        head = QHBoxLayout()
        head.setSpacing(theme.GRID)
        head.addWidget(Glyph(call_words.icon(self._call), self))
        head.addWidget(title)
        head.addWidget(self._summary, 1)
        head.addStretch(0)
        head.addWidget(self._state)
        head.addWidget(self._disclosure)
        return head

    @property
    def _asks(self) -> bool:
        return self._call.status is CallStatus.ASKING and self._tools.can_answer(self._turn)

    def _follow(self, *_: object) -> None:
        call, asks = self._call, self._asks
        final, shown = call.status.is_final, self._disclosure.isChecked()
        self._state.setText(call_words.state(call, can_be_answered=asks))
        given = "" if shown else call_words.line(list(call.arguments.values()))
        self._summary.setText(tr("The model wants to use this") if asks else given)
        self._result.setText(call_words.line(call.response) if final else "")
        self._result.setVisible(final and not shown and call.status is not CallStatus.REFUSED)
        self._disclosure.setVisible(not asks)
        self._disclosure.setText(tr("Hide details") if shown else tr("Show details"))
        self._disclosure.setAccessibleName(f"{self._disclosure.text()}: {call_words.title(call)}")
        self._consent.setVisible(asks)
        self._show_details(shown and not asks)
        words = call_words.call_text(call.name, call.arguments)
        self.setAccessibleName(f"{call_words.title(call)}: {self._state.text()}. {words}")

    def _show_details(self, shown: bool) -> None:
        if shown and self._details is None:
            self._details = StreamedText(type_font(Type.QUIET, fixed=True), tr("Call and result, in full"), self)
            self._column.insertWidget(1, self._details)
        if self._details is not None:
            self._details.setVisible(shown)
        if shown and self._details is not None:
            result = call_words.paragraphs(self._call.response) if self._call.status.is_final else ""
            self._details.clear()
            self._details.append_text(f"{call_words.call_text(self._call.name, self._call.arguments)}\n{result}")
            self._details.flush()

    def _show_pictures(self) -> None:
        self._pictures.setVisible(bool(self._call.files))
        for file in self._call.files if not self._flow.count() else ():
            thumbnail = Thumbnail(file, _PICTURE, self._pictures, whole=True)
            thumbnail.make_clickable(tr("Show {name}", name=file.name))
            thumbnail.clicked.connect(partial(self._show, file))
            self._flow.addWidget(thumbnail)
            thumbnail.show()

    def _on_status_changed(self, _status: CallStatus) -> None:
        self._follow()
        self._show_pictures()

    def _on_asked(self, call: ToolCall | None) -> None:
        """A person who is not writing is taken to the call that asks."""
        if call is self._call and not self._session.draft.text:
            self.setFocus(Qt.FocusReason.OtherFocusReason)

    def _show(self, file: Attachment) -> None:
        pictures = self._turn.pictures
        if file.whole in pictures:
            sheet = None if file.region is None else file.region.sheet
            self._session.stage.show(self._turn, pictures.index(file.whole), sheet)


class Consent(QWidget):
    """The exact call, and what the person can say to it."""

    def __init__(self, turn: Turn, call: ToolCall, tools: ToolRunner, parent: QWidget) -> None:
        super().__init__(parent)
        self._turn, self._call, self._tools = turn, call, tools
        words = QLabel(call_words.paragraphs(call.arguments) or tr("without arguments"), self)
        words.setTextFormat(Qt.TextFormat.PlainText)
        words.setFont(type_font(Type.CONTROL, fixed=True))
        words.setWordWrap(True)
        words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        words.setAccessibleName(tr("What it is called with"))
        self.once = QPushButton(tr("Choose file…") if tools.picks(call) else tr("Allow once"), self)
        self.once.setProperty("role", "primary")
        self.always = QPushButton(tr("Always in this conversation"), self)
        self.always.setVisible(not tools.picks(call))
        self.never = QPushButton(tr("Don't allow"), self)
        self.never.setToolTip("Esc")
        self.once.clicked.connect(lambda: tools.allow(turn, call))
        self.always.clicked.connect(lambda: tools.allow(turn, call, always=True))
        self.never.clicked.connect(lambda: tools.refuse(turn, call))
        buttons = QWidget(self)
        flow = FlowLayout(buttons)
        for button in (self.once, self.always, self.never):
            flow.addWidget(button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.INSET)
        column.addWidget(words)
        column.addWidget(buttons)


class Glyph(QWidget):
    """A glyph that says what something is, and does nothing."""

    def __init__(self, name: str, parent: QWidget) -> None:
        super().__init__(parent)
        self._name = name
        side = theme.scaled(icons.SIZE)
        self.setFixedSize(QSize(side, side))

    def paintEvent(self, event: QPaintEvent) -> None:
        """In the quiet colour."""
        painter = QPainter(self)
        icons.paint_icon(painter, self._name, QRectF(self.rect()), theme.colours_of(self).quiet)
        painter.end()
