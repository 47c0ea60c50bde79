"""How alike two rendered pages are, by Design2Code's measures (Si et al. 2024, arXiv 2403.03163) of their text blocks.

Blocks are matched one to one by their words (Hungarian method on the ratio of `difflib.SequenceMatcher`); a match
counts from a ratio of 0.5. Block-Match is the matched area's part of all area; text, position and colour are means over
matches.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

import numpy as np
from scipy.optimize import linear_sum_assignment
from skimage.color import deltaE_ciede2000, rgb2lab

LEAST_ALIKE = 0.5


@dataclass(frozen=True)
class TextBlock:
    """Words on a page: their box (x, y, width, height) as parts of the page's width and height, and colour in 0–255."""

    text: str
    box: tuple[float, float, float, float]
    colour: tuple[int, int, int]

    @property
    def area(self) -> float:
        """Of the box."""
        return self.box[2] * self.box[3]

    @property
    def centre(self) -> tuple[float, float]:
        """Of the box."""
        return self.box[0] + self.box[2] / 2, self.box[1] + self.box[3] / 2


@dataclass(frozen=True)
class PageScore:
    """Each in 0–1; `block` is 1 for two pages without words."""

    block: float
    text: float
    position: float
    colour: float


def compare(truth: Sequence[TextBlock], made: Sequence[TextBlock]) -> PageScore:
    """The likeness of a page to the true one."""
    if not truth or not made:
        same = float(not truth and not made)
        return PageScore(same, same, same, same)
    alike = np.array([[SequenceMatcher(None, a.text, b.text).ratio() for b in made] for a in truth])
    pairs = [(i, j) for i, j in zip(*linear_sum_assignment(-alike), strict=True) if alike[i, j] >= LEAST_ALIKE]
    if not pairs:
        return PageScore(0.0, 0.0, 0.0, 0.0)
    matched = sum(truth[i].area + made[j].area for i, j in pairs)
    everything = sum(block.area for block in (*truth, *made))
    return PageScore(
        block=matched / everything,
        text=float(np.mean([alike[pair] for pair in pairs])),
        position=float(np.mean([_near(truth[i], made[j]) for i, j in pairs])),
        colour=float(np.mean([_same_colour(truth[i].colour, made[j].colour) for i, j in pairs])),
    )


def _near(a: TextBlock, b: TextBlock) -> float:
    return 1 - max(abs(x - y) for x, y in zip(a.centre, b.centre, strict=True))


def _same_colour(a: tuple[int, int, int], b: tuple[int, int, int]) -> float:
    one, other = (rgb2lab(np.array(colour, float).reshape(1, 1, 3) / 255) for colour in (a, b))
    return max(0.0, 1 - float(deltaE_ciede2000(one, other)[0, 0]) / 100)
