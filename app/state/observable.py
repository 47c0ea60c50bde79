"""Properties that announce their changes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, TypeAlias, TypeVar, overload

from PySide6.QtCore import QObject, Signal

from app.state.light_signal import LightSignal

if TYPE_CHECKING:
    from typing import Self

    from PySide6.QtCore import SignalInstance

    from app.state.light_signal import BoundSignal

_Value = TypeVar("_Value")
_Owner: TypeAlias = "QObject | LightObservable"


class Observable(QObject):
    """An object with `Property` attributes, each with a signal `<name>_changed`."""

    if TYPE_CHECKING:
        # The signals are made by Property; readers only need to know what kind of thing they are.
        def __getattr__(self, name: str) -> SignalInstance: ...


class LightObservable:
    """The same for objects of which there are thousands; their own signals are declared as `LightSignal`."""

    if TYPE_CHECKING:

        def __getattr__(self, name: str) -> BoundSignal: ...


class Property(Generic[_Value]):
    """A value that emits `<name>_changed(value)` when it is set to something else.

    Declared once in the class body; the signal is made along with it. Defaults are shared, so they must not be mutable.
    """

    def __init__(self, default: _Value) -> None:
        self._default = default

    def __set_name__(self, owner: type, name: str) -> None:
        self._key = f"_{name}"
        self._signal = f"{name}_changed"
        light = issubclass(owner, LightObservable)
        setattr(owner, self._signal, LightSignal(self._signal) if light else Signal(object))

    @overload
    def __get__(self, instance: None, owner: type) -> Self: ...

    @overload
    def __get__(self, instance: _Owner, owner: type) -> _Value: ...

    def __get__(self, instance: _Owner | None, owner: type) -> Self | _Value:
        if instance is None:
            return self
        return instance.__dict__.get(self._key, self._default)

    def __set__(self, instance: _Owner, value: _Value) -> None:
        if instance.__dict__.get(self._key, self._default) == value:
            return
        instance.__dict__[self._key] = value
        getattr(instance, self._signal).emit(value)
