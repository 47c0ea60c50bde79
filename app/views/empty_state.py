"""What a new conversation shows: what can be done here, with pictures to try it on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QScrollArea, QVBoxLayout, QWidget

from app.intake.samples import Sample, bundled_samples
from app.views.sample_card import SampleCard
from app.views.theme import GRID

TITLE = "Find things in a picture"
INVITATION = "Drop a picture anywhere in this window, or try one of these."
TOUR_NOTE = "A small tour model, made to try Prism with: it knows eight shapes in nine colours."


class EmptyState(QScrollArea):
    """A title, a row of sample pictures to click, and what the model is."""

    def __init__(
        self,
        on_sample: Callable[[str, str], None],
        samples: Sequence[Sample] | None = None,
        parent: QWidget | None = None,
    ) -> None:
        """`on_sample` is called with a picture's path and the question to ask about it; None takes what is bundled."""
        super().__init__(parent)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(3 * GRID, 2 * GRID, 3 * GRID, 2 * GRID)
        column.setSpacing(0)
        column.addStretch(2)
        column.addWidget(_line(TITLE, "title"))
        column.addSpacing(GRID)
        column.addWidget(_line(INVITATION, "quiet-conversation"))
        column.addSpacing(3 * GRID)
        column.addLayout(_cards(bundled_samples() if samples is None else samples, on_sample))
        column.addSpacing(3 * GRID)
        column.addWidget(_line(TOUR_NOTE, "quiet"))
        column.addStretch(3)
        self.setWidget(page)


def _cards(samples: Sequence[Sample], on_sample: Callable[[str, str], None]) -> QHBoxLayout:
    """In the middle, as wide as a column of text at most."""
    row = QHBoxLayout()
    row.setSpacing(2 * GRID)
    row.addStretch(1)
    for sample in samples:
        card = SampleCard(sample.path, sample.question)
        card.clicked.connect(partial(_choose, on_sample, sample))
        row.addWidget(card, 100)
    row.addStretch(1)
    return row


def _choose(on_sample: Callable[[str, str], None], sample: Sample, _checked: bool = False) -> None:
    on_sample(sample.path, sample.question)


def _line(text: str, role: str) -> QLabel:
    label = QLabel(text)
    label.setProperty("role", role)
    label.setAlignment(Qt.AlignmentFlag.AlignCenter)
    label.setWordWrap(True)
    return label
