"""What every Edit menu has: it acts on the words that have the keyboard."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QApplication, QMenu, QPlainTextEdit, QTextEdit

from app.words import tr

_Words = QTextEdit | QPlainTextEdit
_Key = QKeySequence.StandardKey


def edit_actions(menu: QMenu, copy_else: Callable[[], None]) -> list[QAction]:
    """The usual five; Copy does `copy_else` where nothing is selected."""

    def copy() -> None:
        words = _focused()
        if words is not None and words.textCursor().hasSelection():
            words.copy()
        else:
            copy_else()

    def on_words(verb: Callable[[_Words], None]) -> Callable[[], None]:
        def run() -> None:
            words = _focused()
            if words is not None:
                verb(words)

        return run

    return [
        _action(menu, tr("Undo"), _Key.Undo, on_words(lambda words: words.undo())),
        _action(menu, tr("Redo"), _Key.Redo, on_words(lambda words: words.redo())),
        _action(menu, tr("Cut"), _Key.Cut, on_words(lambda words: words.cut())),
        _action(menu, tr("Copy"), _Key.Copy, copy),
        _action(menu, tr("Select All"), _Key.SelectAll, on_words(lambda words: words.selectAll())),
    ]


def _action(menu: QMenu, title: str, key: _Key, run: Callable[[], None]) -> QAction:
    action = QAction(title, menu)
    action.setShortcut(key)
    action.triggered.connect(run)
    return action


def _focused() -> _Words | None:
    widget = QApplication.focusWidget()
    return widget if isinstance(widget, QTextEdit | QPlainTextEdit) else None
