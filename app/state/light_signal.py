"""Signals for objects of which there are thousands: like Qt's for who listens, and nothing at all while nobody does.

A QObject makes all its signals along with it: 6 KB for one with thirty.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import partial
from inspect import CO_VARARGS, ismethod
from typing import Any, TypeAlias, overload
from weakref import WeakMethod, ref

import shiboken6

Slot: TypeAlias = Callable[..., object]
_LISTENERS = "_listeners"


class LightSignal:
    """Declared in a class body, as Qt's `Signal` is; what its objects have is a `BoundSignal`."""

    def __init__(self, name: str = "") -> None:
        """`name` is only needed where the signal is not an attribute of the class body."""
        self._name = name

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    @overload
    def __get__(self, instance: None, owner: type) -> LightSignal: ...

    @overload
    def __get__(self, instance: object, owner: type) -> BoundSignal: ...

    def __get__(self, instance: object | None, owner: type) -> LightSignal | BoundSignal:
        return self if instance is None else BoundSignal(instance, self._name)


class BoundSignal:
    """One object's signal."""

    __slots__ = ("_name", "_sender")

    def __init__(self, sender: object, name: str) -> None:
        self._sender, self._name = sender, name

    def connect(self, slot: Slot) -> None:
        """Have this called with as many of the values as it takes; a method only while its object lives."""
        self._sender.__dict__.setdefault(_LISTENERS, []).append(_Listener(self._sender, self._name, slot))

    def disconnect(self, slot: Slot) -> None:
        """Call it no longer; once for each time that it was connected."""
        mine = [one for one in self._listeners() if one.slot() == slot]
        assert mine, f"{slot} does not listen to {self._name}"
        _forget(self._sender, mine[0])

    def emit(self, *values: object) -> None:
        """Call those who listen, in the order in which they came; what one of them gets wrong is only reported."""
        for listener in self._listeners():
            slot = listener.slot()
            if slot is None or not shiboken6.isValid(getattr(slot, "__self__", None)):
                continue  # Qt has deleted the widget; Python has not noticed yet
            try:
                slot(*values[: listener.takes])
            except Exception as error:  # noqa: BLE001 as Qt does, which calls all the other slots of the app
                sys.excepthook(type(error), error, error.__traceback__)

    def _listeners(self) -> list[_Listener]:
        return [one for one in self._sender.__dict__.get(_LISTENERS, ()) if one.name == self._name]


class _Listener:
    """Knows a method without keeping its object alive, and leaves when that goes."""

    def __init__(self, sender: object, name: str, slot: Slot) -> None:
        self.name, self.takes = name, _takes(slot)
        self._sender = ref(sender)
        self.slot: Callable[[], Slot | None] = WeakMethod(slot, self._on_gone) if ismethod(slot) else lambda: slot

    def _on_gone(self, _: object) -> None:
        sender = self._sender()
        if sender is not None:
            _forget(sender, self)


def _forget(sender: object, listener: _Listener) -> None:
    listeners = sender.__dict__.get(_LISTENERS, [])
    if listener in listeners:
        listeners.remove(listener)
    if not listeners:
        sender.__dict__.pop(_LISTENERS, None)


def _takes(slot: Any) -> int | None:
    """How many values it can be called with; None for any number."""
    if isinstance(slot, partial):
        of = _takes(slot.func)
        return None if of is None else of - len(slot.args)
    code = getattr(slot, "__code__", None)
    if code is None or code.co_flags & CO_VARARGS:
        return None
    return code.co_argcount - ismethod(slot)
