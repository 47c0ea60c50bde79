"""The engine, as far as a person needs to know."""

from __future__ import annotations

from enum import StrEnum

from app.state.observable import Observable, Property
from mlx_gemma4.protocol.cost import DEFAULT_SOFT_TOKENS
from mlx_gemma4.protocol.events import UsageReport


class EngineState(StrEnum):
    """What the engine is doing."""

    STARTING = "starting"
    LOADING = "loading"
    READY = "ready"
    BUSY = "busy"
    UNLOADED = "unloaded"  # it runs, and loads its model again when it is asked
    FAILED = "failed"  # it runs, but its model did not load
    GONE = "gone"


class EngineStatus(Observable):
    """State, model and last figures.

    Attributes:
        load_id: of the request that loads the model.
        ask_id: of the request that it is busy with.
        errand: what it is busy with, if that is no answer in the conversation.
        loaded_path: of the model that can answer; empty while there is none.
        model_bits: of most of its weights.
        usage: of the last answer.
        sees: whether the model takes what can be seen; until there is one, yes.
        chats: whether it answers; a base model only goes on with texts. Until there is one, yes.
        hears: whether it takes sound; until there is one, yes.
        host: of the server that words and files go to; empty for a model on this computer.
        offline: that server has not answered the last question.
        drafts: whether a drafter guesses its answers ahead.
        from_disk: whether its per-layer embeddings are read from the disk.
        max_soft_tokens: its usual budget of a picture.
    """

    state = Property[EngineState](EngineState.STARTING)
    model_path = Property("")
    model_name = Property("")
    model_bits = Property(0)
    usage = Property[UsageReport | None](None)
    errand = Property("")
    sees = Property(True)
    hears = Property(True)
    chats = Property(True)
    host = Property("")
    offline = Property(False)
    drafts = Property(False)
    from_disk = Property(False)
    max_soft_tokens = Property(DEFAULT_SOFT_TOKENS)

    load_id = ""
    loaded_path = ""
    ask_id = ""

    @property
    def can_answer(self) -> bool:
        """Whether a request would be looked at now."""
        return self.state in (EngineState.READY, EngineState.BUSY)
