"""One Prism for each person and home folder: a second one hands its files to the first and ends.

A lock decides who is first: the system drops it when its holder dies. A socket that is left over means nothing.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import socket
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import IO

from PySide6.QtCore import QObject
from PySide6.QtNetwork import QLocalServer, QLocalSocket

from app.platform.home import home

_THANKS = b"thanks\n"
_PATIENCE_SECONDS = 5.0
_LONGEST_MESSAGE = 1 << 20


class OnlyInstance(QObject):
    """Holds the lock, and listens for those who come later.

    Not being able to listen is no reason not to run: then every `prism` opens a window of its own.
    """

    def __init__(self, lock: IO[str], opened: Callable[[list[str]], None]) -> None:
        """`opened` takes the files of a later one; none if it only wanted the window."""
        super().__init__()
        self._lock = lock
        self._opened = opened
        self._server = QLocalServer(self)
        self._server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        self._server.newConnection.connect(self._on_new_connection)
        path = _socket_path()
        if path is not None:
            self._server.listen(str(path))  # takes the place of one that was killed: the lock says that nobody has it

    def close(self) -> None:
        """Let another one be the first."""
        self._server.close()
        self._lock.close()

    def _on_new_connection(self) -> None:
        visitor = self._server.nextPendingConnection()
        visitor.readyRead.connect(lambda: self._listen_to(visitor))
        visitor.disconnected.connect(visitor.deleteLater)
        if visitor.canReadLine():
            self._listen_to(visitor)

    def _listen_to(self, visitor: QLocalSocket) -> None:
        if visitor.bytesAvailable() > _LONGEST_MESSAGE:
            visitor.abort()
        elif visitor.canReadLine():
            paths = _paths_in(bytes(visitor.readLine().data()))
            visitor.write(_THANKS)
            visitor.disconnectFromServer()
            self._opened(paths)


def lock_instance() -> IO[str] | None:
    """The lock, to be given to `OnlyInstance`; None if another Prism holds it.

    Raises:
        OSError: the home folder cannot be written to.
    """
    lock = (home() / "running").open("w")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.close()
        return None
    return lock


def hand_over(paths: Sequence[str]) -> bool:
    """Give files to the Prism that runs, waiting should it just be starting; False if it does not listen."""
    path = _socket_path()
    line = json.dumps({"open": [os.path.abspath(file) for file in paths]}).encode() + b"\n"
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while path is not None and time.monotonic() < deadline:
        try:
            with socket.socket(socket.AF_UNIX) as line_to_first:
                line_to_first.settimeout(_PATIENCE_SECONDS)
                line_to_first.connect(str(path))
                line_to_first.sendall(line)
                if line_to_first.recv(len(_THANKS)) == _THANKS:
                    return True
        except OSError:
            pass  # it is not there yet, or on its way out
        time.sleep(0.05)
    return False


def _paths_in(line: bytes) -> list[str]:
    """The files that a message names; what is no message of ours names none."""
    try:
        message = json.loads(line)
    except ValueError:
        return []
    files = message.get("open") if isinstance(message, dict) else None
    return [file for file in files if isinstance(file, str)] if isinstance(files, list) else []


def _socket_path() -> Path | None:
    """In a folder that is this person's alone, under a name that is short enough for a socket; None without one."""
    name = hashlib.sha256(str(home().resolve()).encode()).hexdigest()[:16]
    runtime = os.environ.get("XDG_RUNTIME_DIR")
    folder = Path(runtime) if runtime else Path(tempfile.gettempdir()) / f"prism-{os.getuid()}"
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        facts = folder.lstat()
    except OSError:
        return None
    is_ours = facts.st_uid == os.getuid() and not facts.st_mode & 0o022
    return folder / f"prism-{name}" if is_ours else None
