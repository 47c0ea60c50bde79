"""Every screen frozen under a veil, and a rectangle to drag on it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, QPoint, QRect, QRectF, Qt, QTimer
from PySide6.QtGui import (
    QColor,
    QFontMetricsF,
    QGuiApplication,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPalette,
    QPen,
    QPixmap,
    QScreen,
)
from PySide6.QtWidgets import QWidget

from app.platform.capture import Captured
from app.platform.focus import take_focus
from app.words import tr

_SETTLING_MS = 150  # until our own windows are gone from the screen, and what was under them is drawn again
_LEAST = 8  # pixels a side; less was a click
_HINT = tr("Drag over what you want to ask about   ·   Esc cancels")
_VEIL, _CARD, _INK = QColor(0, 0, 0, 96), QColor(24, 24, 26, 232), QColor("#F5F5F7")


class OverlayCapture(QObject):
    """An X server lets everybody see everything."""

    def __init__(self) -> None:
        super().__init__()
        self._overlays: list[Overlay] = []
        self._waiting = False

    @property
    def is_allowed(self) -> bool:
        """See `RegionCapture`."""
        return True

    def ask_permission(self) -> None:
        """There is nobody to ask."""

    def start(self, file: Path, captured: Captured) -> None:
        """See `RegionCapture`."""
        if not self._waiting:
            self._waiting = True
            QTimer.singleShot(_SETTLING_MS, self, partial(self._show, file, captured))

    def _show(self, file: Path, captured: Captured) -> None:
        def finish(picture: QPixmap) -> None:
            self._waiting = False
            for overlay in self._overlays:
                overlay.close()
                overlay.deleteLater()
            self._overlays.clear()
            captured(str(file) if not picture.isNull() and picture.save(str(file)) else "")

        self._overlays = [Overlay(screen, finish) for screen in QGuiApplication.screens()]
        for overlay in self._overlays:
            overlay.show()
        take_focus(int(self._overlays[0].winId()))


class Overlay(QWidget):
    """One screen as it was a moment ago."""

    def __init__(self, screen: QScreen, finish: Callable[[QPixmap], None]) -> None:
        """`finish` takes what was chosen, in the screen's own pixels; a null picture if nothing was."""
        flags = Qt.WindowType.Tool | Qt.WindowType.FramelessWindowHint | Qt.WindowType.WindowStaysOnTopHint
        super().__init__(None, flags)
        self._finish = finish
        self._picture = screen.grabWindow(0)
        self._from: QPoint | None = None
        self._to = QPoint()
        self.setWindowTitle(tr("Choose a region"))
        self.setAccessibleName(_HINT)
        self.setAttribute(Qt.WidgetAttribute.WA_QuitOnClose, False)
        self.setCursor(Qt.CursorShape.CrossCursor)
        self.setGeometry(screen.geometry())
        self.setWindowState(Qt.WindowState.WindowFullScreen)

    @property
    def region(self) -> QRect:
        """What has been dragged over so far, in the widget's own points."""
        if self._from is None:
            return QRect()
        left, right = sorted((self._from.x(), self._to.x()))
        top, bottom = sorted((self._from.y(), self._to.y()))
        return QRect(QPoint(left, top), QPoint(right, bottom)).intersected(self.rect())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc: nothing was meant."""
        if event.key() == Qt.Key.Key_Escape:
            self._finish(QPixmap())

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """One corner; the other button means nothing was meant."""
        if event.button() == Qt.MouseButton.LeftButton:
            self._from = self._to = event.position().toPoint()
        else:
            self._finish(QPixmap())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """The other corner."""
        self._to = event.position().toPoint()
        self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """That is it, unless it was only a click."""
        self._to = event.position().toPoint()
        region = self.region
        self._from = None
        self.update()
        if event.button() == Qt.MouseButton.LeftButton and min(region.width(), region.height()) >= _LEAST:
            ratio = self._picture.devicePixelRatio()
            corners = (region.left(), region.top(), region.width(), region.height())
            part = self._picture.copy(QRect(*(round(value * ratio) for value in corners)))
            part.setDevicePixelRatio(1)
            self._finish(part)

    def paintEvent(self, event: QPaintEvent) -> None:
        """The screen, a veil over what is not chosen, and the rectangle."""
        painter = QPainter(self)
        painter.drawPixmap(self.rect(), self._picture)
        region = self.region
        for part in _around(self.rect(), region):
            painter.fillRect(part, _VEIL)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if region.isEmpty():
            self._paint_card(painter, _HINT, QPoint(self.width() // 2, self.height() // 8))
        else:
            painter.setPen(QPen(self.palette().color(QPalette.ColorRole.Accent), 2))
            painter.drawRect(QRectF(region).adjusted(-1, -1, 1, 1))
            below = min(region.bottom() + 24, self.height() - 20)
            text = f"{region.width()} × {region.height()}"
            self._paint_card(painter, text, QPoint(region.center().x(), below))
        painter.end()

    def _paint_card(self, painter: QPainter, text: str, middle: QPoint) -> None:
        size = QFontMetricsF(painter.font()).boundingRect(text)
        card = QRectF(0, 0, size.width() + 28, size.height() + 14)
        card.moveCenter(middle)
        card.moveLeft(min(max(card.left(), 8), self.width() - card.width() - 8))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(_CARD)
        painter.drawRoundedRect(card, 8, 8)
        painter.setPen(_INK)
        painter.drawText(card, Qt.AlignmentFlag.AlignCenter, text)


def _around(whole: QRect, hole: QRect) -> list[QRect]:
    """The parts of a rectangle that are not in the hole."""
    if hole.isEmpty():
        return [whole]
    return [
        QRect(whole.left(), whole.top(), whole.width(), hole.top() - whole.top()),
        QRect(whole.left(), hole.bottom() + 1, whole.width(), whole.bottom() - hole.bottom()),
        QRect(whole.left(), hole.top(), hole.left() - whole.left(), hole.height()),
        QRect(hole.right() + 1, hole.top(), whole.right() - hole.right(), hole.height()),
    ]
