"""Below the samples: what the bundled model is, and one button that leads to the right Gemma 4."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QPushButton, QVBoxLayout, QWidget

from app.actions.engine import TOUR
from app.actions.models import ModelActions
from app.state.models import ModelDownload, found_title, offered_title
from app.state.session import Session
from app.views import figures, theme
from app.words import tr
from mlx_gemma4.protocol.memory_fit import Fit, judge
from mlx_gemma4.protocol.model_events import FoundModel

TOUR_NOTE = tr("A small tour model, made to try Prism with: it knows eight shapes in nine colours.")


class FirstModel(QWidget):
    """Shown while the bundled model answers."""

    def __init__(self, session: Session, actions: ModelActions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._models, self._actions = session.models, actions
        self._here: FoundModel | None = None
        self._first: ModelDownload | None = None
        words = QLabel(TOUR_NOTE, self)
        words.setProperty("role", "quiet")
        words.setAlignment(Qt.AlignmentFlag.AlignCenter)
        words.setWordWrap(True)
        self.button = QPushButton(self)
        self.button.clicked.connect(self._on_clicked)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.GRID)
        column.addWidget(words)
        column.addWidget(self.button, 0, Qt.AlignmentFlag.AlignHCenter)
        models = self._models
        for changed in (models.chosen_changed, models.found_changed, models.offered_changed, models.downloads_changed):
            changed.connect(self._follow)
        self._follow()

    def _follow(self, *_: object) -> None:
        models = self._models
        self.setVisible(models.chosen in ("", TOUR))
        self._here = self._best_here()
        best = models.recommended
        if self._here is not None:
            text = tr("Use {model}, which is on this computer", model=found_title(self._here))
        elif models.downloads:
            text = self._said_of(models.downloads[0])
        elif best is not None:
            text = tr("Get {model} ({size})…", model=offered_title(best), size=figures.size(best.nbytes))
        else:
            text = tr("Choose a model…")
        self.button.setText(text)

    def _said_of(self, download: ModelDownload) -> str:
        if download is not self._first:
            self._first = download
            download.status_changed.connect(self._follow)
        goes_on, title = download.status.goes_on, download.title
        return tr("{title} is on its way…", title=title) if goes_on else tr("{title} waits…", title=title)

    def _best_here(self) -> FoundModel | None:
        """The largest model on the disk that fits now."""
        memory = self._models.memory
        fitting = [
            model
            for model in self._models.usable
            if memory is None or judge(model.need_bytes, memory, model.lean_bytes) is not Fit.TOO_LARGE
        ]
        return max(fitting, key=lambda model: model.nbytes, default=None)

    def _on_clicked(self) -> None:
        if self._here is not None:
            self._actions.use(self._here.path)
        elif not self._models.is_open:
            self._actions.show.trigger()
