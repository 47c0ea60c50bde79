"""Below a model: the switch of the small one that guesses its answers ahead, or where to get it."""

from __future__ import annotations

from PySide6.QtWidgets import QPushButton, QWidget

from app.actions.drafters import DrafterActions
from app.state.models import found_title
from app.state.session import Session
from app.views import figures
from app.views.icon_button import IconButton
from app.views.models.rows import ModelRow
from app.views.switch import Switch
from app.words import tr
from mlx_gemma4.protocol.model_events import FoundModel

_INDENT = 16
WORDS = tr("A small model guesses the next words. Answers stay the same, and come sooner where it is right.")


class DrafterRow(ModelRow):
    """Of one model that can be used and for which there is a drafter."""

    def __init__(
        self, model: FoundModel, session: Session, actions: DrafterActions, parent: QWidget | None = None
    ) -> None:
        super().__init__(tr("Guess ahead"), _words(model, session), parent)
        assert model.drafter is not None
        self.setContentsMargins(_INDENT, 0, 0, 0)
        if model.drafter.path:
            switch = Switch(tr("Guess ahead: {model}", model=found_title(model)), self)
            switch.setChecked(model.path not in session.models.undrafted)
            switch.clicked.connect(lambda on: actions.switch(model, on=on))
            self.add(switch)
            if actions.can_remove(model):
                title = session.models.title_of(model.drafter.repository)
                bin_ = IconButton("trash", tr("Delete {model}", model=title), self)
                bin_.clicked.connect(lambda: actions.remove(model))
                self.add(bin_)
        elif session.models.download_of(model.drafter.repository) is None:
            button = QPushButton(tr("Download"), self)
            button.setAccessibleName(tr("Download {model}", model=session.models.title_of(model.drafter.repository)))
            button.clicked.connect(lambda: actions.download(model))
            self.add(button)


def is_offered(model: FoundModel, *, current: bool) -> bool:
    """Whether a model has such a row: where its drafter is here, and the one in use where it can be had."""
    return model.drafter is not None and not model.problem and bool(model.drafter.path or current)


def _words(model: FoundModel, session: Session) -> str:
    engine, drafter = session.engine, model.drafter
    assert drafter is not None
    if not drafter.path:
        return figures.joined(figures.size(drafter.nbytes), WORDS)
    wanted = model.path not in session.models.undrafted
    if wanted and engine.can_answer and engine.loaded_path == model.path and not engine.drafts:
        return tr("Not now: it does not fit into the memory beside the model.")
    return WORDS
