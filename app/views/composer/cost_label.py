"""What the question being written will cost: beside Send, and what is in its way above the words."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QWidget

from app.actions.conversation import ConversationActions
from app.state.engine_status import EngineState
from app.state.estimate import Cost
from app.state.session import Session
from app.views import figures, theme
from app.views.sign_glyph import SignGlyph
from app.words import number, tr

_ON_ITS_WAY = (EngineState.STARTING, EngineState.LOADING)


class CostLabel(QLabel):
    """`1,039 tok · ~2 s`; what that is made of stands in the tooltip."""

    def __init__(self, session: Session, parent: QWidget) -> None:
        super().__init__(parent)
        self._session = session
        self.setProperty("role", "quiet")
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setAccessibleName(tr("Cost of the question"))
        session.estimate.cost_changed.connect(self._follow)
        session.engine.state_changed.connect(self._follow)
        self._follow()

    def _follow(self) -> None:
        cost = self._session.estimate.cost
        loading = tr("Loading the model…") if self._session.engine.state in _ON_ITS_WAY else ""
        if cost is None:
            self.setText(loading)
            self.setToolTip("")
            self.setAccessibleDescription("")
            return
        seconds = "" if cost.seconds is None else figures.about(cost.seconds)
        self.setText(figures.joined(loading, tr("{tokens} tok", tokens=number(cost.tokens)), seconds))
        told = made_of(cost)
        self.setToolTip(told)
        self.setAccessibleDescription(told)


class Obstacle(QWidget):
    """Why the question cannot be asked as it is, with the figures and what to do; takes no room otherwise."""

    def __init__(self, session: Session, actions: ConversationActions, parent: QWidget) -> None:
        super().__init__(parent)
        self._session, self._actions = session, actions
        self._words = QLabel(self)
        self._words.setProperty("role", "danger")
        self._words.setTextFormat(Qt.TextFormat.PlainText)
        self._words.setWordWrap(True)
        self._words.setAccessibleName(tr("What is in the question's way"))
        self._anyway = QPushButton(tr("Ask anyway"), self)
        self._anyway.clicked.connect(actions.send_anyway.trigger)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, theme.GRID, 0)
        row.setSpacing(theme.GRID)
        row.addWidget(SignGlyph(True, self), 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(self._words, 1)
        row.addWidget(self._anyway, 0, Qt.AlignmentFlag.AlignTop)
        session.estimate.cost_changed.connect(self._follow)
        actions.send.enabled_changed.connect(self._follow)
        self._follow()

    def _follow(self) -> None:
        cost = self._session.estimate.cost
        shown = cost is not None and bool(cost.obstacle)
        if cost is not None:
            self._words.setText(in_the_way(cost))
            self._anyway.setVisible(cost.obstacle == "no room")
            self._anyway.setEnabled(self._actions.send.enabled)
        self.setVisible(shown)


def made_of(cost: Cost) -> str:
    """The lines of a tooltip."""
    lines = [tr("{tokens} in all, with what came before", tokens=figures.counted(cost.tokens, "token"))]
    if cost.files:
        lines.append(tr("{count} of them in files", count=number(cost.files)))
    if cost.read:
        lines.append(tr("{count} of them are read already", count=number(cost.read)))
    if cost.most:
        lines.append(tr("The model reads at most {count}", count=number(cost.most)))
    if cost.seconds is not None:
        lines.append(tr("First word after {time}, by what was measured here", time=figures.about(cost.seconds)))
    return "\n".join(lines)


def in_the_way(cost: Cost) -> str:
    """One or two sentences; empty where nothing is."""
    match cost.obstacle:
        case "too long":
            return tr(
                "{tokens} tokens are more than this model reads at once ({most}). "
                "Begin a new conversation, leave out a file or shorten the text.",
                tokens=number(cost.tokens),
                most=number(cost.most),
            )
        case "no room":
            return tr(
                "This needs about {need} more memory; {free} are free, which would leave the system too little. "
                "Shorten it, leave out a file or choose a lower resolution.",
                need=figures.memory_size(cost.need_bytes),
                free=figures.memory_size(cost.free_bytes),
            )
        case "":
            return ""
