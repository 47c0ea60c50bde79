"""How a preference is declared: its value, and what the Settings window has to know to show it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeVar

from PySide6.QtCore import QObject

from app.state.observable import Property

_Value = TypeVar("_Value", bool, int, str)


class Kind(StrEnum):
    """How a preference is shown and changed."""

    BOOL = "bool"
    CHOICE = "choice"
    NUMBER = "number"
    TEXT = "text"
    KEY = "key"
    CUSTOM = "custom"


@dataclass(frozen=True)
class Option:
    """One of the values of a choice, and what it is called."""

    value: str
    title: str


@dataclass(frozen=True)
class Row:
    """A preference as the Settings window shows it.

    Attributes:
        name: of the property of `Preferences`, and in the file.
        section: where it stands.
        title: what it says.
        kind: how it is shown.
        default: until the person chooses.
        note: a sentence under it, where the title alone does not say it.
        options: of a choice.
        least, most, step: of a number.
        unit: after a number.
        zero: said in place of the number 0.
        hint: in an empty field of text.
        kept: whether it is written to the file; what the system keeps is not.
    """

    name: str
    section: str
    title: str
    kind: Kind
    default: bool | int | str
    note: str = ""
    options: tuple[Option, ...] = ()
    least: int = 0
    most: int = 100
    step: int = 1
    unit: str = ""
    zero: str = ""
    hint: str = ""
    kept: bool = True

    def accepts(self, value: object) -> bool:
        """Whether this may be its value: of the right type, one of the options, within the range."""
        if type(value) is not type(self.default):
            return False
        if isinstance(value, int) and self.kind is Kind.NUMBER:
            return self.least <= value <= self.most
        return self.kind is not Kind.CHOICE or any(option.value == value for option in self.options)


class Preference(Property[_Value]):
    """A property of `Preferences` with its row."""

    def __init__(self, default: _Value, section: str, title: str, kind: Kind | None = None, **more: Any) -> None:
        """`more` is what a `Row` has beside these; the kind of a bool goes without saying, an int's is a number."""
        super().__init__(default)
        usual = {bool: Kind.BOOL, int: Kind.NUMBER, str: Kind.CHOICE if "options" in more else Kind.TEXT}
        self._of_row = (section, title, kind or usual[type(default)], default)
        self._more = more

    def __set_name__(self, owner: type[QObject], name: str) -> None:
        super().__set_name__(owner, name)
        self.row = Row(name, *self._of_row, **self._more)


def rows_of(owner: type[QObject]) -> tuple[Row, ...]:
    """The rows of all preferences of a class, in the order in which they are declared."""
    return tuple(entry.row for entry in vars(owner).values() if isinstance(entry, Preference))
