"""Pictures and sounds in one prompt of the encoder-free model: pictures see themselves, sounds do not."""

from __future__ import annotations

import dataclasses

import mlx.core as mx
import numpy as np
import pytest

from mlx_gemma4.generation.session import Session
from mlx_gemma4.generation.soft_tokens import encode
from mlx_gemma4.generation.steps import Form
from mlx_gemma4.model.gemma4 import Gemma4
from mlx_gemma4.prompt.prepared import Prepared
from mlx_gemma4.protocol.errors import CheckpointError, PromptError
from tests.unit.tiny_models import UNIFIED, full_logits, mixed_prompt, random_ids, random_model, raw_sound

TOLERANCE = 5e-4


@pytest.fixture(scope="module")
def model() -> Gemma4:
    return random_model(UNIFIED)


def last_logits(model: Gemma4, *prompts: Prepared, form: Form = "whole", chunk: int = 512) -> np.ndarray:
    """The logits after the last token of prompts given one after the other."""
    session = Session(model, form=form, chunk=chunk)
    for prompt in prompts:
        list(session.prefill(prompt))
    return np.array(session.next_logits())


def with_sight(model: Gemma4, prompt: Prepared, *, sees_itself: bool) -> np.ndarray:
    """Logits [L, V] in one pass, with pictures that see themselves or do not, whatever the config says."""
    soft = [encode(model, item) for item in prompt.media]
    blocks = [dataclasses.replace(block, sees_itself=block.sees_itself and sees_itself) for block in soft]
    return np.array(model.logits(prompt.token_ids, blocks))


@pytest.mark.parametrize("form", ["whole", "segments"])
@pytest.mark.parametrize("chunk", [5, 16, 30, 512])
def test_pictures_still_see_themselves_in_a_prompt_with_sound(model: Gemma4, form: Form, chunk: int) -> None:
    """A peer loses what a picture's rows see of each other as soon as the prompt has a sound, too."""
    prompt = mixed_prompt()
    expected = with_sight(model, prompt, sees_itself=True)[-1]
    causal = with_sight(model, prompt, sees_itself=False)[-1]
    np.testing.assert_allclose(last_logits(model, prompt, form=form, chunk=chunk), expected, atol=TOLERANCE)
    assert np.abs(expected - causal).max() > 100 * TOLERANCE


@pytest.mark.parametrize("chunk", [7, 512])
def test_pictures_and_sounds_after_a_cached_prefix_equal_the_whole_sequence(model: Gemma4, chunk: int) -> None:
    before, prompt = random_ids(25, seed=8), mixed_prompt()
    media = tuple(dataclasses.replace(item, start=item.start + len(before)) for item in prompt.media)
    whole = Prepared(np.concatenate([before, prompt.token_ids]), media)
    got = last_logits(model, Prepared(before), prompt, chunk=chunk)
    np.testing.assert_allclose(got, full_logits(model, whole)[-1], atol=TOLERANCE)


def test_a_sound_does_not_see_its_own_later_frames(model: Gemma4) -> None:
    prompt = mixed_prompt()
    assert [encode(model, item).sees_itself for item in prompt.media] == [False, True, False]
    louder = raw_sound(7, 5)
    louder.features[-1] *= -1
    changed = full_logits(model, Prepared(prompt.token_ids, (louder, *prompt.media[1:])))
    same = full_logits(model, prompt)
    np.testing.assert_allclose(changed[:11], same[:11], atol=1e-5)  # the frames before the changed one
    assert np.abs(changed[11] - same[11]).max() > 1e-2


def test_a_frame_is_normed_and_projected_by_itself(model: Gemma4) -> None:
    frames_TC = raw_sound(3, 0).features
    assert model.audio_projector is not None
    weight = np.array(model.audio_projector.linear.weight, dtype=np.float64)
    normed = frames_TC / np.sqrt((frames_TC.astype(np.float64) ** 2).mean(axis=1, keepdims=True) + 1e-6)
    np.testing.assert_allclose(np.array(model.encode_sound(mx.array(frames_TC))), normed @ weight.T, atol=1e-4)


@pytest.mark.parametrize("features", [np.zeros((7, 128), np.float32), np.zeros((6, 640), np.float32)])
def test_a_sound_whose_frames_do_not_fit_its_places_is_refused(model: Gemma4, features: np.ndarray) -> None:
    prompt = mixed_prompt()
    wrong = dataclasses.replace(raw_sound(7, 5), features=features)
    with pytest.raises(PromptError, match="does not make 7 soft tokens"):
        Session(model).prefill(Prepared(prompt.token_ids, (wrong, *prompt.media[1:])))


def test_a_model_without_sound_says_so() -> None:
    deaf = random_model(dataclasses.replace(UNIFIED, audio=None))
    with pytest.raises(CheckpointError, match="does not hear"):
        deaf.encode_sound(mx.zeros((1, 640)))
