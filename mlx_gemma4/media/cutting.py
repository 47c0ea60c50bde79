"""A recording of any length to pieces that a model can hear, cut where nobody speaks.

Letters: N samples.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from mlx_gemma4.media.loudness import FRAME, Loudness
from mlx_gemma4.media.sound import Samples
from mlx_gemma4.protocol.cost import MAX_SOUND_SAMPLES, SAMPLE_RATE
from mlx_gemma4.protocol.errors import MediaError

BEST = (25.0, 28.0)
"""Seconds into a piece between which a pause is looked for first."""
GOOD_ENOUGH = (18.0, 29.5)
"""Seconds between which a pause is still taken if there is none at the best place."""
OVERLAP = 2.0
"""Seconds that two pieces share where no pause was found, so that no word is lost between them."""
LEAST_PAUSE = 0.24
"""Seconds of quiet that make a pause; shorter ones lie within words."""


@dataclass(frozen=True, eq=False)
class Piece:
    """A stretch of a recording.

    Attributes:
        first: index of its first sample in the recording.
        samples: float32 [N], at most 30 seconds.
        shared_before: samples at its start that the piece before it holds, too; 0 after a pause.
        shared_after: samples at its end that the piece after it holds, too; 0 before a pause and at the end.
    """

    first: int
    samples: Samples
    shared_before: int = 0
    shared_after: int = 0

    @property
    def start(self) -> float:
        """Where it begins, in seconds of the recording."""
        return self.first / SAMPLE_RATE

    @property
    def end(self) -> float:
        """Where it ends, in seconds of the recording."""
        return (self.first + len(self.samples)) / SAMPLE_RATE

    @property
    def next_start(self) -> float:
        """Where the piece after it begins, in seconds of the recording."""
        return (self.first + len(self.samples) - self.shared_after) / SAMPLE_RATE


def cut_pieces(blocks: Iterable[Samples], first: int = 0) -> Iterator[Piece]:
    """The pieces of a recording that comes in blocks [N] of any size: in order, and together all of it.

    What is left at the end is one piece as soon as it fits; so is what came before a MediaError of `blocks`, which is
    raised after it. Holds one piece and one block. `first` is the first sample's index in the recording.
    """
    held: Samples = np.zeros(0, np.float32)
    shared = 0
    damage: MediaError | None = None
    try:
        for block in blocks:
            held = np.concatenate([held, block])
            while len(held) > MAX_SOUND_SAMPLES:
                cut, overlap = _place_of_cut(held[:MAX_SOUND_SAMPLES])
                yield Piece(first, held[:cut].copy(), shared, overlap)
                held, first, shared = held[cut - overlap :].copy(), first + cut - overlap, overlap
    except MediaError as error:
        damage = error
    if len(held):
        yield Piece(first, held, shared)
    if damage is not None:
        raise damage


def _place_of_cut(samples: Samples) -> tuple[int, int]:
    """After how many samples to cut, and how many of them the next piece takes again."""
    loudness = Loudness(samples)
    pauses = loudness.pauses(LEAST_PAUSE)
    best, good_enough = (
        range(*(round(edge * SAMPLE_RATE) // FRAME for edge in edges)) for edges in (BEST, GOOD_ENOUGH)
    )
    # a pause that is too long to have its middle anywhere near is cut where it lies in the window
    clipped = [range(max(run.start, good_enough.start), min(run.stop, good_enough.stop)) for run in pauses]
    for window, runs in ((best, pauses), (good_enough, pauses), (good_enough, clipped)):
        longest = max((run for run in runs if _middle(run) in window), key=len, default=range(0))
        if longest:
            return _middle(longest) * FRAME, 0
    quietest = best.start + int(loudness.levels_F[best.start : best.stop].argmin())  # between two words, with some luck
    return quietest * FRAME, round(OVERLAP * SAMPLE_RATE)


def _middle(run: range) -> int:
    return (run.start + run.stop) // 2
