"""Keeps the machine from sleeping while something is being worked on."""

from __future__ import annotations

import sys
from importlib import import_module
from typing import Any, Protocol

from PySide6.QtDBus import QDBusConnection, QDBusMessage

REASON = "Answering a question"
_SERVICE, _PATH = "org.freedesktop.ScreenSaver", "/org/freedesktop/ScreenSaver"  # the interface is named as the service
_LINE = "prism-awake"


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
    return MacStayAwake() if sys.platform == "darwin" else ScreenSaverInhibitor()


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


class ScreenSaverInhibitor:
    """Asks the desktop's screen saver, and does not wait for its answer.

    Screen savers drop the wish of a program that has left the bus, so a line of our own is opened for it and closed
    again; that needs no cookie, and holds when we crash. Without a session bus, or without a screen saver on it, the
    machine sleeps when it does.
    """

    def __init__(self) -> None:
        self._held = False

    def hold(self) -> None:
        """See `StayAwake`."""
        if not self._held:
            self._held = True
            bus = QDBusConnection.connectToBus(QDBusConnection.BusType.SessionBus, _LINE)
            message = QDBusMessage.createMethodCall(_SERVICE, _PATH, _SERVICE, "Inhibit")
            message.setArguments(["Prism", REASON])
            bus.send(message)

    def release(self) -> None:
        """See `StayAwake`."""
        if self._held:
            self._held = False
            QDBusConnection.disconnectFromBus(_LINE)
