"""A picture file, decoded beside the window's thread and kept in halves, so that every scale is smooth and quick."""

from __future__ import annotations

from PySide6.QtCore import QObject, QRectF, QSize, QThreadPool, Signal
from PySide6.QtGui import QImage, QPainter

_SMALLEST = 128


class PictureSource(QObject):
    """The picture on the stage.

    Signals:
        ready: the file that was opened last has been decoded.
        failed: it could not be.
    """

    ready = Signal()
    failed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.path = ""
        self._levels: list[QImage] = []
        self._decoding: _Decoding | None = None
        self._next = ""

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to show yet."""
        return not self._levels

    @property
    def size(self) -> QSize:
        """Of the file, in pixels."""
        return self._levels[0].size() if self._levels else QSize()

    def open(self, path: str) -> None:
        """Show this file instead; `ready` or `failed` follows."""
        self._levels = []
        self._next = ""
        self._decode(path)

    def replace(self, path: str) -> None:
        """Show this file as soon as it has been decoded, and until then what is shown now.

        Of files that come faster than they can be decoded, the newest follows the one that is being decoded.
        """
        if self._decoding is not None:
            self._next = "" if path == self._decoding.path else path
        elif path != self.path or self.is_empty:
            self._decode(path)

    def close(self) -> None:
        """Show nothing."""
        self.path = self._next = ""
        self._levels = []
        self._decoding = None

    def _decode(self, path: str) -> None:
        self.path = path
        self._decoding = decoding = _Decoding(path)
        decoding.done.connect(self._on_decoding_done)
        QThreadPool.globalInstance().start(decoding.run)

    def paint(self, painter: QPainter, target: QRectF, pixel_ratio: float) -> None:
        """Draw the whole picture into `target`, from the smallest level that is large enough."""
        wanted = target.width() * pixel_ratio
        level = next((image for image in reversed(self._levels) if image.width() >= wanted), self._levels[0])
        smooth = wanted < 2 * self._levels[0].width()  # beyond, pixels are what one wants to see
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, smooth)
        painter.drawImage(target, level)

    def _on_decoding_done(self, path: str, levels: list[QImage]) -> None:
        if self._decoding is None or path != self._decoding.path:
            return  # another file has been opened meanwhile
        self._decoding = None
        self._levels = levels or self._levels
        if levels:
            self.ready.emit()
        else:
            self.failed.emit()
        if self._next:
            waiting, self._next = self._next, ""
            self._decode(waiting)


class _Decoding(QObject):
    """One job of the thread pool. Loading lets other threads run; the halving takes a few milliseconds."""

    done = Signal(str, object)

    def __init__(self, path: str) -> None:
        super().__init__()
        self.path = path

    def run(self) -> None:
        image = QImage(self.path)
        levels = [] if image.isNull() else [image.convertToFormat(_paintable(image))]
        while levels and min(levels[-1].width(), levels[-1].height()) >= 2 * _SMALLEST:
            levels.append(_halved(levels[-1]))
        self.done.emit(self.path, levels)


def _paintable(image: QImage) -> QImage.Format:
    """What the painter draws fastest; files without transparency are in it already."""
    return QImage.Format.Format_ARGB32_Premultiplied if image.hasAlphaChannel() else QImage.Format.Format_RGB32


def _halved(image: QImage) -> QImage:
    """Half as large, each pixel the mean of four."""
    result = QImage(image.width() // 2, image.height() // 2, image.format())
    result.fill(0)
    painter = QPainter(result)
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
    painter.drawImage(QRectF(result.rect()), image)
    painter.end()
    return result
