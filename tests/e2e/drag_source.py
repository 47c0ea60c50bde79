"""A second program, to drag files out of: `drag_source.py LEFT TOP URL…` prints what became of the drop."""

from __future__ import annotations

import sys

from PySide6.QtCore import QMimeData, Qt, QUrl
from PySide6.QtGui import QDrag, QMouseEvent
from PySide6.QtWidgets import QApplication, QWidget

SIDE = 60


class Source(QWidget):
    """Starts a drag when the mouse is pressed on it; stays, because the target fetches the data after the drop."""

    def __init__(self, urls: list[str]) -> None:
        super().__init__(None, Qt.WindowType.X11BypassWindowManagerHint)
        self._urls = [QUrl(url) for url in urls]
        self.setFixedSize(SIDE, SIDE)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Drag until the button is let go, then print what became of it."""
        data = QMimeData()
        data.setUrls(self._urls)
        drag = QDrag(self)
        drag.setMimeData(data)
        result = drag.exec(Qt.DropAction.CopyAction)
        print(result.name, flush=True)


def main() -> None:
    """Show the window."""
    app = QApplication(sys.argv[:1])
    source = Source(sys.argv[3:])
    source.move(int(sys.argv[1]), int(sys.argv[2]))
    source.show()
    print("ready", flush=True)
    app.exec()


if __name__ == "__main__":
    main()
