"""Properties that announce their changes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, TypeVar, overload

from PySide6.QtCore import QObject, Signal

if TYPE_CHECKING:
    from typing import Self

    from PySide6.QtCore import SignalInstance

_Value = TypeVar("_Value")


class Observable(QObject):
    """An object with `Property` attributes, each with a signal `<name>_changed`."""

    if TYPE_CHECKING:
        # The signals are made by Property; readers only need to know what kind of thing they are.
        def __getattr__(self, name: str) -> SignalInstance: ...


class Property(Generic[_Value]):
    """A value that emits `<name>_changed(value)` when it is set to something else.

    Declared once in the class body; the signal is made along with it. Defaults are shared, so they must not be mutable.
    """

    def __init__(self, default: _Value) -> None:
        self._default = default

    def __set_name__(self, owner: type[QObject], name: str) -> None:
        self._key = f"_{name}"
        self._signal = f"{name}_changed"
        setattr(owner, self._signal, Signal(object))

    @overload
    def __get__(self, instance: None, owner: type[QObject]) -> Self: ...

    @overload
    def __get__(self, instance: QObject, owner: type[QObject]) -> _Value: ...

    def __get__(self, instance: QObject | None, owner: type[QObject]) -> Self | _Value:
        if instance is None:
            return self
        return instance.__dict__.get(self._key, self._default)

    def __set__(self, instance: QObject, value: _Value) -> None:
        if instance.__dict__.get(self._key, self._default) == value:
            return
        instance.__dict__[self._key] = value
        getattr(instance, self._signal).emit(value)
