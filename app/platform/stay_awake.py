"""Keeps the machine from sleeping while something is being worked on."""

from __future__ import annotations

import sys
from importlib import import_module
from typing import Any, Protocol

from app.words import tr

REASON = tr("Answering a question")


class StayAwake(Protocol):
    """Off until `hold` is called."""

    def hold(self) -> None:
        """Stay awake from now on; once is enough."""
        ...

    def release(self) -> None:
        """Sleep as the person has set it."""
        ...


def make_stay_awake() -> StayAwake:
    """What this system has."""
    if sys.platform == "darwin":
        return MacStayAwake()
    from app.platform.stay_awake_linux import ScreenSaverInhibitor

    return ScreenSaverInhibitor()


class MacStayAwake:
    """An activity that the system knows of; the display may still go dark."""

    def __init__(self) -> None:
        self._activity: Any = None

    def hold(self) -> None:
        """See `StayAwake`."""
        if self._activity is None:
            foundation = _foundation()
            options = foundation.NSActivityUserInitiated | foundation.NSActivityIdleSystemSleepDisabled
            process = foundation.NSProcessInfo.processInfo()
            self._activity = process.beginActivityWithOptions_reason_(options, REASON)

    def release(self) -> None:
        """See `StayAwake`."""
        if self._activity is not None:
            _foundation().NSProcessInfo.processInfo().endActivity_(self._activity)
            self._activity = None


def _foundation() -> Any:
    return import_module("Foundation")
