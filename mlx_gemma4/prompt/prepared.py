"""A prompt as the model takes it: token ids with room for soft tokens, and what those are made of.

Letters: L tokens, P patches, T frames, C numbers of a frame.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from mlx_gemma4.prompt.content import MediaContent


@dataclass(frozen=True, eq=False)
class PreparedPicture(MediaContent):
    """A picture and its place in the prompt.

    Attributes:
        patches: float32 [P, 768] in 0..1.
        positions: int32 [P, 2], column and row of each patch.
        start: index of its first soft token; token_ids[start : start + soft_tokens] are all the picture marker.
        soft_tokens: how many there are.
    """

    patches: npt.NDArray[np.float32]
    positions: npt.NDArray[np.int32]
    start: int
    soft_tokens: int


@dataclass(frozen=True, eq=False)
class PreparedSound(MediaContent):
    """A sound and its place in the prompt.

    Attributes:
        features: float32 [T, C]: 128 log-mel values of each frame (E2B, E4B), or 640 samples of it (12B).
        start: index of its first soft token; token_ids[start : start + soft_tokens] are all the sound marker.
        soft_tokens: how many there are.
    """

    features: npt.NDArray[np.float32]
    start: int
    soft_tokens: int


PreparedMedia: TypeAlias = PreparedPicture | PreparedSound


@dataclass(frozen=True, eq=False)
class Prepared:
    """A prompt, ready for the model.

    Attributes:
        token_ids: int32 [L], soft-token places filled with the marker of their kind.
        media: in the order of their places.
        in_thought: the prompt ends inside a thought, so the model's first tokens belong to it.
        remarks: what the model is not given of the files, in sentences for people.
    """

    token_ids: npt.NDArray[np.int32]
    media: tuple[PreparedMedia, ...] = ()
    in_thought: bool = False
    remarks: tuple[str, ...] = ()
