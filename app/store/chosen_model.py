"""Which model the person has chosen, kept from one start to the next."""

from __future__ import annotations

import json
import os
from pathlib import Path

from mlx_gemma4.protocol.server_address import split_remote_path

_FILE = "model.json"


def read_chosen(home: Path) -> str:
    """The folder of the model, or a server's path of it; empty if none was chosen, or the folder is gone."""
    try:
        path = json.loads((home / _FILE).read_text(encoding="utf-8"))["path"]
    except (OSError, ValueError, KeyError, TypeError):
        return ""
    return path if isinstance(path, str) and (split_remote_path(path) or Path(path).is_dir()) else ""


def write_chosen(home: Path, path: str) -> None:
    """Remember it; where nothing can be written, the next start begins with the bundled model."""
    try:
        home.mkdir(parents=True, exist_ok=True)
        beside = home / f"{_FILE}.new"
        beside.write_text(json.dumps({"path": path}), encoding="utf-8")
        os.replace(beside, home / _FILE)
    except OSError:
        return
