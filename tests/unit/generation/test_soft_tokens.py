"""Media are held against their placeholders one by one, and every sound is heard without the others."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from mlx_gemma4.generation.session import Session
from mlx_gemma4.generation.soft_tokens import encode
from mlx_gemma4.model.gemma4 import Gemma4
from mlx_gemma4.prompt.prepared import Prepared, PreparedMedia, PreparedPicture, PreparedSound
from mlx_gemma4.protocol.errors import CheckpointError, PromptError
from tests.unit.tiny_models import HEARING, IMAGE, SOUND, random_ids, random_model, random_picture, random_sound


@pytest.fixture(scope="module")
def model() -> Gemma4:
    return random_model(HEARING)


def prompt(*media: PreparedMedia, tokens: int = 80) -> Prepared:
    """Random text with placeholders for these media, which lie apart."""
    ids = random_ids(tokens)
    for item in media:
        ids[item.start : item.start + item.soft_tokens] = SOUND if isinstance(item, PreparedSound) else IMAGE
    return Prepared(ids, media)


def test_a4_6_several_sounds_of_different_lengths_are_heard_each_as_by_itself(model: Gemma4) -> None:
    short, long = random_sound(21, 5), random_sound(150, 20, seed=5)
    both = prompt(short, long)
    rows = np.array(model.embed(both.token_ids, [encode(model, item) for item in both.media])[0])
    text = np.array(model.embed(both.token_ids, [])[0])
    for sound in (short, long):
        alone = np.array(encode(model, sound).soft_SD)
        assert len(alone) == sound.soft_tokens
        np.testing.assert_array_equal(rows[sound.start : sound.start + sound.soft_tokens], alone)
    outside = both.token_ids != SOUND
    np.testing.assert_array_equal(rows[outside], text[outside])
    assert list(Session(model).prefill(both))


@pytest.mark.parametrize("extra", [-1, 1])
def test_a4_7_one_placeholder_too_many_or_too_few_is_an_error(model: Gemma4, extra: int) -> None:
    sound = random_sound(50, 10)
    prepared = prompt(replace(sound, soft_tokens=sound.soft_tokens + extra))
    with pytest.raises(PromptError, match=f"{50} frames of 128 numbers does not make {sound.soft_tokens + extra}"):
        Session(model).prefill(prepared)
    with pytest.raises(PromptError, match=f"{sound.soft_tokens + extra} media placeholders for {sound.soft_tokens}"):
        Session(model).prefill(Prepared(prepared.token_ids, (sound,)))


def test_a4_7_sound_cannot_stand_where_a_picture_should_nor_the_other_way_round(model: Gemma4) -> None:
    sound, picture = random_sound(24, 10), random_picture(9, 6, 30)
    assert sound.soft_tokens == picture.soft_tokens
    swapped = Prepared(prompt(sound, picture).token_ids, (replace(picture, start=10), replace(sound, start=30)))
    with pytest.raises(PromptError, match="of another kind"):
        Session(model).prefill(swapped)
    mixed = prompt(sound).token_ids.copy()
    mixed[12] = IMAGE
    with pytest.raises(PromptError, match="of another kind"):
        Session(model).prefill(Prepared(mixed, (sound,)))


def test_features_of_another_model_are_an_error(model: Gemma4) -> None:
    raw = PreparedSound(np.zeros((6, 640), np.float32), 10, 6)
    with pytest.raises(PromptError, match="6 frames of 640 numbers"):
        Session(model).prefill(prompt(raw))


def test_a_prompt_cannot_end_in_a_sound(model: Gemma4) -> None:
    with pytest.raises(PromptError, match="cannot end in"):
        Session(model).prefill(prompt(random_sound(24, 10), tokens=16))


def test_a_model_without_an_audio_tower_says_so() -> None:
    with pytest.raises(CheckpointError, match="does not hear"):
        list(Session(random_model()).prefill(prompt(random_sound(24, 10))))


def test_a_picture_and_a_sound_fill_their_own_places(model: Gemma4) -> None:
    picture, sound = random_picture(9, 6, 8), random_sound(50, 30)
    whole = prompt(picture, sound)
    soft = [encode(model, item) for item in whole.media]
    expected = np.array(model.logits(whole.token_ids, soft))[-1]
    for chunk in (5, 16, 512):
        session = Session(model, chunk=chunk)
        list(session.prefill(whole))
        np.testing.assert_allclose(np.array(session.next_logits()), expected, atol=2e-4)
    assert isinstance(whole.media[0], PreparedPicture) and isinstance(whole.media[1], PreparedSound)
