"""A key with its modifiers, taken apart for those who claim it from the system."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence

_MODIFIERS = (
    Qt.KeyboardModifier.ShiftModifier,
    Qt.KeyboardModifier.ControlModifier,
    Qt.KeyboardModifier.AltModifier,
    Qt.KeyboardModifier.MetaModifier,
)


@dataclass(frozen=True)
class KeyPress:
    """One key and what is held down with it.

    Attributes:
        key: the letter, digit or special key.
        modifiers: Qt's; on a Mac, Control is ⌘ and Meta is ⌃.
    """

    key: Qt.Key
    modifiers: frozenset[Qt.KeyboardModifier]

    @classmethod
    def parse(cls, keys: str) -> KeyPress | None:
        """From Qt's words, such as `Alt+Shift+Space`; None for what is no single key with a modifier besides Shift."""
        sequence = QKeySequence(keys)
        if sequence.count() != 1:
            return None
        pressed = sequence[0]  # pyright: ignore[reportIndexIssue]  # it has it, and its stub does not
        held = frozenset(modifier for modifier in _MODIFIERS if pressed.keyboardModifiers() & modifier)
        if pressed.key() == Qt.Key.Key_unknown or not held - {Qt.KeyboardModifier.ShiftModifier}:
            return None  # a key of its own would be lost to everything else
        return cls(pressed.key(), held)


def shown(keys: str) -> str:
    """The keys as this system writes them."""
    return QKeySequence(keys).toString(QKeySequence.SequenceFormat.NativeText)
