"""Somebody else's window: shows a picture, prints what is typed into it, and can hold a key that others want.

`other_program.py LEFT TOP PICTURE [KEYCODE MODIFIERS]` prints `ready`, then a line for every change of its text.
"""

from __future__ import annotations

import sys
from typing import Any

from PySide6.QtGui import QPixmap
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit, QVBoxLayout, QWidget

TITLE = "Somebody else"


def main() -> None:
    """Show the window."""
    app = QApplication(sys.argv[:1])
    window = QWidget()
    window.setWindowTitle(TITLE)
    window.setStyleSheet("QWidget { background: #303848; } QLineEdit { background: white; color: black; }")
    column = QVBoxLayout(window)
    column.setContentsMargins(0, 0, 0, 0)
    picture = QLabel()
    picture.setPixmap(QPixmap(sys.argv[3]))
    field = QLineEdit()
    field.textChanged.connect(lambda text: print(text, flush=True))
    column.addWidget(picture)
    column.addWidget(field)
    window.move(int(sys.argv[1]), int(sys.argv[2]))
    window.show()
    field.setFocus()
    held = hold_key(int(sys.argv[4]), int(sys.argv[5])) if len(sys.argv) > 4 else None
    print("ready", flush=True)
    app.exec()
    del held


def hold_key(symbol: int, modifiers: int) -> object:
    """Claim the key of this symbol; it is ours as long as what is returned lives."""
    import xcffib
    import xcffib.xproto as xproto

    line: Any = xcffib.connect()
    setup: Any = line.get_setup()
    first, last = setup.min_keycode, setup.max_keycode
    reply = line.core.GetKeyboardMapping(first, last - first + 1).reply()
    each, symbols = reply.keysyms_per_keycode, list(reply.keysyms)
    code = first + symbols.index(symbol) // each
    root, mode = setup.roots[line.pref_screen].root, xproto.GrabMode.Async
    line.core.GrabKeyChecked(False, root, modifiers, code, mode, mode).check()
    return line


if __name__ == "__main__":
    main()
