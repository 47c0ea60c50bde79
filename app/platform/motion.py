"""Whether the person asked the system for less motion."""

from __future__ import annotations

import sys

from PySide6.QtCore import QSettings


def reduced_motion() -> bool:
    """The Mac's setting (Accessibility, Display, Reduce motion); elsewhere no toolkit-independent one exists."""
    if sys.platform != "darwin":
        return False
    settings = QSettings(QSettings.Format.NativeFormat, QSettings.Scope.UserScope, "apple.com", "universalaccess")
    return str(settings.value("reduceMotion", "0")).lower() in ("1", "true")
