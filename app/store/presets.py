"""The person's presets as a readable file."""

from __future__ import annotations

import json
import os
from dataclasses import asdict
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject

from app.state.presets import Preset, Presets, Thinking
from mlx_gemma4.protocol.errors import RequestError
from mlx_gemma4.protocol.requests import SamplingSettings

FILE = "presets.json"


class PresetStore(QObject):
    """Reads the file once, and writes it whenever they change. What cannot be read in it is left out."""

    def __init__(self, presets: Presets, folder: Path) -> None:
        super().__init__()
        self._presets, self._file = presets, folder / FILE
        presets.own = _read(self._file)
        presets.own_changed.connect(self._on_changed)

    def _on_changed(self) -> None:
        beside = self._file.with_suffix(".new")
        beside.parent.mkdir(parents=True, exist_ok=True)
        values = [asdict(preset) for preset in self._presets.own]
        beside.write_text(json.dumps(values, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
        os.replace(beside, self._file)


def _read(file: Path) -> tuple[Preset, ...]:
    try:
        values = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return ()
    found = [_preset(value) for value in values] if isinstance(values, list) else []
    return tuple(preset for preset in found if preset is not None)


def _preset(value: Any) -> Preset | None:
    try:
        sampling = None if value["sampling"] is None else SamplingSettings(**value["sampling"])
        thinking = Thinking.from_values(value["thinking"]) or Thinking()
        return Preset(str(value["key"]), str(value["name"]), str(value["instructions"]), sampling, thinking)
    except (KeyError, TypeError, RequestError):
        return None
