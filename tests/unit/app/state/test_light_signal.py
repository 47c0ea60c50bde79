"""Signals that cost nothing while nobody listens."""

from __future__ import annotations

import gc
from functools import partial

import pytest
from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.exceptions import capture_exceptions

from app.state.light_signal import LightSignal
from app.state.observable import LightObservable, Property


class Star(LightObservable):  # noqa: D101
    size = Property(0)
    fell = LightSignal()


class Watcher:  # noqa: D101
    def __init__(self) -> None:
        self.seen: list[object] = []

    def see(self, *what: object) -> None:
        self.seen.append(what)

    def blink(self) -> None:
        self.seen.append("blink")


class Telescope(QWidget):  # noqa: D101
    turns = 0

    def turn(self, _size: int) -> None:
        Telescope.turns += 1


def listeners(star: Star) -> int:
    return len(star.__dict__.get("_listeners", ()))


def test_listeners_are_told_in_order_and_each_object_has_its_own() -> None:
    one, other, told = Star(), Star(), []
    one.size_changed.connect(lambda size: told.append(("first", size)))
    one.size_changed.connect(told.append)
    other.size_changed.connect(told.append)
    one.size = 3
    one.size = 3
    assert told == [("first", 3), 3] and one.size == 3


def test_who_listens_takes_as_many_values_as_it_likes() -> None:
    star, watcher, told = Star(), Watcher(), []
    for slot in (watcher.see, watcher.blink, partial(watcher.see, "far"), lambda where: told.append(where)):
        star.fell.connect(slot)
    star.fell.emit("here", 7)
    assert watcher.seen == [("here", 7), "blink", ("far", "here", 7)] and told == ["here"]


def test_a_listener_that_has_gone_leaves_nothing_behind() -> None:
    star, watcher = Star(), Watcher()
    star.fell.connect(watcher.see)
    star.size_changed.connect(watcher.blink)
    assert listeners(star) == 2
    del watcher
    gc.collect()
    assert "_listeners" not in star.__dict__
    star.fell.emit()


def test_nobody_is_kept_by_listening(qapp: QApplication) -> None:
    """Neither a widget that Qt has deleted nor one that Python has."""
    star, telescope = Star(), Telescope()
    star.size_changed.connect(telescope.turn)
    star.size = 1
    assert Telescope.turns == 1
    telescope.deleteLater()
    QApplication.sendPostedEvents(telescope, QEvent.Type.DeferredDelete)
    star.size = 2
    assert Telescope.turns == 1, "there is a Python object still, and nothing behind it"
    del telescope
    gc.collect()
    assert not listeners(star)


def test_disconnecting_ends_one_connection() -> None:
    star, watcher = Star(), Watcher()
    star.fell.connect(watcher.blink)
    star.fell.connect(watcher.blink)
    star.fell.disconnect(watcher.blink)
    star.fell.emit()
    assert watcher.seen == ["blink"]
    star.fell.disconnect(watcher.blink)
    star.fell.emit()
    assert watcher.seen == ["blink"] and not listeners(star)
    with pytest.raises(AssertionError):
        star.fell.disconnect(watcher.blink)


def test_listeners_may_leave_and_come_while_they_are_told() -> None:
    star, told = Star(), []

    def once() -> None:
        told.append("once")
        star.fell.disconnect(once)
        star.fell.connect(lambda: told.append("later"))

    star.fell.connect(once)
    star.fell.connect(lambda: told.append("always"))
    star.fell.emit()
    assert told == ["once", "always"]
    star.fell.emit()
    assert told == ["once", "always", "always", "later"]


def test_a_fault_in_one_listener_is_reported_and_the_others_are_told() -> None:
    star, told = Star(), []
    star.fell.connect(lambda: 1 / 0)
    star.fell.connect(lambda: told.append(True))
    with capture_exceptions() as faults:
        star.fell.emit()
    assert told == [True] and [fault[0] for fault in faults] == [ZeroDivisionError]


def test_a_qobject_can_listen_as_well(qapp: QApplication) -> None:
    class Ear(QObject):
        heard = 0

        def hear(self) -> None:
            self.heard += 1

    star, ear = Star(), Ear()
    star.fell.connect(ear.hear)
    star.fell.emit()
    assert ear.heard == 1
