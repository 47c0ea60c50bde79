"""`prism --self-test`: tries everything that the window needs, without one, and says in a line each how it went."""

from __future__ import annotations

import os
import platform
import queue
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from app.engine_link.process_client import ProcessClient
from app.platform.bundled import bundled
from mlx_gemma4.protocol.events import BoxFound, EngineFailed, Event, MediaProbed, ModelReady, TurnFinished
from mlx_gemma4.protocol.parts import ImagePart, Message, TextPart
from mlx_gemma4.protocol.requests import GREEDY, Ask, Load, ProbeMedia
from mlx_gemma4.protocol.version import VERSION

_RESOURCES = (
    "icons/prism.png",
    "samples/samples.json",
    "tour/config.json",
    "tour/model.safetensors",
    "tour/jobs.json",
    "updates.json",
)
_QUESTION = "Detect every star."
_PATIENCE_SECONDS = 180.0
_DEVICE = ("-m", "mlx_gemma4.engine.device")
Test = Callable[[], str]


class SelfTestError(Exception):
    """Something does not work, and this is what."""


def main() -> int:
    """Try everything, print how it went; returns 0 if all of it works, and 1 otherwise."""
    print(f"Prism {VERSION} · {platform.platform()} · {platform.machine()} · Python {platform.python_version()}")
    failed = [name for name, test in TESTS if not _run(name, test)]
    print(f"{len(failed)} of {len(TESTS)} failed: {', '.join(failed)}" if failed else f"All {len(TESTS)} work.")
    return 1 if failed else 0


def resources() -> str:
    """The data that comes with Prism is there."""
    sizes = [bundled(name).stat().st_size for name in _RESOURCES]
    if empty := [name for name, size in zip(_RESOURCES, sizes, strict=True) if size == 0]:
        raise SelfTestError(f"{', '.join(empty)}: empty")
    return f"{bundled('tour').parent}"


def window_toolkit() -> str:
    """Qt starts, draws the icon, glyphs and letters, and can speak HTTPS."""
    if sys.platform == "linux" and not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        os.environ["QT_QPA_PLATFORM"] = "offscreen"
    from PySide6.QtCore import QRectF, qVersion
    from PySide6.QtGui import QColor, QFontDatabase, QGuiApplication, QImage, QPainter
    from PySide6.QtNetwork import QSslSocket
    from PySide6.QtSvg import QSvgRenderer

    app = QGuiApplication.instance() or QGuiApplication([sys.argv[0]])
    assert isinstance(app, QGuiApplication)
    icon = QImage(str(bundled("icons/prism.png")))
    canvas = QImage(64, 64, QImage.Format.Format_RGB32)
    canvas.fill(QColor("white"))
    painter = QPainter(canvas)
    painter.drawText(4, 20, "Prism")
    words_shown = any(canvas.pixelColor(x, y) != QColor("white") for x in range(64) for y in range(32))
    QSvgRenderer(str(bundled("icons/send.svg"))).render(painter, QRectF(0, 32, 32, 32))
    painter.end()
    glyph_shown = any(canvas.pixelColor(x, y) != QColor("white") for x in range(32) for y in range(32, 64))
    if icon.isNull() or not words_shown or not glyph_shown:
        raise SelfTestError(f"icon {not icon.isNull()}, letters {words_shown}, glyphs {glyph_shown}")
    secure = "HTTPS" if QSslSocket.supportsSsl() else "no HTTPS: Check for Updates will not work"
    return f"Qt {qVersion()}, {app.platformName()}, {len(QFontDatabase.families())} fonts, {secure}"


def temporary_folder() -> str:
    """Files can be written where programs put what they need for a while."""
    with tempfile.TemporaryDirectory(prefix="prism-") as folder:
        (Path(folder) / "a").write_bytes(bytes(1 << 20))
    return tempfile.gettempdir()


def device() -> str:
    """What MLX computes on; that Metal is absent is said, and no failure."""
    run = subprocess.run([sys.executable, *_DEVICE], capture_output=True, text=True, timeout=60, check=False)
    if run.returncode != 0:
        raise SelfTestError(run.stderr.strip().splitlines()[-1] if run.stderr.strip() else "MLX cannot be loaded")
    return run.stdout.strip()


def model() -> str:
    """The engine starts as a child, the bundled model loads, a picture is looked at, and a star is found in it."""
    picture = str(bundled("samples/stars.png"))
    began = time.monotonic()
    engine = _Engine()
    try:
        engine.client.send(Load("load", "tour"))
        engine.client.send(ProbeMedia("probe", picture))
        engine.wait_for("load", ModelReady)
        ready = time.monotonic()
        engine.wait_for("probe", MediaProbed)
        engine.client.send(Ask("ask", (Message("user", (ImagePart(picture), TextPart(_QUESTION))),), sampling=GREEDY))
        engine.wait_for("ask", TurnFinished)
    finally:
        engine.client.close()
    stars = sum(isinstance(event, BoxFound) and "star" in event.label for event in engine.heard)
    if not stars:
        raise SelfTestError("the bundled model found no star in stars.png")
    return f"loaded in {ready - began:.1f} s, found {stars} stars in {time.monotonic() - ready:.1f} s"


class _Engine:
    """An engine of our own, and all that it said."""

    def __init__(self) -> None:
        self.client = ProcessClient()
        self.heard: list[Event] = []
        self._events: queue.SimpleQueue[Event | int] = queue.SimpleQueue()
        self.client.start(self._events.put, self._events.put)

    def wait_for(self, request_id: str, kind: type[Event]) -> Event:
        """The event of this kind that answers the request."""
        for event in self.heard:
            if isinstance(event, kind) and event.request_id == request_id:
                return event
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while True:
            try:
                event = self._events.get(timeout=max(0.0, deadline - time.monotonic()))
            except queue.Empty:
                raise SelfTestError(f"the engine was silent for {_PATIENCE_SECONDS:.0f} s") from None
            if isinstance(event, int):
                raise SelfTestError(f"the engine ended with {event}")
            self.heard.append(event)
            if isinstance(event, EngineFailed):
                raise SelfTestError(f"{event.message} {event.hint}".strip())
            if isinstance(event, kind) and event.request_id == request_id:
                return event


TESTS: Sequence[tuple[str, Test]] = (
    ("resources", resources),
    ("window toolkit", window_toolkit),
    ("temporary folder", temporary_folder),
    ("device", device),
    ("engine and model", model),
)


def _run(name: str, test: Test) -> bool:
    try:
        found, works = test(), True
    except (SelfTestError, OSError, ImportError, subprocess.SubprocessError) as error:
        found, works = str(error), False
    print(f"{'ok' if works else 'NO':>4}  {name}: {found}", flush=True)
    return works
