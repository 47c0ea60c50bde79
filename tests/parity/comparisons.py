"""Our model beside what the reference computes live, one line for each comparison. Runs in the parity environment."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import get_args

import numpy as np
from numpy.typing import NDArray

from mlx_gemma4.generation.soft_tokens import encode
from mlx_gemma4.generation.steps import Form
from tests.parity.cases import CASES, COMPONENT_CASES, GREEDY_CASES, GREEDY_LENGTH, SUPPRESSED_IDS, Case
from tests.parity.fixtures import compiled_steps, reference_arrays, tiny_model
from tests.parity.paths import (
    PATHS,
    Prompt,
    greedy_tokens,
    greedy_tokens_after_a_snapshot,
    greedy_tokens_in_turns,
    largest_difference,
    without_cache,
)

STORED_TOLERANCE = 1e-4  # the reference itself differs by this much between processors
NO_CACHE = "no cache"
SOFT_TOKENS = "soft tokens"
GREEDY = "greedy tokens"
SUPPRESSED_GREEDY = "greedy tokens, some suppressed"
SNAPSHOT_GREEDY = "greedy tokens after a snapshot"
TURNS = "greedy tokens of four sessions in turns"
STORED = "the reference, stored and live"
FORWARD = "the reference, by the masks of its forward"
FORWARD_LAST = "the same, of the last token"


@dataclass(frozen=True)
class Line:
    """One comparison.

    Attributes:
        checkpoint: name of the tiny checkpoint.
        case: name of the prompt, or what else was compared.
        media: kinds of the media in the prompt, in order.
        path: the way through our model.
        form: of the decode steps on that way; empty where there are none.
        difference: largest absolute difference.
        agreeing: of `rows` rows or tokens, how many choose the same.
        rows: 0 where there is nothing to choose.
        tolerance: the largest difference allowed.
    """

    checkpoint: str
    case: str
    media: tuple[str, ...]
    path: str
    form: str
    difference: float
    agreeing: int
    rows: int
    tolerance: float

    @property
    def is_good(self) -> bool:
        """Within the tolerance and of one mind about the best token."""
        return self.difference <= self.tolerance and self.agreeing == self.rows

    def __str__(self) -> str:
        way = f"{self.path}, {self.form}" if self.form else self.path
        head = f"{self.checkpoint:9} {self.case:32} {way:48}"
        agreement, verdict = f"{self.agreeing}/{self.rows}", "" if self.is_good else "  FAILED"
        return f"{head} {self.difference:9.1e} {agreement:>8} {self.tolerance:9.0e}{verdict}"


def compare(name: str, live: dict[str, NDArray]) -> Iterator[Line]:
    """All comparisons of one tiny checkpoint with the arrays of `export_reference.compute`."""
    yield _stored_beside_live(name, live)
    for case in CASES[name]:
        yield from _logits(name, case, live[f"logits.{case.name}"])
        yield from _own_masks(name, case, live.get(f"forward.{case.name}"))
    yield from _soft_tokens(name, live)
    for case in GREEDY_CASES[name]:
        yield from _greedy(name, case, live[f"greedy.{case.name}"])
        if name in SUPPRESSED_IDS:
            yield from _suppressed(name, case, live[f"suppressed.{case.name}"])
    alone, in_turns = greedy_tokens_in_turns(tiny_model(name), compiled_steps(name, "whole"))
    yield _tokens(name, "four texts", (), TURNS, "whole", in_turns, alone)


def _logits(name: str, case: Case, reference_LV: NDArray[np.float32]) -> Iterator[Line]:
    media = tuple(medium.kind for medium in case.media)
    whole = largest_difference(iter(enumerate(without_cache(tiny_model(name), case))), reference_LV)
    yield Line(name, case.name, media, NO_CACHE, "", *whole, case.tolerance)
    for path in PATHS:
        for form in get_args(Form):
            rows = path.rows(tiny_model(name), compiled_steps(name, form), Prompt.of(case))
            found = largest_difference(rows, reference_LV)
            yield Line(name, case.name, media, path.name, form, *found, case.tolerance)


def _own_masks(name: str, case: Case, found: NDArray[np.float32] | None) -> Iterator[Line]:
    """How far the reference is from itself, where it has two masks; it has one where nothing was found."""
    if found is None or not case.media:
        return
    media = tuple(medium.kind for medium in case.media)
    for path, difference in zip((FORWARD, FORWARD_LAST), found.tolist(), strict=True):
        yield Line(name, case.name, media, path, "", difference, 0, 0, float("inf"))


def _soft_tokens(name: str, live: dict[str, NDArray]) -> Iterator[Line]:
    for case, key in (
        (COMPONENT_CASES.pictures, "soft_tokens"),
        (COMPONENT_CASES.frames, "soft_frames"),
        (COMPONENT_CASES.sounds, "soft_sound"),
    ):
        if f"{key}.0" in live:
            soft = (encode(tiny_model(name), item.prepared(0)).soft_SD for item in case.items)
            differences = [np.abs(np.array(soft_SD) - live[f"{key}.{n}"]).max() for n, soft_SD in enumerate(soft)]
            media = tuple(medium.kind for medium in case.media)
            yield Line(name, case.name, media, SOFT_TOKENS, "", float(max(differences)), 0, 0, case.tolerance)


def _greedy(name: str, case: Case, reference: NDArray[np.int32]) -> Iterator[Line]:
    media = tuple(medium.kind for medium in case.media)
    for form in get_args(Form):
        steps = compiled_steps(name, form)
        ids = greedy_tokens(tiny_model(name), steps, case, GREEDY_LENGTH)
        yield _tokens(name, case.name, media, GREEDY, form, ids, reference.tolist())
        reused = greedy_tokens_after_a_snapshot(tiny_model(name), steps, case, GREEDY_LENGTH)
        yield _tokens(name, case.name, media, SNAPSHOT_GREEDY, form, reused, ids)


def _suppressed(name: str, case: Case, reference: NDArray[np.int32]) -> Iterator[Line]:
    media = tuple(medium.kind for medium in case.media)
    for form in get_args(Form):
        steps = compiled_steps(name, form, SUPPRESSED_IDS[name])
        ids = greedy_tokens(tiny_model(name), steps, case, GREEDY_LENGTH)
        yield _tokens(name, case.name, media, SUPPRESSED_GREEDY, form, ids, reference.tolist())


def _tokens(
    name: str, case: str, media: tuple[str, ...], path: str, form: str, ids: list[int], expected: list[int]
) -> Line:
    equal = sum(ours == theirs for ours, theirs in zip(ids, expected, strict=True))
    return Line(name, case, media, path, form, 0.0, equal, len(expected), 0.0)


def _stored_beside_live(name: str, live: dict[str, NDArray]) -> Line:
    """The arrays in the repository against those just computed."""
    stored = reference_arrays(name)
    if stored.keys() != live.keys() or stored["weights_digest"] != live["weights_digest"]:
        raise SystemExit(f"The stored arrays of {name} are of other weights or cases: export them anew.")
    names = [key for key in live if key != "weights_digest"]
    difference = max(float(np.abs(stored[key] - live[key]).max()) for key in names)
    equal = sum(np.array_equal(stored[key].argmax(-1), live[key].argmax(-1)) for key in names)
    return Line(name, "all stored arrays", (), STORED, "", difference, equal, len(names), STORED_TOLERANCE)
