"""Cost: picture sizes and soft tokens follow the published rule."""

from __future__ import annotations

import math
from collections.abc import Callable
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlx_gemma4.protocol.cost import (
    MAX_SOUND_SAMPLES,
    SAMPLE_RATE,
    SOFT_TOKEN_BUDGETS,
    PictureSize,
    fit_picture,
    mel_frames,
    sound_tokens,
    sound_tokens_frames,
    sound_tokens_mel,
)
from mlx_gemma4.protocol.errors import MediaError, RequestError

WORKED = [  # (original, budget, size seen by the model, soft tokens), worked out by hand from the rule
    ((1920, 1080), 280, (1056, 576), 264),
    ((1920, 1080), 560, (1488, 816), 527),
    ((1920, 1080), 1120, (2112, 1200), 1100),
    ((3024, 1964), 280, (960, 624), 260),
    ((3024, 1964), 1120, (1968, 1248), 1066),
    ((1024, 1024), 70, (384, 384), 64),
    ((1024, 1024), 280, (768, 768), 256),
    ((1024, 1024), 1120, (1584, 1584), 1089),
    ((2480, 3508), 280, (672, 912), 266),
    ((2480, 3508), 1120, (1344, 1872), 1092),
    ((1170, 2532), 280, (528, 1152), 264),
    ((1, 1), 70, (384, 384), 64),
    ((7000, 70), 70, (3360, 48), 70),
    ((90, 9000), 70, (48, 3360), 70),
]


@pytest.mark.parametrize(("original", "budget", "size", "soft_tokens"), WORKED)
def test_worked_sizes(original: tuple[int, int], budget: int, size: tuple[int, int], soft_tokens: int) -> None:
    fitted = fit_picture(*original, budget)
    assert fitted == PictureSize(*size)
    assert fitted.soft_tokens == soft_tokens


@given(st.integers(1, 10_000), st.integers(1, 10_000), st.sampled_from(SOFT_TOKEN_BUDGETS))
def test_every_allowed_size_is_whole_cells_within_the_budget(width: int, height: int, budget: int) -> None:
    if max(width, height) > 100 * min(width, height):
        with pytest.raises(MediaError, match="strip"):
            fit_picture(width, height, budget)
        return
    fitted = fit_picture(width, height, budget)
    assert fitted.width % 48 == 0 and fitted.height % 48 == 0
    assert 1 <= fitted.soft_tokens <= budget


def test_an_unknown_budget_is_refused_with_the_choices() -> None:
    with pytest.raises(RequestError, match=r"100 soft tokens.*70, 140, 280, 560, 1120"):
        fit_picture(10, 10, 100)


def test_a_picture_without_area_is_refused() -> None:
    with pytest.raises(MediaError, match="no pixels"):
        fit_picture(0, 10)


@pytest.fixture(scope="module")
def reference_sound_tokens() -> Callable[[int], int]:
    """How many tokens transformers' processor counts for a number of samples; imported late because that is slow."""
    from transformers.models.gemma4.feature_extraction_gemma4 import Gemma4AudioFeatureExtractor
    from transformers.models.gemma4.processing_gemma4 import Gemma4Processor

    settings = SimpleNamespace(feature_extractor=Gemma4AudioFeatureExtractor(), audio_seq_length=750)
    return lambda samples: Gemma4Processor._compute_audio_num_tokens(settings, range(samples), SAMPLE_RATE)


def test_a4_5_sounds_of_every_length_take_the_tokens_that_the_tower_gives(
    reference_sound_tokens: Callable[[int], int],
) -> None:
    lengths = [*range(4000), *range(16_000, MAX_SOUND_SAMPLES + 1, 37), MAX_SOUND_SAMPLES]
    wrong = [n for n in lengths if sound_tokens_mel(n) != reference_sound_tokens(n)]
    assert not wrong
    rounded_up = [n for n in lengths if sound_tokens_mel(n) != math.ceil(n / 640)]
    assert len(rounded_up) > 2000, "counting milliseconds is one off for a quarter of all lengths"


@pytest.mark.parametrize(
    ("seconds", "frames", "tokens"), [(0.1, 9, 3), (0.5, 49, 13), (1, 99, 25), (2.5, 249, 63), (10, 999, 250)]
)
def test_frames_and_tokens_of_a_sound(seconds: float, frames: int, tokens: int) -> None:
    samples = round(seconds * SAMPLE_RATE)
    assert (mel_frames(samples), sound_tokens_mel(samples), sound_tokens(samples, "mel")) == (frames, tokens, tokens)


def test_raw_frames_round_up() -> None:
    assert [sound_tokens_frames(samples) for samples in (1, 640, 641, MAX_SOUND_SAMPLES)] == [1, 1, 2, 750]
    assert sound_tokens(641, "frames") == 2
