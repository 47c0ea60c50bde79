"""The panel's first line: what it is about, the question, and three buttons."""

from __future__ import annotations

from PySide6.QtCore import QMimeData, Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from app.actions.quick_ask import QuickAskActions
from app.state.attachments import Attachment, AttachmentStatus
from app.state.engine_status import EngineState
from app.state.session import Session
from app.views import theme
from app.views.action_button import ActionButton
from app.views.composer.question_field import QuestionField
from app.views.icon_button import IconButton
from app.views.quick_ask.thumbs import Thumbs
from app.views.theme import Type, type_font
from app.words import tr

HEIGHT = 64
_PLACEHOLDER = tr("Ask anything, or capture a region…")
_LOADING = tr("Ask anything; the model is still loading…")


class Bar(QWidget):
    """Grows with the question."""

    def __init__(self, session: Session, actions: QuickAskActions, parent: QWidget) -> None:
        super().__init__(parent)
        self._session, self._actions = session, actions
        self.setMinimumHeight(theme.scaled(HEIGHT))
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.field = QuestionField(session.draft, self)
        self.field.setFont(type_font(Type.HEADING))
        self._problem = QLabel(self)
        self._problem.setProperty("role", "danger")
        self._problem.setTextFormat(Qt.TextFormat.PlainText)
        self._problem.setWordWrap(True)
        self._send = IconButton("send", tr("Send"), self, primary=True)
        self._send.clicked.connect(self._on_send_clicked)
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addStretch(1)
        words.addWidget(self.field)
        words.addWidget(self._problem)
        words.addStretch(1)
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.INSET, theme.INSET, theme.INSET, theme.INSET)
        row.setSpacing(theme.INSET)
        row.addWidget(Thumbs(session.attachments, actions.attachments.remove, self))
        row.addLayout(words, 1)
        row.addWidget(ActionButton("capture", actions.attachments.capture, self))
        row.addWidget(self._send)
        self.field.send_wanted.connect(actions.conversation.send.trigger)
        self.field.media_pasted.connect(self._on_media_pasted)
        session.attachments.attachment_added.connect(self._on_attachment_added)
        session.attachments.count_changed.connect(self._follow)
        session.conversation.count_changed.connect(self._follow)
        session.engine.state_changed.connect(self._follow)
        for action in (actions.conversation.send, actions.conversation.stop):
            action.enabled_changed.connect(self._follow)
        self._follow()

    def _on_attachment_added(self, attachment: Attachment) -> None:
        attachment.status_changed.connect(self._follow)

    def _on_media_pasted(self, mime: QMimeData) -> None:
        self._actions.attachments.add_from(mime)

    def _on_send_clicked(self) -> None:
        conversation = self._actions.conversation
        (conversation.stop if conversation.stop.enabled else conversation.send).trigger()
        self.field.setFocus(Qt.FocusReason.OtherFocusReason)

    def _follow(self) -> None:
        conversation, session = self._actions.conversation, self._session
        stops = conversation.stop.enabled
        self._send.set_icon("stop" if stops else "send")
        self._send.set_title(tr("Stop") if stops else tr("Send"), QKeySequence("Ctrl+." if stops else "Return"))
        self._send.setEnabled(stops or conversation.send.enabled)
        loading = session.engine.state in (EngineState.STARTING, EngineState.LOADING)
        again = tr("Ask something else…") if session.conversation.count else _LOADING if loading else _PLACEHOLDER
        self.field.setPlaceholderText(conversation.default_question or again)
        refused = [item for item in session.attachments.items if item.status is AttachmentStatus.REFUSED]
        self._problem.setText(f"{refused[-1].error} {refused[-1].hint}".strip() if refused else "")
        self._problem.setVisible(bool(refused))
