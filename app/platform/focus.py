"""Takes the keyboard for one of our windows, and gives it back to where it was."""

from __future__ import annotations

import sys
from collections.abc import Callable

SETTLING_MS = 60
"""Until a window manager has chosen a window by itself."""


def remember_focus() -> Callable[[], None]:
    """Where the keyboard is now; call what is returned to give it back, `SETTLING_MS` after our window is gone."""
    if sys.platform == "darwin":
        from app.platform.mac import frontmost_application

        return frontmost_application()
    from app.platform.x11 import x11

    server = x11()
    if server is None:
        return lambda: None
    window = server.active_window()

    def back() -> None:
        """Leave it to the window manager, which knows best; only if it has chosen another one, ask for this one."""
        if window and server.active_window() != window:
            server.activate(window)

    return back


def take_focus(window: int) -> None:
    """Give the keyboard to one of our windows, though the person has been in another program until now."""
    if sys.platform == "darwin":
        return  # Qt's own way is enough, and the panel has another one
    from app.platform.x11 import x11

    server = x11()
    if server is not None:
        server.activate(window)
