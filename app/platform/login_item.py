"""Whether Prism opens when the person logs in; the system is the one that remembers."""

from __future__ import annotations

import os
import sys
from importlib import import_module
from pathlib import Path
from typing import Any, Protocol

from app.words import tr

_DESKTOP_FILE = "prism.desktop"
_IN_NO_BUNDLE = tr("Only the app can be opened at login, and this is not it: it runs from a folder.")


class LoginItem(Protocol):
    """On or off."""

    @property
    def is_on(self) -> bool:
        """Whether it opens at login."""
        ...

    def set_on(self, on: bool) -> str:
        """Have it opened at login, or not; returns why that cannot be, one sentence, or nothing."""
        ...


def make_login_item() -> LoginItem:
    """What this system has."""
    return MacLoginItem() if sys.platform == "darwin" else AutostartFile()


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


class MacLoginItem:
    """The app as a login item that System Settings lists."""

    @property
    def is_on(self) -> bool:
        """See `LoginItem`."""
        management = _service_management()
        return management.SMAppService.mainAppService().status() == management.SMAppServiceStatusEnabled

    def set_on(self, on: bool) -> str:
        """See `LoginItem`."""
        if ".app/Contents/" not in sys.executable:
            return _IN_NO_BUNDLE
        service = _service_management().SMAppService.mainAppService()
        change = service.registerAndReturnError_ if on else service.unregisterAndReturnError_
        done, error = change(None)
        return "" if done else tr("The Mac says no: {why}", why=error.localizedDescription())


def _service_management() -> Any:
    return import_module("ServiceManagement")
