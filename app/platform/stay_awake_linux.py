"""Asks the screen saver of Linux desktops to wait."""

from __future__ import annotations

from PySide6.QtDBus import QDBusConnection, QDBusMessage

from app.platform.stay_awake import REASON

_SERVICE, _PATH = "org.freedesktop.ScreenSaver", "/org/freedesktop/ScreenSaver"  # the interface is named as the service
_LINE = "prism-awake"


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
