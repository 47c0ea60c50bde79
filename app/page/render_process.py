"""The process that renders pages with QtWebEngine: a line and a page's text come in, a line goes out when done."""

from __future__ import annotations

import json
import os
import shutil
import signal
import sys
import threading

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QApplication

from app.page.render import PageSize
from app.page.render_environment import FLAGS, FOLDER
from app.page.render_locked import register_scheme
from app.page.render_shot import Camera

_PNG_QUALITY = 80  # Qt's name for little compression: twice as fast
BROKEN = 3
"""The exit code when Chromium's own process for the page has ended."""


class Requests(QObject):
    """Reads requests on a thread; when the window closes its end, or dies, this process ends at once.

    Signals:
        received: the request's line as a dict, and the page's text.
    """

    received = Signal(dict, bytes)

    def start(self) -> None:
        """Begin to read."""
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        while line := sys.stdin.buffer.readline():
            request = json.loads(line)
            self.received.emit(request, sys.stdin.buffer.read(request["length"]))
        shutil.rmtree(os.environ[FOLDER], ignore_errors=True)  # the window has not: it was killed
        os._exit(0)  # whatever the page is doing


def main() -> int:
    """Answer requests until the input closes."""
    os.setsid()  # so that whoever started this can end it with all that it has started
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    register_scheme()
    app = QApplication(["prism-page", *FLAGS])
    app.styleHints().setColorScheme(Qt.ColorScheme.Light)
    camera = Camera()
    camera.page.renderProcessTerminated.connect(lambda *_: os._exit(BROKEN))
    requests = Requests()
    requests.received.connect(lambda request, html: _answer(camera, request, html))
    camera.take(b"<p>", PageSize(64, 64))  # starts everything that is started late
    _say({"ready": True})
    requests.start()
    return app.exec()


def _answer(camera: Camera, request: dict[str, object], html: bytes) -> None:
    size = PageSize(int(str(request["width"])), int(str(request["height"])), float(str(request["scale"])))
    picture, elements, notices = camera.take(html, size)
    written = picture.save(str(request["picture"]), "PNG", _PNG_QUALITY)  # type: ignore[call-overload]
    _say({
        "number": request["number"],
        "written": written,
        "width": size.width,
        "height": round(picture.height() / size.scale),
        "elements": elements,
        "notices": notices,
    })  # fmt: skip


def _say(answer: dict[str, object]) -> None:
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
