"""What windows of a special kind need of the system."""

from __future__ import annotations

import sys


def has_translucency() -> bool:
    """Whether what a window leaves unpainted shows what is behind it."""
    if sys.platform == "darwin":
        return True
    from app.platform.x11 import x11

    server = x11()
    return server is None or server.is_composited


def float_over_everything(window: int) -> None:
    """Let this window, by its number, come over other programs without its own program coming to the front."""
    if sys.platform == "darwin":
        from app.platform.mac import make_panel

        make_panel(window)


def show_in_dock(shown: bool) -> None:
    """Have an icon in the Dock and a menu of one's own, or neither; elsewhere windows are all there is."""
    if sys.platform == "darwin":
        from app.platform.mac import set_menu_bar_only

        set_menu_bar_only(not shown)
