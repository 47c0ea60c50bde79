"""Which language the person wants: what was chosen, or the system's own."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from app.words import VARIABLE, choose_language

PREFERENCES = "preferences.json"


def read_preferences(folder: Path) -> dict[str, Any]:
    """What the file of preferences says, known or not; nothing where it cannot be read."""
    try:
        values = json.loads((folder / PREFERENCES).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return values if isinstance(values, dict) else {}


def speak(folder: Path) -> str:
    """Have all words in the right language from now on; returns its code.

    `PRISM_LANGUAGE` has the first word, then the preference, then the system.
    """
    return choose_language(os.environ.get(VARIABLE) or str(read_preferences(folder).get("language", "system")))
