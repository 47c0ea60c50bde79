"""What a new conversation shows: what can be done here, with pictures to try it on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QLabel, QScrollArea, QVBoxLayout, QWidget

from app.intake.samples import Sample, bundled_samples, listed_samples
from app.views.card_layout import CardLayout
from app.views.sample_card import SampleCard
from app.views.theme import GRID
from app.words import tr

FINDING = tr("Find things in a picture"), tr("Drop a picture or clip anywhere in this window, or try one of these.")
REBUILDING = (
    tr("Find things, or rebuild a page"),
    tr("Drop a picture, screenshot or clip anywhere in this window, or try one of these."),
)
SEEING = (
    tr("Ask about what you see"),
    tr("Drop a picture, a screenshot, a clip or a PDF anywhere in this window, or try one of these."),
)
HEARING = (
    tr("Ask about what you see and hear"),
    tr("Drop a picture, a screenshot, a clip, a recording or a PDF anywhere in this window, or try one of these."),
)
READING = tr("Ask anything"), tr("This model reads words; pictures and sounds need another one.")


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
        self._on_sample, self._on_page = on_sample, on_page
        self._title, self._invitation = _line("title"), _line("quiet-conversation")
        self._cards = CardLayout(2 * GRID)
        self._offered: tuple[tuple[str, str], tuple[Sample, ...]] | None = None
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(3 * GRID, 2 * GRID, 3 * GRID, 2 * GRID)
        column.setSpacing(0)
        column.addStretch(2)
        column.addWidget(self._title)
        column.addSpacing(GRID)
        column.addWidget(self._invitation)
        column.addSpacing(3 * GRID)
        column.addLayout(self._cards)
        if below is not None:
            column.addSpacing(3 * GRID)
            column.addWidget(below)
        column.addStretch(3)
        self.setWidget(page)
        self._offer(bundled_samples() if samples is None else samples)

    def offer(self, sees: bool, hears: bool) -> None:
        """What a model of this kind can do, which is more than the bundled one has learnt."""
        if sees:
            self._offer(listed_samples(), HEARING if hears else SEEING)
        else:
            self._offer((), READING)

    def offer_learnt(self) -> None:
        """What the bundled model can do."""
        self._offer(bundled_samples())

    def _offer(self, samples: Sequence[Sample], words: tuple[str, str] | None = None) -> None:
        rebuilds = any(sample.job == "page" for sample in samples)
        words = words or (REBUILDING if rebuilds else FINDING)
        if (words, tuple(samples)) == self._offered:
            return
        self._offered = words, tuple(samples)
        for label, text in zip((self._title, self._invitation), words, strict=True):
            label.setText(text)
        while (item := self._cards.takeAt(0)) is not None:
            if (card := item.widget()) is not None:
                card.hide()
                card.deleteLater()
        for sample in samples:
            card = SampleCard(sample.path, sample.question)
            asks = partial(self._on_sample, sample.path, sample.question)
            begin = partial(self._on_page, sample.path) if sample.job == "page" else asks
            card.clicked.connect(partial(_choose, begin))
            self._cards.addWidget(card)
        self._cards.invalidate()


def _choose(begin: Callable[[], None], _checked: bool = False) -> None:
    begin()


def _line(role: str) -> QLabel:
    label = QLabel()
    label.setProperty("role", role)
    label.setAlignment(Qt.AlignmentFlag.AlignCenter)
    label.setWordWrap(True)
    return label
