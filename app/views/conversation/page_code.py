"""The code of a page in the conversation: a few lines of it as it is written, and the way to the page."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from app.state.answer_blocks import AnswerBlock
from app.state.stage import Stage
from app.state.turn import Turn
from app.views import figures, theme
from app.views.stage.code_editor import CodeEditor
from app.words import tr

_FENCE = "```"
_MOST_LINES = 9


class PageCode(QFrame):
    """Follows a block of code in an answer that writes a page; all of the code is on the stage."""

    def __init__(self, turn: Turn, block: AnswerBlock, stage: Stage, parent: QWidget) -> None:
        super().__init__(parent)
        self._turn, self._block, self._stage = turn, block, stage
        self.setProperty("role", "card")
        self._state = QLabel(self)
        self._state.setProperty("role", "quiet")
        show = QPushButton(tr("Show page"), self)
        show.setProperty("role", "link")
        show.clicked.connect(self._on_show)
        self.code = _Lines(self)
        row = QHBoxLayout()
        row.setContentsMargins(theme.INSET, 4, 0, 0)
        row.addWidget(self._state)
        row.addStretch(1)
        row.addWidget(show)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, theme.INSET, 4)
        column.setSpacing(0)
        column.addLayout(row)
        column.addWidget(self.code)
        block.text_appended.connect(self._follow)
        block.closed_changed.connect(self._follow)
        self._follow()

    def _follow(self) -> None:
        self.code.show_code(without_fences(self._block.text))
        self.code.setFixedHeight(self.code.height_of(min(self.code.blockCount(), _MOST_LINES)))
        if self._block.closed:
            self.code.verticalScrollBar().setValue(0)
        lines = figures.counted(self.code.blockCount(), "line")
        self._state.setText(figures.joined("HTML", lines if self._block.closed else tr("writing…")))

    def _on_show(self) -> None:
        self._stage.show(self._turn)
        project, version = self._stage.page, self._turn.version
        if project is not None and version in project.versions:
            project.current = version


class _Lines(CodeEditor):
    """To be read; what is around it scrolls, unless it has been clicked."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setReadOnly(True)
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)

    def wheelEvent(self, event: QWheelEvent) -> None:
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()

    def height_of(self, lines: int) -> int:
        """Of so many lines, in pixels."""
        return lines * self.fontMetrics().lineSpacing() + 2 * round(self.document().documentMargin())


def without_fences(text: str) -> str:
    """What stands between the fences, as far as they have come."""
    first, newline, rest = text.partition("\n")
    inside = rest if newline and first.lstrip().startswith(_FENCE) else "" if first.startswith(_FENCE) else text
    body = inside.rstrip()
    return body[: -len(_FENCE)].rstrip("\n") if body.endswith(f"\n{_FENCE}") or body == _FENCE else inside
