"""What this system has behind each interface of this folder; twins of other systems are not even imported."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable

from PySide6.QtGui import QGuiApplication

from app.platform.capture import RegionCapture
from app.platform.hotkey import HotKey, NoHotKey
from app.platform.login_item import LoginItem
from app.platform.menu_bar import Entries, MenuBarItem
from app.platform.microphone import Microphone
from app.platform.player import Player
from app.platform.stay_awake import StayAwake


def make_region_capture() -> RegionCapture:
    """Pictures of a part of the screen."""
    if sys.platform == "darwin":
        from app.platform.capture_mac import MacCapture

        return MacCapture()
    from app.platform.capture_linux import OverlayCapture

    return OverlayCapture()


def make_hotkey() -> HotKey:
    """The key from anywhere."""
    if sys.platform == "darwin":
        from app.platform.hotkey_mac import MacHotKey

        return MacHotKey()
    if QGuiApplication.platformName() == "xcb":
        from app.platform.hotkey_x11 import X11HotKey

        return X11HotKey()
    return NoHotKey()


def make_login_item() -> LoginItem:
    """Opening at login."""
    if sys.platform == "darwin":
        from app.platform.login_item_mac import MacLoginItem

        return MacLoginItem()
    from app.platform.login_item_linux import AutostartFile

    return AutostartFile()


def make_menu_bar_item(entries: Entries, clicked: Callable[[], None]) -> MenuBarItem:
    """The place in the menu bar: `clicked` is for the plain click, the menu for the other one."""
    if sys.platform == "darwin":
        from app.platform.menu_bar_mac import StatusItem

        return StatusItem(entries, clicked)
    from app.platform.menu_bar_linux import TrayItem

    return TrayItem(entries, clicked)


def make_microphone() -> Microphone | None:
    """None where nothing can record."""
    if sys.platform == "darwin":
        from app.platform.microphone_mac import MacMicrophone

        return MacMicrophone()
    from app.platform.microphone_linux import PROGRAM, PulseMicrophone

    return PulseMicrophone() if shutil.which(PROGRAM) else None


def make_player() -> Player | None:
    """None where nothing can be played."""
    if sys.platform == "darwin":
        from app.platform.player_mac import MacPlayer

        return MacPlayer()
    from app.platform.player_linux import PROGRAM, PulsePlayer

    return PulsePlayer() if shutil.which(PROGRAM) else None


def make_stay_awake() -> StayAwake:
    """No sleep while something is being worked on."""
    if sys.platform == "darwin":
        from app.platform.stay_awake_mac import MacStayAwake

        return MacStayAwake()
    from app.platform.stay_awake_linux import ScreenSaverInhibitor

    return ScreenSaverInhibitor()
