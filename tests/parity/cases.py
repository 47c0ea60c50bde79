"""The prompts on which our model and the reference are compared, as data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tests.parity.tiny_checkpoints import (
    IMAGE_TOKEN_ID,
    Picture,
    make_picture,
    make_picture_prompt,
    make_token_ids,
)

TEXT_TOLERANCE = 2e-4
PICTURE_TOLERANCE = 5e-4


@dataclass(frozen=True)
class Case:
    """One prompt.

    Attributes:
        name: also the key of its logits in the fixtures.
        text_length: ids of text, or of each text between pictures.
        picture_sizes: (columns, rows) of patches of each picture.
    """

    name: str
    text_length: int
    picture_sizes: tuple[tuple[int, int], ...] = ()

    @property
    def tolerance(self) -> float:
        """Largest allowed absolute difference of a logit."""
        return PICTURE_TOLERANCE if self.picture_sizes else TEXT_TOLERANCE

    @property
    def pictures(self) -> list[Picture]:
        """The pictures, made from their sizes."""
        return [make_picture(columns, rows, seed) for seed, (columns, rows) in enumerate(self.picture_sizes)]

    @property
    def token_ids(self) -> NDArray[np.int32]:
        """The prompt with its placeholders: int32 [L]."""
        if not self.picture_sizes:
            return make_token_ids(self.text_length, seed=self.text_length)
        return make_picture_prompt(self.pictures, self.text_length, seed=self.text_length)

    @property
    def picture_starts(self) -> list[int]:
        """Index of each picture's first placeholder."""
        is_image = self.token_ids == IMAGE_TOKEN_ID
        return np.flatnonzero(is_image & ~np.roll(is_image, 1)).tolist()


# Both tiny models have a window of 16: 80 tokens wrap a ring five times, and the last picture is longer than it.
CASES = (
    Case("text", 12),
    Case("text_past_the_window", 80),
    Case("one_picture", 7, ((9, 6),)),
    Case("two_pictures_of_different_shape", 9, ((6, 9), (12, 3))),
    Case("picture_longer_than_the_window", 20, ((18, 9),)),
)

# Decoded greedily far enough for a ring to wrap while decoding. Cases on which random weights happen to choose the id
# of a placeholder are left out: the reference feeds the padding id in its place.
GREEDY_CASES = (CASES[1], CASES[3])
GREEDY_LENGTH = 40


class ComponentCases(NamedTuple):
    """The prompts whose parts are compared: a text longer than the window, and pictures of two shapes."""

    text: Case
    pictures: Case


COMPONENT_CASES = ComponentCases(CASES[1], CASES[3])

# Positions of the rotations that are compared, far from zero.
ROPE_OFFSET = 1000
ROPE_LENGTH = 6
