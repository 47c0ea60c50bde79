"""A small JSON file that is whole at any moment."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any


def read_json(file: Path) -> Any:
    """What is in it; None where nothing can be read."""
    try:
        return json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None


def write_json(file: Path, value: object) -> bool:
    """Put this in its place; whether that could be done."""
    beside = file.with_name(f"{file.name}.new")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        beside.write_text(json.dumps(value, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        os.replace(beside, file)
    except OSError:
        return False
    return True
