"""The upper part of a picture file, made small beside the window's thread."""

from __future__ import annotations

from PySide6.QtCore import QObject, QRect, QSize, Qt, QThreadPool, Signal
from PySide6.QtGui import QImage, QImageReader


class Thumb(QObject):
    """One small picture that follows its file. Signal `changed()`.

    Attributes:
        image: null until there is one.
    """

    changed = Signal()

    def __init__(self, size: QSize, parent: QObject | None = None) -> None:
        """`size` in pixels of the screen; the picture fills it, cut at its right and below."""
        super().__init__(parent)
        self._size = size
        self._job: _Job | None = None
        self._next = ""
        self.image = QImage()

    def show(self, path: str) -> None:
        """Make it from this file; one that cannot be read leaves what is shown."""
        if self._job is not None:
            self._next = path
            return
        self._job = job = _Job(path, self._size)
        job.done.connect(self._on_done)
        QThreadPool.globalInstance().start(job.run)

    def _on_done(self, image: QImage) -> None:
        self._job = None
        if not image.isNull():
            self.image = image
            self.changed.emit()
        if self._next:
            waiting, self._next = self._next, ""
            self.show(waiting)


class _Job(QObject):
    done = Signal(QImage)

    def __init__(self, path: str, size: QSize) -> None:
        super().__init__()
        self._path, self._size = path, size

    def run(self) -> None:
        reader = QImageReader(self._path)
        whole = reader.size()
        if whole.isEmpty():
            self.done.emit(QImage())
            return
        width, height = self._size.width(), max(round(whole.height() * self._size.width() / whole.width()), 1)
        image = reader.read()
        needed = min(whole.height(), max(round(self._size.height() * whole.width() / width), 1))
        part = image.copy(QRect(0, 0, whole.width(), needed))
        mode = Qt.TransformationMode.SmoothTransformation
        self.done.emit(part.scaled(QSize(width, min(height, self._size.height())), mode=mode))
