"""Preferences as a readable file: only what the person has changed is in it."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject

from app.state.preferences import Preferences

FILE = "preferences.json"
_NAMES = ("hotkey", "menu_bar_only")


class PreferenceStore(QObject):
    """Reads the file once, and writes it whenever something changes.

    What it does not know stays in the file: a newer Prism may have written it. A file that cannot be read counts as
    none, and is written over only when the person changes something.
    """

    def __init__(self, preferences: Preferences, folder: Path) -> None:
        super().__init__()
        self._preferences = preferences
        self._file = folder / FILE
        self._values = _read(self._file)
        for name in _NAMES:
            default = getattr(Preferences(), name)
            value = self._values.get(name, default)
            setattr(preferences, name, value if type(value) is type(default) else default)
            getattr(preferences, f"{name}_changed").connect(self._on_changed)

    def _on_changed(self) -> None:
        for name in _NAMES:
            self._values[name] = getattr(self._preferences, name)
            if self._values[name] == getattr(Preferences(), name):
                del self._values[name]
        beside = self._file.with_suffix(".new")
        beside.write_text(json.dumps(self._values, indent=2) + "\n", encoding="utf-8")
        os.replace(beside, self._file)


def _read(file: Path) -> dict[str, Any]:
    try:
        values = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return values if isinstance(values, dict) else {}
