"""A field that takes the next keys pressed as the one to be known by."""

from __future__ import annotations

from PySide6.QtCore import QKeyCombination, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QPushButton, QWidget

from app.words import tr

_HELD = (Qt.Key.Key_Control, Qt.Key.Key_Shift, Qt.Key.Key_Alt, Qt.Key.Key_Meta, Qt.Key.Key_AltGr)


class KeyRecorder(QPushButton):
    """Shows keys; pressed, it waits for others.

    Signals:
        waiting: it begins (True) or ceases (False) to wait.
        recorded: keys in Qt's words; empty when the person wants none.
    """

    waiting = Signal(bool)
    recorded = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._keys = ""
        self._waits = False
        self.setAccessibleName(tr("Key for Quick Ask"))
        self.setMinimumWidth(180)
        self.clicked.connect(self._on_clicked)

    def set_keys(self, keys: str) -> None:
        """Show these."""
        self._keys = keys
        self._follow()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc keeps what there was, Backspace takes the key away, all else is the new one."""
        if not self._waits:
            super().keyPressEvent(event)
            return
        key = Qt.Key(event.key())
        if key in _HELD:
            return
        self._set_waiting(False)
        if key == Qt.Key.Key_Escape:
            return
        plain = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        if key == Qt.Key.Key_Backspace and plain == Qt.KeyboardModifier.NoModifier:
            self.recorded.emit("")
        else:
            self.recorded.emit(QKeySequence(QKeyCombination(plain, key)).toString())

    def focusNextPrevChild(self, forward: bool) -> bool:
        """While it waits, Tab is a key like any other."""
        return not self._waits and super().focusNextPrevChild(forward)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Somebody has lost interest."""
        self._set_waiting(False)
        super().focusOutEvent(event)

    def _on_clicked(self) -> None:
        self._set_waiting(not self._waits)

    def _set_waiting(self, waits: bool) -> None:
        if waits != self._waits:
            self._waits = waits
            self._follow()
            self.waiting.emit(waits)

    def _follow(self) -> None:
        native = QKeySequence(self._keys).toString(QKeySequence.SequenceFormat.NativeText)
        self.setText(tr("Press keys…") if self._waits else native or tr("None"))
