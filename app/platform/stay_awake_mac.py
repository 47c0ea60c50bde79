"""Staying awake on a Mac: an activity that the system knows of."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from app.platform.stay_awake import REASON


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
