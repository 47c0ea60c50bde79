"""The pictures that come with the app, each with a question worth asking about it."""

from __future__ import annotations

import json
from dataclasses import dataclass

from app.platform.bundled import bundled


@dataclass(frozen=True)
class Sample:
    """A picture file and a question."""

    path: str
    question: str


def bundled_samples() -> tuple[Sample, ...]:
    """All samples, in the order in which they are listed."""
    folder = bundled("samples")
    listed = json.loads((folder / "samples.json").read_text(encoding="utf-8"))
    return tuple(Sample(str(folder / entry["file"]), entry["question"]) for entry in listed)
