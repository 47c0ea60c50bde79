"""A question from anywhere: a conversation of its own that shares the engine with the window's."""

from __future__ import annotations

from app.state.engine_status import EngineStatus
from app.state.observable import Observable, Property
from app.state.session import Session


class QuickAsk(Observable):
    """What the panel shows.

    Attributes:
        is_open: the panel is there; while a region is being captured it only steps aside.
        session: its question, conversation, stage and notices.
    """

    is_open = Property(False)

    def __init__(self, engine: EngineStatus) -> None:
        super().__init__()
        self.session = Session(engine)
