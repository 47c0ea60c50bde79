"""A screen saver for tests: prints who wants the screen to stay on, and when they do not any more."""

from __future__ import annotations

import sys

from PySide6.QtCore import QCoreApplication, QTimer
from PySide6.QtDBus import QDBusConnection, QDBusMessage, QDBusServiceWatcher, QDBusVirtualObject

_WATCHING_MS = 100  # until the bus knows that it is to tell us who leaves
NAME, PATH = "org.freedesktop.ScreenSaver", "/org/freedesktop/ScreenSaver"


class ScreenSaver(QDBusVirtualObject):
    """Answers Inhibit as desktops do, and forgets whoever leaves the bus."""

    def __init__(self, bus: QDBusConnection) -> None:
        super().__init__()
        self._watcher = QDBusServiceWatcher()
        self._watcher.setConnection(bus)
        self._watcher.serviceUnregistered.connect(lambda name: print("left", flush=True))

    def introspect(self, path: str) -> str:
        return ""

    def handleMessage(self, message: QDBusMessage, connection: QDBusConnection) -> bool:
        self._watcher.addWatchedService(message.service())
        connection.send(message.createReply([7]))
        said = "|".join([message.member(), *map(str, message.arguments())])
        QTimer.singleShot(_WATCHING_MS, lambda: print(said, flush=True))
        return True


def main() -> None:
    app = QCoreApplication(sys.argv)
    bus = QDBusConnection.sessionBus()
    saver = ScreenSaver(bus)
    assert bus.registerVirtualObject(PATH, saver)
    assert bus.registerService(NAME)
    print("ready", flush=True)
    app.exec()


if __name__ == "__main__":
    main()
