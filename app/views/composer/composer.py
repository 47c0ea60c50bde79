"""Files, words and one button that sends or stops."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QMimeData, QRectF, Qt
from PySide6.QtGui import QColor, QKeySequence, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from app.actions.catalogue import Actions
from app.state.attachments import Attachment
from app.state.engine_status import EngineStatus
from app.state.session import Session
from app.views import theme
from app.views.action_button import ActionButton
from app.views.composer.attachment_row import AttachmentRow
from app.views.composer.cost_label import CostLabel, Obstacle
from app.views.composer.hearing_note import HearingNote
from app.views.composer.how_buttons import PresetButton, ThinkButton
from app.views.composer.question_field import QuestionField
from app.views.composer.recording_bar import RecordingBar
from app.views.composer.tools_button import ToolsButton
from app.views.composer.write_offer import WriteOffer
from app.views.icon_button import IconButton
from app.views.ink import faded
from app.words import tr

_RADIUS = 14
_NARROW = 340


class Composer(QWidget):
    """A card; its border shows where the keyboard is."""

    def __init__(self, session: Session, actions: Actions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._actions = actions
        self.field = QuestionField(session.draft, self)
        self._row = AttachmentRow(session.attachments, actions.attachments, self)
        self._cost = CostLabel(session, self)
        self._preset = PresetButton(session, actions.presets, self)
        self._think = ThinkButton(session, actions.presets, self)
        self._offer = WriteOffer(actions.transcripts.write_down, self)
        self._base = QLabel(tr("This is a base model: it goes on with your text instead of answering it."), self)
        self._base.setProperty("role", "quiet")
        self._base.setWordWrap(True)
        self._button = SendButton(actions, self)
        add = ActionButton("plus", actions.attachments.open, self)
        capture = ActionButton("capture", actions.attachments.capture, self)
        record = ActionButton("microphone", actions.recording.record, self)
        tools = ToolsButton(actions.tools, self)
        self._below = below = QHBoxLayout()
        below.addWidget(add)
        below.addWidget(capture)
        below.addWidget(record)
        below.addWidget(tools)
        below.addWidget(self._preset)
        below.addWidget(self._think)
        below.addStretch(1)
        below.addWidget(self._cost)
        below.addWidget(self._button)
        self._beside = (add, capture, record, tools, self._preset, self._cost, self._button)
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.INSET, theme.INSET, theme.GRID, theme.GRID)
        column.setSpacing(theme.GRID)
        column.addWidget(self._row)
        column.addWidget(self._offer)
        column.addWidget(Obstacle(session, actions.conversation, self))
        column.addWidget(self._base)
        column.addWidget(HearingNote(session, self))
        column.addWidget(self.field)
        column.addWidget(RecordingBar(session.recording, actions.recording, self))
        column.addLayout(below)
        self.setTabOrder(self.field, add)
        self.setTabOrder(add, capture)
        self.setTabOrder(capture, record)
        self.setTabOrder(record, tools)
        self.setTabOrder(tools, self._button)
        self.field.send_wanted.connect(actions.conversation.send.trigger)
        self.field.media_pasted.connect(self._on_media_pasted)
        self.field.focus_changed.connect(self.update)
        session.attachments.attachment_added.connect(self._on_attachment_added)
        session.attachments.usable_changed.connect(self._follow)
        session.conversation.count_changed.connect(self._follow)
        for changed in (session.engine.chats_changed, session.engine.sees_changed, session.engine.hears_changed):
            changed.connect(self._follow)
        self._follow()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Anywhere on the card is a click into the field."""
        self.field.setFocus(Qt.FocusReason.MouseFocusReason)

    def event(self, event: QEvent) -> bool:
        """What stands in the row below the field may have become longer."""
        done = super().event(event)
        if event.type() in (QEvent.Type.LayoutRequest, QEvent.Type.Resize):
            self._give_room()
        return done

    def paintEvent(self, event: QPaintEvent) -> None:
        """The card."""
        c = theme.colours_of(self)
        focused = self.field.hasFocus()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(QColor(c.raised))
        painter.setPen(QPen(QColor(c.link), 1.5) if focused else QPen(faded(c.text, 0.18), 1))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), _RADIUS, _RADIUS)
        painter.end()

    def _give_room(self) -> None:
        """A narrow card has no room for everything."""
        narrow = self.width() < theme.scaled(_NARROW)
        self._preset.set_room(not narrow)
        self._below.setSpacing(theme.GRID // 2 if narrow else theme.GRID)
        row = [self._think, *(one for one in self._beside if one.isVisibleTo(self))]
        wanted = sum(one.sizeHint().width() + self._below.spacing() for one in row)
        self._think.set_room(wanted <= self.width() - theme.INSET - theme.GRID)

    def _on_media_pasted(self, mime: QMimeData) -> None:
        self._actions.attachments.add_from(mime)

    def _on_attachment_added(self, attachment: Attachment) -> None:
        attachment.status_changed.connect(self._follow)
        self.field.setFocus(Qt.FocusReason.OtherFocusReason)

    def _follow(self) -> None:
        base = not self._session.engine.chats
        self._base.setVisible(base)
        again = tr("Ask something else…") if self._session.conversation.count else _invitation(self._session.engine)
        again = tr("Begin a text, and the model goes on…") if base else again
        self.field.setPlaceholderText(self._actions.conversation.default_question or again)


def _invitation(engine: EngineStatus) -> str:
    """What can be dropped."""
    if engine.sees and engine.hears:
        return tr("Drop a picture, clip or recording, or ask…")
    return tr("Drop a picture or clip, or ask…") if engine.sees else tr("Ask…")


class SendButton(IconButton):
    """Sends; while an answer is coming, stops it."""

    def __init__(self, actions: Actions, parent: QWidget) -> None:
        super().__init__("send", tr("Send"), parent, primary=True)
        self._send, self._stop = actions.conversation.send, actions.conversation.stop
        self._send.enabled_changed.connect(self._follow)
        self._stop.enabled_changed.connect(self._follow)
        self.clicked.connect(self._on_clicked)
        self._follow()

    def _follow(self) -> None:
        stops = self._stop.enabled
        self.set_icon("stop" if stops else "send")
        action = self._stop if stops else self._send
        self.set_title(action.title, QKeySequence("Esc" if stops else "Return"))
        self.setEnabled(action.enabled)

    def _on_clicked(self) -> None:
        (self._stop if self._stop.enabled else self._send).trigger()
