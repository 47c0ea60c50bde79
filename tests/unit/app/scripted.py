"""The app without a window: state and actions over an engine that follows a script."""

from __future__ import annotations

import re
import tempfile
import zlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path

from PySide6.QtCore import QTimer
from PySide6.QtGui import QColor, QImage

from app.actions.catalogue import Actions
from app.actions.hub_token import HubToken
from app.actions.server_keys import ServerKeys
from app.engine_link.bridge import EngineBridge
from app.engine_link.scripted_client import ScriptedClient, Timed
from app.page.render import PageSize
from app.platform.microphone import Microphone
from app.platform.player import Player
from app.state.page import PageElement, Rendering
from app.state.session import Session
from app.store.store import Store
from mlx_gemma4.protocol.care import AskEstimated, EstimateAsk, ModelUnloaded, Unload
from mlx_gemma4.protocol.events import (
    BoxFound,
    EngineFailed,
    Event,
    MediaHeard,
    MediaProbed,
    MediaShown,
    ModelLoading,
    ModelReady,
    ModelsFound,
    PagesCompared,
    PromptProgress,
    TextDelta,
    TranscriptSegment,
    TurnFinished,
    UsageReport,
)
from mlx_gemma4.protocol.memory_fit import MachineMemory
from mlx_gemma4.protocol.requests import (
    Ask,
    ComparePages,
    Download,
    HearMedia,
    ListModels,
    ListServer,
    Load,
    LoadRemote,
    ProbeMedia,
    RemoveModel,
    Request,
    RestoreModel,
    ShowMedia,
    Transcribe,
)

GIB = 1 << 30
NO_MODELS = ModelsFound((), (), MachineMemory(16 * GIB, 9 * GIB, 11 * GIB), 200 * GIB)
READY = ModelReady("tour", "Tour", 8, 10_000_000, True, False, 280)
ESTIMATED = AskEstimated(150, 8192, 40_000_000, MachineMemory(16 * GIB, 9 * GIB, 11 * GIB, GIB))
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


def said(*segments: tuple[float, float, str]) -> list[Timed]:
    """What the engine says about a recording in which this is said, a piece each."""
    events = [TranscriptSegment(*segment, piece=piece) for piece, segment in enumerate(segments)]
    return [(0.0, PromptProgress(1, 1)), *((0.0, event) for event in events), (0.0, TurnFinished("end_of_turn"))]


def compared(fidelity: float) -> PagesCompared:
    """What the engine says about two pictures of a page."""
    return PagesCompared(fidelity, 1.0, 1.0, 1.0, 1.0, (), "")


PICTURE_PLACE = (50.0, 60.0, 200.0, 150.0)
"""Where all pictures of a page stand, in CSS pixels."""


class ScriptedRenderer:
    """Paints one colour a page, different for different pages, a moment after it was asked to.

    Attributes:
        pages: HTML and size of all that was rendered, in order; an empty page only warms it up.
        warm_ups: how often it was.
        notice: of all renderings from now on.
        under_way: how many pages are being rendered.
        most_under_way: how many were at once.
        discarded: pictures that nobody wants any more.
        takes_ms: how long a page takes.
    """

    def __init__(self) -> None:
        self.pages: list[tuple[str, PageSize]] = []
        self.notice = ""
        self.under_way = self.most_under_way = self.warm_ups = 0
        self.discarded: list[str] = []
        self.closed = False
        self.takes_ms = 5
        self._folder = tempfile.TemporaryDirectory(prefix="prism-scripted-")

    def render(self, html: str, size: PageSize, done: Callable[[Rendering], None]) -> None:
        """Render soon."""
        if html:
            self.pages.append((html, size))
        else:
            self.warm_ups += 1
        self.under_way += 1
        self.most_under_way = max(self.most_under_way, self.under_way)
        QTimer.singleShot(self.takes_ms, lambda: self._finish(html, size, done))

    def discard(self, rendering: Rendering) -> None:
        """Note it."""
        self.discarded.append(rendering.picture)

    def close(self) -> None:
        """Remove the pictures."""
        self.closed = True
        self._folder.cleanup()

    def _finish(self, html: str, size: PageSize, done: Callable[[Rendering], None]) -> None:
        if self.closed:
            return
        self.under_way -= 1
        image = QImage(round(size.width * size.scale), round(size.height * size.scale), QImage.Format.Format_RGB32)
        image.fill(QColor.fromHsv(zlib.crc32(html.encode()) % 360, 120, 200))
        path = f"{self._folder.name}/{len(self.pages)}-{zlib.crc32(html.encode())}.png"
        image.save(path)
        body = PageElement("body", "<body></body>", (0, 0, size.width, size.height))
        images = (PageElement("img", found, PICTURE_PLACE) for found in re.findall("<img[^>]*>", html))
        done(Rendering(path, size.width, size.height, (body, *images), self.notice))


@dataclass
class Rig:
    """Everything below the views; `answer` and `files` may be changed at any time.

    Attributes:
        answer: events of an answer.
        loads: the model loads; otherwise it is loading for ever.
        chosen: what the file dialog gives.
        target: the file that the person chooses to write.
        picked: the file that the person picks for a tool; empty for none.
        probed: what the engine says about every file; None for what fits a picture.
        shown: what the engine says when it shows a page or a part; None cuts it out of a picture file.
        compare: what comparing gives.
        store: where conversations are kept; None keeps none.
        load: what loading gives, instead of READY.
        models: what is on the disk.
        removing: what deleting gives, instead of `models`.
        download: what a download says.
        estimate: what a question would take.
        secrets: what the system's safe holds.
        has_safe: whether the system has one.
        hears: whether the model does.
        transcribe: what is heard in a recording, which is a minute long.
        player: what plays sound.
        microphone: what records.
        serve: what a server's model or list is answered with.
        kept_home: that everything is kept in; None for a folder of its own.
    """

    answer: Answers = lambda ask: ONE_BOX
    loads: bool = True
    chosen: list[str] = field(default_factory=list)
    target: str = ""
    picked: str = ""
    probed: MediaProbed | None = None
    shown: Callable[[ShowMedia], Event] | None = None
    compare: Callable[[ComparePages], Iterable[Timed]] = lambda request: [(0.0, compared(0.5))]
    store: Store | None = None
    load: Callable[[Load], Iterable[Timed]] | None = None
    models: ModelsFound = NO_MODELS
    removing: ModelsFound | EngineFailed | None = None
    download: Callable[[Download], Iterable[Timed]] = lambda request: ()
    estimate: Callable[[EstimateAsk], AskEstimated] = lambda request: ESTIMATED
    secrets: dict[str, str] = field(default_factory=dict)
    has_safe: bool = True
    hears: bool = False
    transcribe: Callable[[Transcribe], Iterable[Timed]] = lambda request: said((0.0, 60.0, "Good morning."))
    player: Player | None = None
    microphone: Microphone | None = None
    serve: Callable[[ListServer | LoadRemote], Iterable[Timed]] = lambda request: ()
    kept_home: Path | None = None

    def __post_init__(self) -> None:
        self.client = ScriptedClient(self._script)
        self.session = Session()
        self.bridge = EngineBridge(self.client)
        self.renderer = ScriptedRenderer()
        choose_target = lambda suggested: self.target  # noqa: E731
        self._home = tempfile.TemporaryDirectory(prefix="prism-home-")
        self.home = self.kept_home or Path(self._home.name)
        self.token = HubToken(lambda name: self.secrets.get(name, ""), self._keep_secret)
        self.actions = Actions(
            self.session,
            self.bridge,
            lambda: self.chosen,
            choose_target,
            self.renderer,
            store=self.store,
            home=self.home,
            token=self.token,
            player=self.player,
            microphone=self.microphone,
            keys=ServerKeys(lambda name: self.secrets.get(name, ""), self._keep_secret),
            choose_file=lambda: self.picked,
        )

    def close(self) -> None:
        """End the engine."""
        self.bridge.close()
        self.actions.close()
        self._home.cleanup()

    def _keep_secret(self, name: str, value: str) -> bool:
        self.secrets[name] = value
        return self.has_safe

    def _cut_out(self, request: ShowMedia) -> MediaShown | EngineFailed:
        """What the engine does for a picture that stands upright."""
        image = QImage(request.path)
        if image.isNull():
            return DAMAGED
        top, left, bottom, right = request.box or (0.0, 0.0, 1000.0, 1000.0)
        x, y = round(left * image.width() / 1000), round(top * image.height() / 1000)
        width, height = round(right * image.width() / 1000) - x, round(bottom * image.height() / 1000) - y
        file = str(self.home / f"shown {request.id}.png")
        image.copy(x, y, width, height).save(file)
        return MediaShown(width, height, file, file)

    @staticmethod
    def show(file: str) -> MediaShown:
        """This file as a page or a part."""
        return MediaShown(400, 300, thumbnail=file, display=file)

    def asks(self) -> list[Ask]:
        """The questions that reached the engine."""
        return [request for request in self.client.requests if isinstance(request, Ask)]

    def _script(self, request: Request) -> Iterable[Timed]:
        match request:
            case Load() if self.load is not None:
                return self.load(request)
            case ListServer() | LoadRemote():
                return self.serve(request)
            case RemoveModel() if self.removing is not None:
                return [(0.0, self.removing)]
            case ListModels() | RemoveModel() | RestoreModel():
                return [(0.0, self.models)]
            case Download():
                return self.download(request)
            case Load():
                ready = replace(READY, hears=self.hears)
                return [(0.0, ModelLoading("tour")), *([(0.0, ready)] if self.loads else [])]
            case Transcribe():
                return self.transcribe(request)
            case HearMedia():
                return [(0.0, MediaHeard("decoded.wav", 60.0, (0.1, 0.9, 0.4)))]
            case ProbeMedia() if request.path.endswith(".wav"):
                return [(0.0, MediaProbed("sound", 0, 0, 1500, "", "", 60.0))]
            case ProbeMedia():
                return [(0.0, DAMAGED if "damaged" in request.path else self.probed or probed(request.path))]
            case ShowMedia():
                return [(0.0, self.shown(request) if self.shown else self._cut_out(request))]
            case Ask():
                return self.answer(request)
            case EstimateAsk():
                return [(0.0, self.estimate(request))]
            case Unload():
                return [(0.0, ModelUnloaded())]
            case ComparePages():
                return self.compare(request)
            case _:
                return ()
