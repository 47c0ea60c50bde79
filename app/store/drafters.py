"""Which drafter lies beside which model, and where the person wants none: known before the disk is looked through."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from app.store.json_file import read_json, write_json

_FILE = "drafters.json"


def read_drafters(home: Path) -> tuple[dict[str, str], frozenset[str]]:
    """Folders of drafters that are still there, by that of their model; and the models that shall do without."""
    kept = read_json(home / _FILE)
    here, off = (kept.get("here"), kept.get("off")) if isinstance(kept, dict) else (None, None)
    pairs = here.items() if isinstance(here, dict) else ()
    folders = {model: folder for model, folder in pairs if isinstance(folder, str) and Path(folder).is_dir()}
    return folders, frozenset(path for path in off if isinstance(path, str)) if isinstance(off, list) else frozenset()


def write_drafters(home: Path, here: Mapping[str, str], off: frozenset[str]) -> None:
    """Remember them; where nothing can be written, the next start looks afresh."""
    write_json(home / _FILE, {"here": dict(here), "off": sorted(off)})
