"""Opening at login on Linux: a file among those that desktops start programs by (XDG autostart)."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from app.words import tr

_DESKTOP_FILE = "prism.desktop"


class AutostartFile:
    """A file among those that Linux desktops start programs by (XDG autostart)."""

    def __init__(self, command: str | None = None) -> None:
        """`command` starts Prism."""
        self._command = command or f'"{sys.executable}" -m app'
        settings = Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config")
        self._file = settings / "autostart" / _DESKTOP_FILE

    @property
    def is_on(self) -> bool:
        """See `LoginItem`."""
        return self._file.is_file()

    def set_on(self, on: bool) -> str:
        """See `LoginItem`."""
        try:
            if on:
                self._file.parent.mkdir(parents=True, exist_ok=True)
                lines = ("[Desktop Entry]", "Type=Application", "Name=Prism", f"Exec={self._command}", "Terminal=false")
                self._file.write_text("\n".join(lines) + "\n", encoding="utf-8")
            else:
                self._file.unlink(missing_ok=True)
        except OSError as error:
            return tr("{file} can't be written: {strerror}.", file=self._file, strerror=error.strerror)
        return ""
