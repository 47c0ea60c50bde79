"""What a new conversation shows: what can be done here, with pictures to try it on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QLabel, QScrollArea, QVBoxLayout, QWidget

from app.intake.samples import Sample, bundled_samples
from app.views.card_layout import CardLayout
from app.views.sample_card import SampleCard
from app.views.theme import GRID
from app.words import tr

FINDING = tr("Find things in a picture"), tr("Drop a picture or clip anywhere in this window, or try one of these.")
REBUILDING = (
    tr("Find things, or rebuild a page"),
    tr("Drop a picture, screenshot or clip anywhere in this window, or try one of these."),
)


class EmptyState(QScrollArea):
    """A title, and a row of sample pictures to click."""

    def __init__(
        self,
        on_sample: Callable[[str, str], None],
        on_page: Callable[[str], None],
        samples: Sequence[Sample] | None = None,
        below: QWidget | None = None,
        parent: QWidget | None = None,
    ) -> None:
        """A title and samples.

        Args:
            on_sample: called with a picture's path and the question to ask about it.
            on_page: called with a screenshot's path, to make its page.
            samples: None takes what is bundled.
            below: what stands under them: what the model is.
            parent: the widget around this.
        """
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
        samples = bundled_samples() if samples is None else samples
        title, invitation = REBUILDING if any(sample.job == "page" for sample in samples) else FINDING
        column.addWidget(_line(title, "title"))
        column.addSpacing(GRID)
        column.addWidget(_line(invitation, "quiet-conversation"))
        column.addSpacing(3 * GRID)
        column.addLayout(_cards(samples, on_sample, on_page))
        if below is not None:
            column.addSpacing(3 * GRID)
            column.addWidget(below)
        column.addStretch(3)
        self.setWidget(page)


def _cards(
    samples: Sequence[Sample], on_sample: Callable[[str, str], None], on_page: Callable[[str], None]
) -> CardLayout:
    cards = CardLayout(2 * GRID)
    for sample in samples:
        card = SampleCard(sample.path, sample.question)
        asks = partial(on_sample, sample.path, sample.question)
        begin = partial(on_page, sample.path) if sample.job == "page" else asks
        card.clicked.connect(partial(_choose, begin))
        cards.addWidget(card)
    return cards


def _choose(begin: Callable[[], None], _checked: bool = False) -> None:
    begin()


def _line(text: str, role: str) -> QLabel:
    label = QLabel(text)
    label.setProperty("role", role)
    label.setAlignment(Qt.AlignmentFlag.AlignCenter)
    label.setWordWrap(True)
    return label
