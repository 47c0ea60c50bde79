"""The microphone through PulseAudio or PipeWire, by the program that comes with them."""

from __future__ import annotations

import re
from array import array
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QProcess, QProcessEnvironment

from app.platform.microphone import Permission
from app.platform.wave_files import RATE, WaveFile
from app.words import tr

PROGRAM = "parec"
_OPTIONS = ["--record", "--verbose", "--raw", f"--rate={RATE}", "--channels=1", "--format=s16le", "--latency-msec=40"]
# Who listens to a microphone that is unplugged is moved to what the speakers play; if verbose, the program says so.
_MOVED_TO_SPEAKERS = re.compile(rb"Stream moved to device \S+\.monitor ")
_LONGEST_LINE = 512
_PATIENCE_MS = 1000


class PulseMicrophone:
    """See `Microphone`."""

    def __init__(self) -> None:
        self._process: QProcess | None = None
        self._file: WaveFile | None = None
        self._failed: Callable[[str], None] = lambda _: None
        self._odd = b""
        self._said = b""
        self._peak = 0

    @property
    def permission(self) -> Permission:
        """See `Microphone`; nobody is asked here."""
        return Permission.GRANTED

    def ask_permission(self, answered: Callable[[bool], None]) -> None:
        """See `Microphone`."""
        answered(True)

    def start(self, file: Path, failed: Callable[[str], None]) -> None:
        """See `Microphone`."""
        self._failed, self._odd, self._said, self._peak = failed, b"", b"", 0
        try:
            self._file = WaveFile(file)
        except OSError as error:
            failed(tr("The recording cannot be written: {reason}.", reason=error.strerror or str(error)))
            return
        self._process = QProcess()
        environment = QProcessEnvironment.systemEnvironment()
        environment.insert("LC_ALL", "C")  # what it says is to be understood
        self._process.setProcessEnvironment(environment)
        self._process.readyReadStandardOutput.connect(self._on_heard)
        self._process.readyReadStandardError.connect(self._on_said)
        self._process.finished.connect(self._on_finished)
        self._process.errorOccurred.connect(self._on_finished)
        self._process.start(PROGRAM, [*_OPTIONS, "--client-name=Prism"])

    @property
    def level(self) -> float:
        """See `Microphone`."""
        peak, self._peak = self._peak, 0
        return peak / 32768

    @property
    def seconds(self) -> float:
        """See `Microphone`."""
        return 0.0 if self._file is None else self._file.seconds

    def stop(self) -> None:
        """See `Microphone`."""
        process, self._process = self._process, None
        if process is not None:
            process.finished.disconnect(self._on_finished)
            process.errorOccurred.disconnect(self._on_finished)
            process.terminate()
            if not process.waitForFinished(_PATIENCE_MS):
                process.kill()
                process.waitForFinished(_PATIENCE_MS)
            process.readyReadStandardOutput.disconnect(self._on_heard)
            self._take(bytes(process.readAllStandardOutput().data()))
            process.deleteLater()
        if self._file is not None:
            self._file.close()
            self._file = None

    def _on_heard(self) -> None:
        if self._process is not None:
            self._take(bytes(self._process.readAllStandardOutput().data()))

    def _on_said(self) -> None:
        if self._process is None:
            return
        said = self._said + bytes(self._process.readAllStandardError().data())
        self._said = said[-_LONGEST_LINE:]
        if _MOVED_TO_SPEAKERS.search(said):
            self._on_finished()

    def _take(self, heard: bytes) -> None:
        if self._file is None or not heard:
            return
        heard = self._odd + heard
        whole = len(heard) // 2 * 2
        self._odd, samples = heard[whole:], heard[:whole]
        values = array("h", samples)
        self._peak = max(self._peak, max(values, default=0), -min(values, default=0))
        try:
            self._file.append(samples)
        except OSError as error:
            self._fail(tr("The recording broke off: {reason}.", reason=error.strerror or str(error)))

    def _on_finished(self, *_: object) -> None:
        """It ended by itself, or listens to something else."""
        began = self.seconds > 0
        gone, none = tr("The microphone is gone."), tr("No microphone was found.")
        self._fail(gone if began else none)

    def _fail(self, sentence: str) -> None:
        """Say why it is over, once: what is still on its way would fail in the same way."""
        failed, self._failed = self._failed, lambda _: None
        failed(sentence)
