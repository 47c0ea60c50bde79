"""Two pictures in turn: by a clock, or by hand where less motion is wanted."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer, Signal

PERIOD_MS = 833
"""Of both together, about 1.2 times a second: well below the three flashes a second that can harm."""


class Blink(QObject):
    """Says which of the two is shown. Signal `flipped()`.

    Attributes:
        shows_page: the page; otherwise the screenshot.
        animated: it flips by itself while it runs.
    """

    flipped = Signal()

    def __init__(self, *, animated: bool, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.shows_page = False
        self.animated = animated
        self._held = False
        self._runs = False
        self._timer = QTimer(self, interval=PERIOD_MS // 2)
        self._timer.timeout.connect(self.flip)

    @property
    def is_moving(self) -> bool:
        """Whether the clock flips it now."""
        return self._timer.isActive()

    def run(self, runs: bool) -> None:
        """It is looked at, or no more."""
        if runs != self._runs:
            self._runs, self._held = runs, False
            self._follow()

    def hold(self) -> None:
        """Stand still, or go on."""
        self._held = not self._held
        self._follow()

    def flip(self) -> None:
        """Show the other."""
        self.shows_page = not self.shows_page
        self.flipped.emit()

    def _follow(self) -> None:
        if self._runs and self.animated and not self._held:
            self._timer.start()
        else:
            self._timer.stop()
