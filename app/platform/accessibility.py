"""What the person asked the system for on every program's behalf; a Mac has one place for it, other systems none."""

from __future__ import annotations

import sys

from PySide6.QtCore import QSettings


def wants_contrast() -> bool:
    """Accessibility, Display, Increase contrast."""
    return _is_on("increaseContrast")


def wants_less_motion() -> bool:
    """Accessibility, Display, Reduce motion."""
    return _is_on("reduceMotion")


def _is_on(setting: str) -> bool:
    if sys.platform != "darwin":
        return False
    settings = QSettings(QSettings.Format.NativeFormat, QSettings.Scope.UserScope, "apple.com", "universalaccess")
    return str(settings.value(setting, "0")).lower() in ("1", "true")
