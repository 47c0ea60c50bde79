"""The pictures that come with the app, each with a question worth asking about it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Literal

from app.platform.bundled import bundled


@dataclass(frozen=True)
class Sample:
    """A picture file and a question.

    Attributes:
        job: what a click begins: the question, or the page of a screenshot, which is asked for in more words.
    """

    path: str
    question: str
    job: Literal["ask", "page"] = "ask"


def bundled_samples() -> tuple[Sample, ...]:
    """The samples that the bundled model has learnt to do something with, in the order in which they are listed."""
    learnt = json.loads((bundled("tour") / "jobs.json").read_text(encoding="utf-8"))
    return tuple(sample for sample in listed_samples() if sample.job in learnt)


def listed_samples() -> tuple[Sample, ...]:
    """All samples, in the order in which they are listed."""
    folder = bundled("samples")
    listed = json.loads((folder / "samples.json").read_text(encoding="utf-8"))
    return tuple(Sample(str(folder / entry["file"]), entry["question"], entry["job"]) for entry in listed)
