"""Two of one Prism: the second hands over what it was given."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.platform import instance
from app.platform.instance import OnlyInstance, hand_over, lock_instance


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home folder and a folder for sockets of this test's own."""
    runtime = tmp_path / "runtime"
    runtime.mkdir(mode=0o700)
    monkeypatch.setenv("PRISM_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(runtime))
    monkeypatch.setattr(instance, "_PATIENCE_SECONDS", 1.0)
    return runtime


class First:
    """The Prism that runs."""

    def __init__(self) -> None:
        lock = lock_instance()
        assert lock is not None
        self.opened: list[list[str]] = []
        self.instance = OnlyInstance(lock, self.opened.append)


@pytest.fixture
def first(qapp: QApplication) -> Iterator[First]:
    first = First()
    yield first
    first.instance.close()


def in_another_process(qtbot: QtBot, *files: str) -> bool:
    """What `hand_over` says there."""
    answers: list[bool] = []
    thread = threading.Thread(target=lambda: answers.append(hand_over(files)))
    thread.start()
    qtbot.waitUntil(lambda: bool(answers))
    thread.join()
    return answers[0]


def test_files_reach_the_first_by_their_whole_paths(
    first: First, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir("/usr")
    assert lock_instance() is None
    assert in_another_process(qtbot, "a b.png", "/tmp/ü.png", "../x\ny.png")
    assert in_another_process(qtbot)
    assert first.opened == [["/usr/a b.png", "/tmp/ü.png", "/x\ny.png"], []]


def test_another_home_is_another_prism(first: First, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PRISM_HOME", str(tmp_path / "elsewhere"))
    lock = lock_instance()
    assert lock is not None
    lock.close()


def test_when_the_first_is_gone_the_next_one_is_the_first(qapp: QApplication, qtbot: QtBot) -> None:
    gone = First()
    gone.instance.close()
    first = First()
    assert in_another_process(qtbot, "/a")
    assert first.opened == [["/a"]] and not gone.opened
    first.instance.close()


def test_a_socket_that_was_left_behind_is_in_nobodys_way(place: Path, qapp: QApplication, qtbot: QtBot) -> None:
    path = instance._socket_path()
    assert path is not None and path.parent == place
    with socket.socket(socket.AF_UNIX) as old:
        old.bind(str(path))
    assert path.exists()
    first = First()
    assert in_another_process(qtbot, "/a") and first.opened == [["/a"]]
    first.instance.close()


def test_a_first_that_does_not_listen_is_waited_for_and_given_up(qapp: QApplication) -> None:
    lock = lock_instance()
    assert lock is not None and not hand_over(["/a"])
    lock.close()


@pytest.mark.parametrize("message", [b"\n", b"{}\n", b"[1]\n", b'{"open": 5}\n', b'{"open": [1, null]}\n', b"\xff\n"])
def test_what_is_no_message_of_ours_opens_nothing(first: First, qtbot: QtBot, message: bytes) -> None:
    with socket.socket(socket.AF_UNIX) as visitor:
        visitor.connect(str(instance._socket_path()))
        visitor.sendall(message)
        qtbot.waitUntil(lambda: bool(first.opened))
    assert first.opened == [[]]


def test_a_visitor_that_says_nothing_keeps_nobody_waiting(first: First, qtbot: QtBot) -> None:
    with socket.socket(socket.AF_UNIX) as visitor:
        visitor.connect(str(instance._socket_path()))
        assert in_another_process(qtbot, "/a")
    assert first.opened == [["/a"]]


def test_a_folder_that_others_can_write_to_is_not_used(place: Path, qapp: QApplication) -> None:
    place.chmod(0o777)
    assert instance._socket_path() is None
    first = First()
    assert not hand_over(["/a"]), "each opens a window of its own then"
    first.instance.close()


def test_without_a_folder_for_sockets_one_is_made_that_is_ours_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("XDG_RUNTIME_DIR")
    monkeypatch.setattr(instance.tempfile, "gettempdir", lambda: str(tmp_path))
    path = instance._socket_path()
    assert path is not None
    assert path.parent == tmp_path / f"prism-{os.getuid()}" and path.parent.stat().st_mode & 0o777 == 0o700
