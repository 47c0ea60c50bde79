"""Opening at login on a Mac: the app as a login item that System Settings lists."""

from __future__ import annotations

import sys
from importlib import import_module
from typing import Any

from app.words import tr

_IN_NO_BUNDLE = tr("Only the app can be opened at login, and this is not it: it runs from a folder.")


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
