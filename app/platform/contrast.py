"""Whether the person asked the system for more contrast."""

from __future__ import annotations

import sys

from PySide6.QtCore import QSettings


def wants_contrast() -> bool:
    """The Mac's setting (Accessibility, Display, Increase contrast); elsewhere no toolkit-independent one exists."""
    if sys.platform != "darwin":
        return False
    settings = QSettings(QSettings.Format.NativeFormat, QSettings.Scope.UserScope, "apple.com", "universalaccess")
    return str(settings.value("increaseContrast", "0")).lower() in ("1", "true")
