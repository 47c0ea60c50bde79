"""The rendering process as the window sees it: started, sent to, listened to, and ended without waiting for it."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import sys
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, QProcess, Signal

from app.page.render_environment import environment

COMMAND = (sys.executable, "-m", "app.page.render_process")
_CLOSE_MS = 2_000


class RenderChild(QObject):
    """One rendering process.

    Attributes:
        has_started: whether it takes pages, or took them before it ended.
        trouble: the last line that it complained with.

    Signals:
        ready: it takes pages.
        answered: what it said of a page, a dict.
        ended: it has ended by itself.
    """

    ready = Signal()
    answered = Signal(object)
    ended = Signal()

    def __init__(self, folder: Path, parent: QObject) -> None:
        """Start it; it keeps its files in the folder."""
        super().__init__(parent)
        self.has_started = False
        self.trouble = ""
        self._received = bytearray()
        self._process = QProcess(self)
        self._process.setProcessEnvironment(environment(folder))
        self._process.readyReadStandardOutput.connect(self._on_output)
        self._process.readyReadStandardError.connect(self._on_errors)
        self._process.finished.connect(self._on_finished)
        self._process.errorOccurred.connect(self._on_error)
        self._process.start(COMMAND[0], list(COMMAND[1:]))

    @property
    def pid(self) -> int:
        """Its process id, which is its group's as well."""
        return self._process.processId()

    def send(self, request: dict[str, Any], html: bytes) -> None:
        """Hand over a page."""
        self._process.write(json.dumps({**request, "length": len(html)}).encode() + b"\n")
        self._process.write(html)

    def kill(self, wait: bool = False) -> None:
        """End it and all that it started; nothing is heard of it afterwards."""
        self.blockSignals(True)
        if pid := self.pid:
            with contextlib.suppress(ProcessLookupError):  # it has ended, or has not made a group yet
                os.killpg(pid, signal.SIGKILL)
        self._process.kill()
        if wait:
            self._process.waitForFinished(_CLOSE_MS)
        if self._process.state() == QProcess.ProcessState.NotRunning:
            self.deleteLater()

    def _on_output(self) -> None:
        self._received += self._process.readAllStandardOutput().data()
        while (end := self._received.find(b"\n")) >= 0:
            answer = json.loads(self._received[:end])
            del self._received[: end + 1]
            if "ready" in answer:
                self.has_started = True
                self.ready.emit()
            else:
                self.answered.emit(answer)

    def _on_errors(self) -> None:
        lines = bytes(self._process.readAllStandardError().data()).decode(errors="replace").split("\n")
        self.trouble = next((line for line in reversed(lines) if line.strip()), self.trouble)

    def _on_error(self, error: QProcess.ProcessError) -> None:
        if error == QProcess.ProcessError.FailedToStart:
            self.trouble = self._process.errorString()
            self._on_finished()

    def _on_finished(self, *_: object) -> None:
        self.ended.emit()
        if self.signalsBlocked():
            self.deleteLater()
