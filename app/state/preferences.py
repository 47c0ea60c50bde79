"""What the person has chosen about Prism as a whole."""

from __future__ import annotations

from app.state.observable import Observable, Property

DEFAULT_HOTKEY = "Alt+Shift+Space"


class Preferences(Observable):
    """Choices that stay.

    Attributes:
        hotkey: opens the quick-ask panel from anywhere, in Qt's words; empty for none.
        menu_bar_only: Prism lives in the menu bar: no Dock icon, no window at the start, none needed to go on.
    """

    hotkey = Property(DEFAULT_HOTKEY)
    menu_bar_only = Property(False)
