"""What the process that renders with QtWebEngine is told: no screen, no GPU, no network, nothing left behind."""

from __future__ import annotations

import os
from pathlib import Path

from PySide6.QtCore import QProcessEnvironment

FLAGS = (
    "--webEngineArgs",
    "--disable-gpu",
    "--hide-scrollbars",
    "--disable-lcd-text",
    "--font-render-hinting=none",
    "--force-color-profile=srgb",
    "--disable-checker-imaging",  # pictures are decoded before a page is painted, not after
    "--disable-background-networking",
    "--no-pings",
    "--host-resolver-rules=MAP * ~NOTFOUND",  # no host has an address, whatever got past everything else
    "--proxy-server=http://127.0.0.1:9",  # and nobody is asked for it
    "--proxy-bypass-list=<-loopback>",
)
"""Arguments of its application that are meant for Chromium."""
FOLDER = "PRISM_PAGE_FOLDER"
"""The variable that names the folder which goes when the process does."""
_NOT_OURS = ("QT_", "QTWEBENGINE_", "QSG_", "DISPLAY", "WAYLAND_DISPLAY", "http_proxy", "https_proxy", "all_proxy")
"""How variables begin that are meant for windows, not for this."""


def environment(folder: Path) -> QProcessEnvironment:
    """The process's environment; whatever it writes, it writes into the folder."""
    result = QProcessEnvironment()
    for name, value in os.environ.items():
        if not name.startswith(_NOT_OURS):
            result.insert(name, value)
    ours = {
        FOLDER: str(folder),
        "QT_QPA_PLATFORM": "offscreen",
        "QT_QUICK_BACKEND": "software",
        "DBUS_SESSION_BUS_ADDRESS": "disabled:",
        "DBUS_SYSTEM_BUS_ADDRESS": "disabled:",
        "TMPDIR": str(folder),
        "HOME": str(folder),
        "XDG_CACHE_HOME": str(folder),
        "XDG_DATA_HOME": str(folder),
        "XDG_RUNTIME_DIR": str(folder),
    }
    if os.geteuid() == 0:  # Chromium does not start its sandbox for root
        ours["QTWEBENGINE_DISABLE_SANDBOX"] = "1"
    for name, value in ours.items():
        result.insert(name, value)
    return result
