"""What media cost in tokens, from their size alone: the one place for this arithmetic."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal, TypeAlias

from mlx_gemma4.protocol.errors import MediaError, RequestError

PATCH_SIDE = 16
"""Pixels along one side of a patch."""
POOLED_PATCHES = 3
"""Patches along one side of the square that becomes one soft token."""
TOKEN_SIDE = PATCH_SIDE * POOLED_PATCHES
"""Pixels along one side of the square that becomes one soft token."""
SOFT_TOKEN_BUDGETS = (70, 140, 280, 560, 1120)
DEFAULT_SOFT_TOKENS = 280
FRAME_SOFT_TOKENS = 70
"""Budget of one frame of a clip, unless somebody says otherwise."""
FRAMES_PER_CLIP = 32
"""Frames that the model is shown of a clip, unless its checkpoint says otherwise."""
PAGE_SIDE = 2048
"""Pixels along the longer side of a document's page where it is shown or written as a picture of its own."""
MAX_ASPECT = 100
"""Longest side over shortest side; beyond this the picture is a line and nothing in it can be seen."""

SAMPLE_RATE = 16_000
"""Samples of sound per second."""
MAX_SOUND_SECONDS = 30
"""Longest sound that can be asked about in one piece."""
MAX_SOUND_SAMPLES = MAX_SOUND_SECONDS * SAMPLE_RATE
MEL_HOP = 160
"""Samples from the start of one mel frame to that of the next."""
MEL_WINDOW = 320
"""Samples under one mel frame; the first frame lies half before the sound."""
MEL_BANDS = 128
"""Numbers of one mel frame."""
RAW_FRAME = 640
"""Samples of a frame of raw sound, which is one soft token."""
SoundForm: TypeAlias = Literal["mel", "frames"]
"""How a model takes sound: as a log-mel spectrogram (E2B, E4B) or as raw frames (12B)."""


@dataclass(frozen=True)
class MediaBudgets:
    """What a model is given of media, if nobody asks otherwise.

    Attributes:
        picture: soft tokens of a picture or of a page, at most.
        frame: soft tokens of a clip's frame, at most.
        frames: of a clip, at most.
        sound: how it takes sound; None for a model that does not hear.
    """

    picture: int = DEFAULT_SOFT_TOKENS
    frame: int = FRAME_SOFT_TOKENS
    frames: int = FRAMES_PER_CLIP
    sound: SoundForm | None = None


PUBLISHED_BUDGETS = MediaBudgets()


@dataclass(frozen=True)
class PictureSize:
    """The size, in pixels, at which the model looks at a picture; both sides are multiples of 48."""

    width: int
    height: int

    @property
    def soft_tokens(self) -> int:
        """Tokens that the picture takes in the prompt, without its two markers."""
        return (self.width // TOKEN_SIDE) * (self.height // TOKEN_SIDE)


def fit_picture(width: int, height: int, max_soft_tokens: int = DEFAULT_SOFT_TOKENS) -> PictureSize:
    """The largest size with the picture's aspect ratio that fits the budget; small pictures grow.

    Follows `get_aspect_ratio_preserving_size` of transformers' `image_processing_gemma4`, in the same float64 steps so
    that borderline sizes fall on the same side.

    Args:
        width: of the original, in pixels.
        height: of the original, in pixels.
        max_soft_tokens: one of `SOFT_TOKEN_BUDGETS`.

    Raises:
        RequestError: the budget is not one the model knows.
        MediaError: the picture has no area, or is a strip longer than `MAX_ASPECT` times its width.
    """
    check_budget(max_soft_tokens)
    if min(width, height) < 1:
        raise MediaError(f"The picture has no pixels ({width}×{height}).", code="media.empty")
    if max(width, height) > MAX_ASPECT * min(width, height):
        raise MediaError(
            f"The picture is a strip of {width}×{height} pixels, too thin to see anything in.",
            f"Crop it so that its long side is at most {MAX_ASPECT} times the short one.",
            code="media.strip",
        )
    factor = math.sqrt(max_soft_tokens * TOKEN_SIDE**2 / (height * width))
    columns = math.floor(factor * width / TOKEN_SIDE)
    rows = math.floor(factor * height / TOKEN_SIDE)
    if rows == 0:
        rows, columns = 1, min(width // height, max_soft_tokens)
    elif columns == 0:
        columns, rows = 1, min(height // width, max_soft_tokens)
    return PictureSize(columns * TOKEN_SIDE, rows * TOKEN_SIDE)


def page_pixels(width: float, height: float) -> tuple[int, int]:
    """Pixels of a page's picture, from its width and height in points."""
    scale = PAGE_SIDE / max(width, height)
    return max(round(width * scale), 1), max(round(height * scale), 1)


def mel_frames(samples: int) -> int:
    """How many mel frames lie wholly in a sound, of which each may begin half a window before it.

    A frame counts only if one sample follows it, as in transformers' `feature_extraction_gemma4`.
    """
    return max(0, (samples + MEL_WINDOW // 2 - (MEL_WINDOW + 1)) // MEL_HOP + 1)


def sound_tokens_mel(samples: int) -> int:
    """Tokens that a sound takes in the prompt of E2B and E4B, without its two markers: 25 a second.

    Two convolutions halve the frames, each rounding up: what the tower really gives, at every length. (transformers:
    `Gemma4Processor._compute_audio_num_tokens`.)
    """
    return math.ceil(mel_frames(samples) / 4)


def sound_tokens_frames(samples: int) -> int:
    """Tokens that a sound takes in the prompt of 12B, without its two markers; the last frame may be part silence."""
    return math.ceil(samples / RAW_FRAME)


def sound_tokens(samples: int, form: SoundForm) -> int:
    """Tokens that a sound of this many samples takes in the prompt, without its two markers."""
    return sound_tokens_mel(samples) if form == "mel" else sound_tokens_frames(samples)


def check_budget(max_soft_tokens: int) -> None:
    """Raise RequestError unless the budget is one of `SOFT_TOKEN_BUDGETS`."""
    if max_soft_tokens not in SOFT_TOKEN_BUDGETS:
        choices = ", ".join(str(budget) for budget in SOFT_TOKEN_BUDGETS)
        raise RequestError(
            f"A picture budget of {max_soft_tokens} soft tokens does not exist.", f"Choose one of {choices}."
        )


def sample_frames(frame_count: int, wanted: int = FRAMES_PER_CLIP) -> list[int]:
    """Which frames of a clip the model is shown: number ⌊i · T / n⌋ for i = 0 … n − 1, or all T if there are fewer.

    Follows `default_sample_indices_fn` of transformers' `video_utils`, which refuses clips with fewer frames.
    """
    shown = min(frame_count, wanted)
    return [index * frame_count // shown for index in range(shown)]


def timestamp(seconds: float) -> str:
    """The time of a frame as it is written before it, mm:ss, minutes counting on past the hour.

    Follows `replace_video_token` of transformers' `processing_gemma4`.
    """
    return f"{int(seconds // 60):02d}:{int(seconds % 60):02d}"


def clip_soft_tokens(frame_count: int, width: int, height: int, budgets: MediaBudgets) -> int:
    """Soft tokens of the frames that a model is shown of a clip, without times and markers.

    Raises:
        MediaError: the frames have no area, or are strips.
    """
    return min(frame_count, budgets.frames) * fit_picture(width, height, budgets.frame).soft_tokens
