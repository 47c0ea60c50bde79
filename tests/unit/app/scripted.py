"""The app without a window: state and actions over an engine that follows a script."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from app.actions.catalogue import Actions
from app.engine_link.bridge import EngineBridge
from app.engine_link.scripted_client import ScriptedClient, Timed
from app.state.session import Session
from mlx_gemma4.protocol.events import (
    BoxFound,
    EngineFailed,
    MediaProbed,
    ModelLoading,
    ModelReady,
    PromptProgress,
    TextDelta,
    TurnFinished,
    UsageReport,
)
from mlx_gemma4.protocol.requests import Ask, Load, ProbeMedia, Request

READY = ModelReady("tour", "Tour", 8, 10_000_000, True, False, 280)
USAGE = UsageReport(200, 30, 41.0, 0.6, 412_000_000)
ONE_BOX: tuple[Timed, ...] = (
    (0.0, PromptProgress(100, 200)),
    (0.0, PromptProgress(200, 200)),
    (0.0, TextDelta("Here:\n```json\n[\n")),
    (0.0, TextDelta('{"box_2d": [10, 20, 300, 400], "label": "star"}')),
    (0.0, BoxFound((10, 20, 300, 400), "star")),
    (0.0, TextDelta("\n]\n```\nThat is all.")),
    (0.0, USAGE),
    (0.0, TurnFinished("end_of_turn")),
)
DAMAGED = EngineFailed("media.damaged", "The picture is damaged.", "Save it again.", True)
Answers = Callable[[Ask], Iterable[Timed]]


def probed(file: str = "") -> MediaProbed:
    """What the engine says about a picture; the files are the picture's own, or none."""
    return MediaProbed("picture", 640, 480, 130, thumbnail=file, display=file)


@dataclass
class Rig:
    """Everything below the views; `answer` and `files` may be changed at any time.

    Attributes:
        answer: events of an answer.
        loads: the model loads; otherwise it is loading for ever.
        chosen: what the file dialog gives.
    """

    answer: Answers = lambda ask: ONE_BOX
    loads: bool = True
    chosen: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.client = ScriptedClient(self._script)
        self.session = Session()
        self.bridge = EngineBridge(self.client)
        self.actions = Actions(self.session, self.bridge, lambda: self.chosen)

    def close(self) -> None:
        """End the engine."""
        self.bridge.close()
        self.actions.attachments.close()

    def asks(self) -> list[Ask]:
        """The questions that reached the engine."""
        return [request for request in self.client.requests if isinstance(request, Ask)]

    def _script(self, request: Request) -> Iterable[Timed]:
        match request:
            case Load():
                return [(0.0, ModelLoading("tour")), *([(0.0, READY)] if self.loads else [])]
            case ProbeMedia():
                return [(0.0, DAMAGED if "damaged" in request.path else probed(request.path))]
            case Ask():
                return self.answer(request)
            case _:
                return ()
