"""The Mac's own tool for a part of the screen."""

from __future__ import annotations

import subprocess
from importlib import import_module
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, QProcess

from app.platform.capture import Captured

TOOL = "/usr/sbin/screencapture"
SETTINGS = "x-apple.systempreferences:com.apple.preference.security?Privacy_ScreenCapture"


class MacCapture(QObject):
    """Without permission the tool would give the wallpaper alone, so that is looked at first."""

    def __init__(self) -> None:
        super().__init__()
        self._process: QProcess | None = None

    @property
    def is_allowed(self) -> bool:
        """See `RegionCapture`."""
        return bool(_quartz().CGPreflightScreenCaptureAccess())

    def ask_permission(self) -> None:
        """The system asks once in an app's life; afterwards only its settings help."""
        _quartz().CGRequestScreenCaptureAccess()
        subprocess.run(["/usr/bin/open", SETTINGS], check=False)

    def start(self, file: Path, captured: Captured) -> None:
        """See `RegionCapture`; Esc leaves no file."""
        if self._process is not None:
            return
        self._process = process = QProcess(self)

        def finish() -> None:
            self._process = None
            process.deleteLater()
            captured(str(file) if file.is_file() else "")

        process.finished.connect(finish)
        process.errorOccurred.connect(lambda error: error is QProcess.ProcessError.FailedToStart and finish())
        process.start(TOOL, ["-i", "-x", str(file)])


def _quartz() -> Any:
    return import_module("Quartz")
