"""Whether a small model guesses the answers of a large one ahead, and getting it."""

from __future__ import annotations

from pathlib import Path

from app.actions.conversation import ConversationActions
from app.actions.engine import EngineActions
from app.actions.models import ModelActions
from app.engine_link.bridge import EngineBridge
from app.state.engine_status import EngineState
from app.state.session import Session
from app.store.drafters import read_drafters, write_drafters
from mlx_gemma4.protocol.events import Event, ModelsFound
from mlx_gemma4.protocol.model_events import FoundModel


class DrafterActions:
    """On where a model's drafter is here, unless it is switched off; it rests by itself where it does not pay."""

    def __init__(
        self,
        session: Session,
        bridge: EngineBridge,
        engine: EngineActions,
        conversation: ConversationActions,
        models: ModelActions,
        home: Path,
    ) -> None:
        """Knows from the last time what is here."""
        self._session, self._models, self._home = session, session.models, home
        self._engine, self._conversation, self._actions = engine, conversation, models
        self._models.drafters, self._models.undrafted = read_drafters(home)
        engine.drafter_of = self.folder_for
        bridge.event_received.connect(self._on_event)

    def folder_for(self, path: str) -> str:
        """The drafter to load beside the model in this folder; empty for none."""
        return "" if path in self._models.undrafted else self._models.drafters.get(path, "")

    def switch(self, model: FoundModel, *, on: bool) -> None:
        """Guess ahead with this model or not; if it is the one in use, it is loaded again, and an answer stopped."""
        off = self._models.undrafted
        self._models.undrafted = off - {model.path} if on else off | {model.path}
        self._keep()
        if self._session.engine.can_answer and self._session.engine.loaded_path == model.path:
            if self._session.conversation.running is not None:
                self._conversation.stop.trigger()
            self._engine.use(model.path)

    def download(self, model: FoundModel) -> None:
        """Fetch its drafter, or go on with it."""
        if model.drafter is not None and model.drafter.repository:
            self._actions.download(model.drafter.repository)

    def can_remove(self, model: FoundModel) -> bool:
        """Whether its drafter lies in the app's own folder."""
        return model.drafter is not None and self._actions.folder in Path(model.drafter.path).parents

    def remove(self, model: FoundModel) -> None:
        """Delete its drafter, as a model is deleted; the next load does without."""
        assert model.drafter is not None
        path, repository, nbytes = model.drafter.path, model.drafter.repository, model.drafter.nbytes
        title = self._models.title_of(repository)
        self._actions.remove(FoundModel(path, title, "", 0, nbytes, "prism", repository))

    def _on_event(self, event: Event) -> None:
        if not isinstance(event, ModelsFound):
            return
        before, loaded = self._models.drafters, self._session.engine.loaded_path
        here = {model.path: model.drafter.path for model in event.found if model.drafter and model.drafter.path}
        if here == before:
            return
        self._models.drafters = here
        self._keep()
        if self._session.engine.state is EngineState.READY and self.folder_for(loaded) not in ("", before.get(loaded)):
            self._engine.use(loaded)

    def _keep(self) -> None:
        write_drafters(self._home, self._models.drafters, self._models.undrafted)
