"""The rows of the sheet: a model that is here, one that could be."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from app.state.models import found_title, offered_title
from app.views import figures, theme
from app.views.icon_button import IconButton
from app.views.models.fit_words import FitLabel
from app.words import tr
from mlx_gemma4.protocol.memory_fit import Fit, MachineMemory
from mlx_gemma4.protocol.model_events import FoundModel, OfferedModel

_PLACES = {"prism": "", "huggingface": tr("in the Hugging Face cache"), "lmstudio": tr("in LM Studio’s folder")}


class ModelRow(QWidget):
    """A title with quiet words below it; what can be done on the right."""

    def __init__(self, title: str, words: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(title)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, theme.GRID, 0, theme.GRID)
        self._row.setSpacing(theme.GRID)
        column = QVBoxLayout()
        column.setSpacing(2)
        heading = QLabel(title, self)
        heading.setTextFormat(Qt.TextFormat.PlainText)
        heading.setProperty("role", "row-title")
        self.heading = QHBoxLayout()
        self.heading.setSpacing(theme.GRID)
        self.heading.addWidget(heading)
        self.heading.addStretch(1)
        column.addLayout(self.heading)
        self.words = QLabel(words, self)
        self.words.setTextFormat(Qt.TextFormat.PlainText)
        self.words.setProperty("role", "quiet")
        self.words.setWordWrap(True)
        column.addWidget(self.words)
        self._row.addLayout(column, 1)

    def add(self, widget: QWidget) -> None:
        """Put something at the right end."""
        self._row.addWidget(widget, 0, Qt.AlignmentFlag.AlignVCenter)

    def mark(self, word: str) -> None:
        """Put a small word behind the title."""
        label = QLabel(word, self)
        label.setProperty("role", "badge")
        self.heading.insertWidget(1, label)


def found_row(
    model: FoundModel,
    told_apart: str,
    memory: MachineMemory | None,
    *,
    current: bool,
    use: Callable[[bool], None],
    remove: Callable[[], None],
) -> ModelRow:
    """A model on this machine.

    `told_apart` is what others of the same title have not; `use` is told whether to load it though it is too large.
    """
    words = figures.joined(told_apart, figures.size(model.nbytes), _senses(model), _PLACES[model.place])
    row = ModelRow(found_title(model), model.problem or words)
    if model.problem:
        row.words.setProperty("role", "danger-quiet")
    elif current:
        row.mark(tr("In use"))
    else:
        fit = FitLabel(model, memory, row)
        row.add(fit)
        anyway = fit.fit is Fit.TOO_LARGE
        button = QPushButton(tr("Load anyway") if anyway else tr("Use"), row)
        button.setAccessibleName(f"{button.text()}: {found_title(model)}")
        button.clicked.connect(lambda: use(anyway))
        row.add(button)
    if model.place == "prism":
        bin_ = IconButton("trash", tr("Delete {model}", model=found_title(model)), row)
        bin_.clicked.connect(lambda: remove())
        row.add(bin_)
    return row


def tour_row(*, current: bool, use: Callable[[], None]) -> ModelRow:
    """The bundled model."""
    row = ModelRow(tr("Tour model"), tr("Comes with Prism, to try it with: knows eight shapes in nine colours."))
    if current:
        row.mark(tr("In use"))
    else:
        button = QPushButton(tr("Use"), row)
        button.setAccessibleName(tr("Use: Tour model"))
        button.clicked.connect(lambda: use())
        row.add(button)
    return row


def offered_row(model: OfferedModel, memory: MachineMemory | None, download: Callable[[], None]) -> ModelRow:
    """A model to download."""
    words = figures.joined(figures.size(model.nbytes), model.words.rstrip("."))
    row = ModelRow(offered_title(model), words)
    if model.recommended:
        row.mark(tr("Best for this computer"))
    row.add(FitLabel(model, memory, row))
    button = QPushButton(tr("Download"), row)
    button.setAccessibleName(tr("Download {model}", model=offered_title(model)))
    if model.recommended:
        button.setProperty("role", "primary")
    button.clicked.connect(lambda: download())
    row.add(button)
    return row


def _senses(model: FoundModel) -> str:
    senses = [word for word, has in ((tr("sees"), model.sees), (tr("hears"), model.hears)) if has]
    return tr(" and ").join(senses)
