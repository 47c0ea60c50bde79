"""How fast this machine reads with each model, kept from one start to the next."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from app.state.pace import Timing

FILE = "timings.json"
_KEPT = 24  # of each model and kind; older ones were measured on another day, with other programs running
_MODELS = 12


class Timings:
    """A small file, written after each answer; one that cannot be read or written counts as none."""

    def __init__(self, home: Path) -> None:
        self._file = home / FILE
        self._models = _read(self._file)

    def of(self, model: str) -> list[Timing]:
        """What was measured with this model, oldest first."""
        return list(self._models.get(model, ()))

    def add(self, model: str, timing: Timing) -> None:
        """Remember one more."""
        known = self._models.pop(model, [])
        same = [other for other in known if other.files == timing.files]
        self._models[model] = [other for other in known if other.files != timing.files] + [*same, timing][-_KEPT:]
        for oldest in list(self._models)[:-_MODELS]:
            del self._models[oldest]
        self._write()

    def _write(self) -> None:
        values = {
            model: [[timing.tokens, round(timing.seconds, 4), timing.files] for timing in timings]
            for model, timings in self._models.items()
        }
        beside = self._file.with_suffix(".new")
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            beside.write_text(json.dumps(values), encoding="utf-8")
            os.replace(beside, self._file)
        except OSError:
            return


def _read(file: Path) -> dict[str, list[Timing]]:
    try:
        values = json.loads(file.read_text(encoding="utf-8"))
        return {str(model): [_timing(row) for row in rows] for model, rows in values.items()}
    except (OSError, ValueError, TypeError, AttributeError):
        return {}


def _timing(row: Any) -> Timing:
    """One of the file.

    Raises:
        ValueError: it is none.
    """
    tokens, seconds, files = row
    if not isinstance(tokens, int) or tokens < 1 or not isinstance(seconds, int | float) or seconds < 0:
        raise ValueError(row)
    return Timing(tokens, float(seconds), bool(files))
