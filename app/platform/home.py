"""Where Prism keeps what is the person's own."""

from __future__ import annotations

import os
import sys
from pathlib import Path

VARIABLE = "PRISM_HOME"
"""Names another folder for everything that Prism keeps."""


def home() -> Path:
    """The folder for preferences and the like, made if it is not there.

    Raises:
        OSError: it cannot be made.
    """
    folder = _place()
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder


def _place() -> Path:
    if chosen := os.environ.get(VARIABLE):
        return Path(chosen).expanduser().absolute()
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support" / "Prism"
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share") / "prism"
