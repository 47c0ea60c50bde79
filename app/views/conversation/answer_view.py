"""An answer as it comes: what is happening, the words, the boxes, and what went wrong."""

from __future__ import annotations

from functools import partial
from typing import assert_never

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from app.actions.conversation import ConversationActions
from app.state.answer_blocks import AnswerBlock, BlockKind
from app.state.engine_status import EngineState
from app.state.moments import Moments
from app.state.session import Session
from app.state.stage import Stage
from app.state.tools import ToolCall
from app.state.turn import Turn, TurnStatus
from app.views import theme
from app.views.conversation.answer_footer import AnswerFooter
from app.views.conversation.box_list import BoxList
from app.views.conversation.completion_text import CompletionText
from app.views.conversation.page_code import PageCode
from app.views.conversation.thought_line import ThoughtLine
from app.views.conversation.tool_call_view import ToolCallView
from app.views.conversation.transcript_card import TranscriptCard
from app.views.markdown.answer_text import AnswerText
from app.views.sign_glyph import SignGlyph
from app.words import tr
from mlx_gemma4.protocol.care import NO_ROOM_TO_ASK_CODE


class AnswerView(QWidget):
    """Follows one turn; words are appended, what stands already is not touched."""

    def __init__(self, turn: Turn, session: Session, actions: ConversationActions, parent: QWidget) -> None:
        super().__init__(parent)
        self._turn, self._session, self._actions = turn, session, actions
        self._blocks: list[QWidget] = []
        self._progress = QLabel(self)
        self._progress.setProperty("role", "quiet")
        self._progress.setWordWrap(True)
        self._progress.setContentsMargins(theme.HANG, 0, 0, 0)
        self._progress.setAccessibleName(tr("What is happening"))
        self._words = QVBoxLayout()
        self._words.setSpacing(theme.INSET)
        self._words.setContentsMargins(theme.HANG, 0, 0, 0)
        self._failure = FailureCard(turn, actions, self)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.GRID)
        column.addWidget(ThoughtLine(turn, self))
        column.addLayout(self._words)
        column.addWidget(self._progress)
        column.addLayout(_in_line(self._failure))
        column.addWidget(AnswerFooter(turn, session.conversation, actions, self))
        if turn.transcript is not None:
            self._words.addWidget(TranscriptCard(turn, session.stage, self))
        if turn.completes:
            column.insertLayout(0, _in_line(CompletionText(turn, self)))
        self._put_all()
        turn.block_added.connect(self._on_block_added)
        turn.call_added.connect(self._on_call_added)
        turn.restarted.connect(self._on_restarted)
        turn.resumed.connect(self._on_resumed)
        turn.status_changed.connect(self._follow)
        turn.progress_changed.connect(self._follow)
        session.engine.state_changed.connect(self._follow)
        self._follow()

    def _on_resumed(self, *_: object) -> None:
        """The last blocks may have become others."""
        self._on_restarted()
        self._put_all()

    def _on_block_added(self, block: AnswerBlock) -> None:
        if self._turn.completes:
            return
        is_text, last = _is_text(block, self._turn), self._blocks[-1] if self._blocks else None
        if is_text and isinstance(last, AnswerText):
            last.add(block)
        else:
            self._put(self._text_of(block) if is_text else BlockView(self._turn, block, self._session, self))

    def _on_call_added(self, call: ToolCall) -> None:
        self._put(ToolCallView(self._turn, call, self._session, self._actions.tools, self))

    def _put_all(self) -> None:
        for part in self._turn.parts:
            if isinstance(part, ToolCall):
                self._on_call_added(part)
            else:
                self._on_block_added(part)

    def _put(self, view: QWidget) -> None:
        self._blocks.append(view)
        self._words.addWidget(view)

    def _text_of(self, block: AnswerBlock) -> AnswerText:
        return _text(self._turn, block, self._session.stage, self)

    def _on_restarted(self) -> None:
        for view in self._blocks:
            self._words.removeWidget(view)
            view.hide()
            view.deleteLater()
        self._blocks.clear()

    def _follow(self) -> None:
        text = self._doing()
        self._progress.setText(text)
        self._progress.setVisible(bool(text))

    def _doing(self) -> str:
        turn = self._turn
        if turn.transcript is not None:
            return ""  # its card says so
        match turn.status:
            case TurnStatus.WAITING:
                loading = self._session.engine.state in (EngineState.STARTING, EngineState.LOADING)
                return tr("Loading the model…") if loading and not turn.request_id else tr("Reading…")
            case TurnStatus.READING:
                what = tr("the question")
                if turn.pictures:
                    what = tr("picture") if len(turn.pictures) == 1 else tr("pictures")
                return (
                    tr("Reading {what} · {progress:.0%}", what=what, progress=turn.progress)
                    if turn.progress < 1
                    else tr("Thinking…")
                )
            case TurnStatus.STOPPED:
                return tr("Stopped.")
            case TurnStatus.DONE:
                return _ending(turn)
            case TurnStatus.ANSWERING | TurnStatus.CALLING | TurnStatus.STOPPING | TurnStatus.FAILED:
                return ""


def _in_line(widget: QWidget) -> QHBoxLayout:
    """As far from the edge as the words are."""
    row = QHBoxLayout()
    row.setContentsMargins(theme.HANG, 0, 0, 0)
    row.addWidget(widget)
    return row


def _ending(turn: Turn) -> str:
    """What a person should know about how a whole answer ended."""
    match turn.finish_reason:
        case "max_tokens":
            return "" if turn.completes else tr("The answer reached its longest length and was cut off here.")
        case "loop":
            return tr("The model only repeated itself, so the answer was ended here.")
        case "end_of_turn" | "tool_calls" | "stop_string" | "stopped" | None:
            return "" if turn.text.strip() or turn.calls else tr("The model had nothing to say.")
        case _:
            assert_never(turn.finish_reason)


def _is_text(block: AnswerBlock, turn: Turn) -> bool:
    """Whether a block is words or code to read; pages and boxes are shown in their own way."""
    return block.kind is BlockKind.PROSE or (block.kind is BlockKind.CODE and turn.version is None)


def _text(turn: Turn, block: AnswerBlock, stage: Stage, parent: QWidget) -> AnswerText:
    """Words, in which times lead to their moments."""
    text = AnswerText(parent, Moments(turn).reach)
    text.moment_wanted.connect(partial(stage.seek, turn))
    text.add(block)
    return text


class BlockView(QWidget):
    """One piece of an answer: prose, code, or a list of boxes; a list that turns out to be code becomes code."""

    def __init__(self, turn: Turn, block: AnswerBlock, session: Session, parent: QWidget) -> None:
        super().__init__(parent)
        self._turn, self._block, self._session = turn, block, session
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._shown: QWidget | None = None
        block.kind_changed.connect(self._build)
        self._build()

    def _build(self) -> None:
        if self._shown is not None:
            self._column.removeWidget(self._shown)
            self._shown.hide()
            self._shown.deleteLater()
        kind = self._block.kind
        if kind is BlockKind.BOXES:
            self._shown = BoxList(self._turn, self._block, self._session.stage, self)
        elif kind is BlockKind.CODE and self._turn.version is not None:
            self._shown = PageCode(self._turn, self._block, self._session.stage, self)
        else:
            self._shown = _text(self._turn, self._block, self._session.stage, self)
        self._column.addWidget(self._shown)


class FailureCard(QFrame):
    """What went wrong, what to do about it, and a button that tries again."""

    def __init__(self, turn: Turn, actions: ConversationActions, parent: QWidget) -> None:
        super().__init__(parent)
        self._turn, self._actions = turn, actions
        self.setProperty("role", "card")
        self._words = QLabel(self)
        self._words.setTextFormat(Qt.TextFormat.PlainText)
        self._words.setWordWrap(True)
        self._words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._words.setAccessibleName(tr("What went wrong"))
        self._again = QPushButton(tr("Ask again"), self)
        self._again.clicked.connect(self._on_again)
        self._anyway = QPushButton(tr("Ask anyway"), self)
        self._anyway.clicked.connect(self._on_anyway)
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.INSET, theme.GRID, theme.GRID, theme.GRID)
        row.setSpacing(theme.GRID)
        row.addWidget(SignGlyph(True, self))
        row.addWidget(self._words, 1)
        row.addWidget(self._anyway)
        row.addWidget(self._again)
        turn.error_changed.connect(self._follow)
        actions.retry.enabled_changed.connect(self._follow)
        self._follow()

    def _follow(self) -> None:
        error = self._turn.error
        self.setVisible(error is not None)
        can_retry = self._actions.can_retry(self._turn)
        self._again.setVisible(can_retry)
        self._anyway.setVisible(can_retry and error is not None and error.code == NO_ROOM_TO_ASK_CODE)
        if error is not None:
            self._words.setText(f"{error.message} {error.hint}".strip())

    def _on_again(self) -> None:
        self._actions.retry_turn(self._turn)

    def _on_anyway(self) -> None:
        self._actions.retry_turn(self._turn, anyway=True)
