"""Preferences as a readable file: only what the person has changed is in it."""

from __future__ import annotations

import json
import os
from pathlib import Path

from PySide6.QtCore import QObject

from app.platform.language import PREFERENCES, read_preferences
from app.state.preferences import ROWS, Preferences

FILE = PREFERENCES
_KEPT = tuple(row for row in ROWS if row.kept)


class PreferenceStore(QObject):
    """Reads the file once, and writes it whenever something changes.

    What it does not know stays in the file: a newer Prism may have written it. A file that cannot be read counts as
    none, and is written over only when the person changes something.
    """

    def __init__(self, preferences: Preferences, folder: Path) -> None:
        super().__init__()
        self._preferences = preferences
        self._file = folder / FILE
        self._values = read_preferences(folder)
        for row in _KEPT:
            value = self._values.get(row.name, row.default)
            setattr(preferences, row.name, value if row.accepts(value) else row.default)
            getattr(preferences, f"{row.name}_changed").connect(self._on_changed)

    def _on_changed(self) -> None:
        for row in _KEPT:
            self._values[row.name] = getattr(self._preferences, row.name)
            if self._values[row.name] == row.default:
                del self._values[row.name]
        beside = self._file.with_suffix(".new")
        beside.write_text(json.dumps(self._values, indent=2) + "\n", encoding="utf-8")
        os.replace(beside, self._file)
