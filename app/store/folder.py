"""Where everything is kept."""

from __future__ import annotations

import os
from pathlib import Path

from PySide6.QtCore import QStandardPaths

VARIABLE = "PRISM_HOME"
"""Names the folder that everything is kept in; without it, that is the system's folder for applications' data."""


def home() -> Path:
    """The folder; it may not be there yet."""
    named = os.environ.get(VARIABLE)
    if named:
        return Path(named).expanduser().absolute()
    return Path(QStandardPaths.writableLocation(QStandardPaths.StandardLocation.GenericDataLocation)) / "Prism"
