"""Boxes that have just been found, and how much of them is to be seen already."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QElapsedTimer, QObject, QTimer

from app.views.theme import FADE_MS

_FRAME_MS = 16


class Fading(QObject):
    """Opacities from 0 to 1 over `FADE_MS`, with a timer that runs only as long as something fades."""

    def __init__(self, repaint: Callable[[], None], *, animated: bool, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._animated = animated
        self._born: dict[int, int] = {}
        self._clock = QElapsedTimer()
        self._clock.start()
        self._timer = QTimer(self)
        self._timer.setInterval(_FRAME_MS)
        self._timer.timeout.connect(repaint)

    def begin(self, number: int) -> None:
        """This one appears now."""
        if self._animated:
            self._born[number] = self._clock.elapsed()
            self._timer.start()

    def numbers(self) -> list[int]:
        """Those that have been fading at the last look."""
        return list(self._born)

    def opacities(self) -> dict[int, float]:
        """Of those that are still on their way; all others are fully there."""
        now = self._clock.elapsed()
        self._born = {number: born for number, born in self._born.items() if now - born < FADE_MS}
        if not self._born:
            self._timer.stop()
        return {number: _eased((now - born) / FADE_MS) for number, born in self._born.items()}


def _eased(share: float) -> float:
    return 1 - (1 - share) ** 3
