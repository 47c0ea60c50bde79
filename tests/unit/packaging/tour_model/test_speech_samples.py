"""A training sample of a recording or a clip is, token for token, what the engine would make of the same question."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from tour_model.architecture import FRAMES_OF_A_CLIP, processor_config, token_id
from tour_model.conversations import clip_places, exchange, sound_places
from tour_model.speech.evaluate import about
from tour_model.speech.files import write_clip, write_recording
from tour_model.speech.motion import random_motion
from tour_model.speech.questions import NOTHING_SAID, ask_clip, ask_recording
from tour_model.speech.samples import make_clip_batch, make_speech_batch

from mlx_gemma4.prompt.checkpoint_files import PromptDefaults
from mlx_gemma4.prompt.prepare import prepare
from mlx_gemma4.prompt.segments import write
from mlx_gemma4.prompt.tokenizer import Tokenizer
from mlx_gemma4.protocol.cost import sample_frames, sound_tokens_mel
from tests.unit.packaging.tour_model.spoken import write_store

DEFAULTS = PromptDefaults(max_soft_tokens=70, sound="mel", frames_per_clip=FRAMES_OF_A_CLIP)


@pytest.fixture(scope="module")
def engine_tokenizer(repository: Path) -> Tokenizer:
    return Tokenizer(repository / "resources" / "tour")


@pytest.fixture
def rng() -> Iterator[np.random.Generator]:
    return np.random.default_rng(11)


def test_recordings_are_asked_about_as_the_engine_does(
    rng: np.random.Generator, engine_tokenizer: Tokenizer, tmp_path: Path
) -> None:
    for context in ("", "Open the red door."):
        for _ in range(8):
            samples = rng.normal(0, 0.1, int(rng.integers(4_000, 40_000))).astype(np.float32).clip(-1, 1)
            write_recording(tmp_path / "said.wav", samples)
            message = ask_recording(rng, context)
            ours = exchange(message, [sound_places(sound_tokens_mel(len(samples)))], write("Yes."), sounds=(0,))
            prepared = prepare([about(message, tmp_path / "said.wav")], engine_tokenizer, defaults=DEFAULTS)
            asked = ours.answers.index(True)
            assert ours.ids[:asked] == prepared.token_ids.tolist()


@pytest.mark.parametrize("has_sound", [True, False])
def test_clips_are_shown_as_the_engine_does(
    rng: np.random.Generator, engine_tokenizer: Tokenizer, tmp_path: Path, has_sound: bool
) -> None:
    motion = random_motion(rng, 96, 96)
    samples = rng.normal(0, 0.1, round(motion.seconds * 16_000)).astype(np.float32).clip(-1, 1) if has_sound else None
    write_clip(tmp_path / "clip.mp4", motion, samples)
    message, answer = ask_clip(rng, "said", motion.mover.label, motion.way, "")
    assert answer == NOTHING_SAID
    prepared = prepare([about(message, tmp_path / "clip.mp4")], engine_tokenizer, defaults=DEFAULTS)
    moments = [frame / motion.rate for frame in sample_frames(motion.frames, FRAMES_OF_A_CLIP)]
    places = clip_places(moments, 64)
    heard = prepared.token_ids.tolist().count(token_id("<|audio|>"))
    if has_sound:
        assert heard == pytest.approx(motion.seconds * 25, abs=4), "AAC fills its last frame"
        places += sound_places(heard)
    ours = exchange(message, [places], write("Yes."))
    assert ours.ids[: ours.answers.index(True)] == prepared.token_ids.tolist()


def test_batches_hold_what_their_conversations_are_about(rng: np.random.Generator, tmp_path: Path) -> None:
    store = write_store(tmp_path)
    for batch in (make_speech_batch(rng, store, 20), make_clip_batch(rng, store, 6)):
        assert batch.sounds is not None
        for group in batch.groups:
            assert np.array_equal(group.tokens.reshape(-1)[group.asked + 1], group.wanted)
            heard = (group.tokens == token_id("<|audio|>")).sum(1)
            lengths = batch.sounds.lengths[group.sounds[:, 0]] if group.sounds.shape[1] else np.zeros(0)
            assert heard[heard > 0].tolist() == [sound_tokens_mel(int(length)) for length in lengths]
            shown = (group.tokens == token_id("<|video|>")).sum(1)
            assert (shown == group.pictures.shape[1] * batch.columns * batch.rows).all()
        assert (batch.sounds.letters.astype(bool).sum(1) == batch.sounds.spelt).all()
        for recording, first, count in batch.sounds.phrases:
            said = batch.sounds.samples[recording, first * 640 : (first + count) * 640]
            assert count > 0
            assert first + count <= sound_tokens_mel(int(batch.sounds.lengths[recording]))
            assert (
                np.abs(said.astype(float)).mean() > 0.3 * np.abs(batch.sounds.samples[recording].astype(float)).mean()
            )


def test_the_processor_takes_as_many_frames_as_training_has() -> None:
    assert processor_config()["video_processor"]["num_frames"] == FRAMES_OF_A_CLIP
    assert processor_config(audio=False).keys() == {"processor_class", "image_seq_length", "image_processor"}
