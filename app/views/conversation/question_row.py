"""A question with the way to put it otherwise: a glyph beside it, then a field in its place."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QEnterEvent, QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from app.actions.conversation import ConversationActions
from app.state.draft import Draft
from app.state.session import Session
from app.state.turn import Turn
from app.views import theme
from app.views.composer.question_field import QuestionField
from app.views.conversation.question_bubble import QuestionBubble
from app.views.icon_button import IconButton
from app.words import tr


class QuestionRow(QWidget):
    """On the right; the glyph is there while the pointer or the keyboard is."""

    def __init__(self, turn: Turn, session: Session, actions: ConversationActions, parent: QWidget) -> None:
        super().__init__(parent)
        self._turn, self._actions = turn, actions
        self._bubble = QuestionBubble(turn, session.stage, self)
        self._edit = _QuietButton("edit", tr("Edit question"), self)
        self._edit.clicked.connect(self._on_edit)
        self._editor: QuestionEditor | None = None
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(theme.GRID // 2)
        self._row.addStretch(1)
        self._row.addWidget(self._edit, alignment=Qt.AlignmentFlag.AlignVCenter)
        self._row.addWidget(self._bubble)
        session.conversation.running_changed.connect(self._follow)
        session.conversation.goes_on_changed.connect(self._follow)
        self._follow()

    def enterEvent(self, event: QEnterEvent) -> None:
        """Somebody may want to."""
        self._edit.set_awake(True)

    def leaveEvent(self, event: QEvent) -> None:
        """Not any more."""
        self._edit.set_awake(False)

    def _follow(self, *_: object) -> None:
        self._edit.setEnabled(
            self._turn.page_ask is None and self._turn.transcript is None and self._actions.can_retry(self._turn)
        )

    def _on_edit(self) -> None:
        if self._editor is None:
            self._editor = QuestionEditor(self._turn.question, self)
            self._editor.asked.clicked.connect(self._on_asked)
            self._editor.cancelled.clicked.connect(self._close)
            self._editor.field.send_wanted.connect(self._on_asked)
            self._row.addWidget(self._editor, 1000)
        self._bubble.hide()
        self._edit.hide()
        self._editor.show()
        self._editor.begin()

    def _on_asked(self) -> None:
        assert self._editor is not None
        words = self._editor.words
        self._close()
        self._actions.edit_turn(self._turn, words)

    def _close(self) -> None:
        if self._editor is not None:
            self._editor.hide()
            self._editor.deleteLater()
            self._editor = None
        self._bubble.show()
        self._edit.show()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc leaves the question as it was."""
        if event.key() == Qt.Key.Key_Escape and self._editor is not None:
            self._close()
        else:
            super().keyPressEvent(event)


class QuestionEditor(QFrame):
    """The words in a field, and what to do with them."""

    def __init__(self, words: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.setProperty("role", "card")
        self._draft = Draft()
        self._draft.text = words
        self.field = QuestionField(self._draft, self)
        self.field.setAccessibleName(tr("Edit question"))
        self.asked = QPushButton(tr("Ask"), self)
        self.asked.setProperty("role", "primary")
        self.cancelled = QPushButton(tr("Cancel"), self)
        row = QHBoxLayout()
        row.setSpacing(theme.GRID)
        row.addStretch(1)
        row.addWidget(self.cancelled)
        row.addWidget(self.asked)
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.INSET, theme.INSET, theme.GRID, theme.GRID)
        column.setSpacing(theme.GRID)
        column.addWidget(self.field)
        column.addLayout(row)
        self._draft.text_changed.connect(self._follow)

    @property
    def words(self) -> str:
        """As they are now."""
        return self._draft.text

    def begin(self) -> None:
        """Give the field the keyboard, at the end of the words."""
        self.field.moveCursor(self.field.textCursor().MoveOperation.End)
        self.field.setFocus(Qt.FocusReason.OtherFocusReason)

    def _follow(self, text: str) -> None:
        self.asked.setEnabled(bool(text.strip()))


class _QuietButton(IconButton):
    """Takes its room always, and is painted only while somebody is near."""

    _awake = False

    def set_awake(self, awake: bool) -> None:
        """Whether the pointer is near."""
        self._awake = awake
        self.update()

    def paintEvent(self, event: object) -> None:
        if self.isEnabled() and (self._awake or self.hasFocus()):
            super().paintEvent(event)  # type: ignore[arg-type]
