"""Prepare: files become soft-token places in the prompt, everything else ids."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from mlx_gemma4.prompt.chat_template import ChatOptions
from mlx_gemma4.prompt.checkpoint_files import PromptDefaults, read_prompt_defaults
from mlx_gemma4.prompt.prepare import prepare
from mlx_gemma4.prompt.prepared import PreparedSound
from mlx_gemma4.prompt.special_tokens import Marker
from mlx_gemma4.prompt.tokenizer import Tokenizer
from mlx_gemma4.protocol.cost import SoundForm
from mlx_gemma4.protocol.errors import CheckpointError, MediaError
from mlx_gemma4.protocol.parts import AudioPart, DocumentPart, ImagePart, MediaPart, Message, TextPart, VideoPart
from tests.unit.media_files import write_clip


@pytest.fixture(scope="module")
def tokenizer(tokenizer_folder: Path) -> Tokenizer:
    return Tokenizer(tokenizer_folder)


@pytest.fixture
def pictures(tmp_path: Path) -> list[str]:
    for name, size in (("wide.png", (200, 100)), ("tall.png", (50, 90))):
        Image.new("RGB", size, "red").save(tmp_path / name)
    return [str(tmp_path / "wide.png"), str(tmp_path / "tall.png")]


def test_every_picture_becomes_its_soft_tokens_between_two_markers(tokenizer: Tokenizer, pictures: list[str]) -> None:
    user = Message("user", (ImagePart(pictures[0]), TextPart("and"), ImagePart(pictures[1], 140), TextPart("?")))
    prepared = prepare([user], tokenizer, max_soft_tokens=70)
    ids, special = prepared.token_ids, tokenizer.special
    assert ids.dtype == np.int32 and ids.ndim == 1
    for picture, budget in zip(prepared.media, (70, 140), strict=True):
        end = picture.start + picture.soft_tokens
        assert (ids[picture.start : end] == special[Marker.IMAGE]).all()
        assert ids[picture.start - 1] == special[Marker.IMAGE_OPEN] and ids[end] == special[Marker.IMAGE_CLOSE]
        assert budget // 2 < picture.soft_tokens <= budget
        assert picture.patches.shape == (9 * picture.soft_tokens, 768)
        assert picture.positions.shape == (9 * picture.soft_tokens, 2)
    assert (ids == special[Marker.IMAGE]).sum() == sum(p.soft_tokens for p in prepared.media)


def test_a_plain_prompt_is_encoded_piece_by_piece(tokenizer: Tokenizer) -> None:
    special, text = tokenizer.special, tokenizer.encode_text
    ids = prepare([Message("user", (TextPart("the box <turn|>"),))], tokenizer).token_ids
    want = [special[Marker.BOS], special[Marker.TURN_OPEN], *text("user\nthe box <turn|>"), special[Marker.TURN_CLOSE]]
    want += [*text("\n"), special[Marker.TURN_OPEN], *text("model\n")]
    assert ids.tolist() == want
    assert (ids == special[Marker.TURN_CLOSE]).sum() == 1, "the typed one is text"


def test_the_prompt_says_whether_it_ends_in_a_thought(tokenizer: Tokenizer) -> None:
    user = Message("user", (TextPart("hi"),))
    assert not prepare([user], tokenizer, ChatOptions(thinking=True)).in_thought
    assert not prepare([user], tokenizer, ChatOptions(empty_thought=True)).in_thought


def test_a_clip_becomes_frames_each_after_its_time_and_joined_by_spaces(tokenizer: Tokenizer, tmp_path: Path) -> None:
    clip = str(write_clip(tmp_path / "a.mp4", frames=3, rate=Fraction(1, 40)))
    user = Message("user", (TextPart("Look:"), VideoPart(clip, max_soft_tokens=140), TextPart("What is it?")))
    prepared = prepare([user], tokenizer)
    special, text, count = tokenizer.special, tokenizer.encode_text, prepared.media[0].soft_tokens
    frame = [special[Marker.IMAGE_OPEN], *[special[Marker.VIDEO]] * count, special[Marker.IMAGE_CLOSE]]
    want = [special[Marker.BOS], special[Marker.TURN_OPEN], *text("user\nLook:00:00 "), *frame]
    want += [*text(" 00:40 "), *frame, *text(" 01:20 "), *frame, *text("What is it?"), special[Marker.TURN_CLOSE]]
    assert prepared.token_ids.tolist()[: len(want)] == want
    assert 70 < count <= 140 and len(prepared.media) == 3
    for item in prepared.media:
        assert (prepared.token_ids[item.start : item.start + count] == special[Marker.VIDEO]).all()
        assert item.patches.shape == (9 * count, 768) and item.soft_tokens == count


def test_a_clip_of_many_frames_gives_as_many_as_the_checkpoint_wants(tokenizer: Tokenizer, tmp_path: Path) -> None:
    user = Message("user", (VideoPart(str(write_clip(tmp_path / "a.mp4", frames=90))),))
    assert len(prepare([user], tokenizer).media) == 32
    few = prepare([user], tokenizer, defaults=PromptDefaults(frames_per_clip=5, frame_soft_tokens=280))
    assert len(few.media) == 5 and all(140 < item.soft_tokens <= 280 for item in few.media)


def test_an_animation_is_a_picture_or_a_clip_as_it_is_given(tokenizer: Tokenizer, tmp_path: Path) -> None:
    file = str(write_clip(tmp_path / "a.gif", "gif", frames=6, pixels="rgb8"))
    one, all_ = (prepare([Message("user", (part,))], tokenizer) for part in (ImagePart(file), VideoPart(file)))
    assert len(one.media) == 1 and len(all_.media) == 6


@pytest.mark.parametrize("part", [ImagePart, DocumentPart])
def test_a_pdf_becomes_one_picture_a_page(tokenizer: Tokenizer, tmp_path: Path, part: type[ImagePart]) -> None:
    file = str(tmp_path / "a.pdf")
    pages = [Image.new("RGB", size, "red") for size in ((300, 400), (400, 300), (200, 200))]
    pages[0].save(file, save_all=True, append_images=pages[1:])
    prepared = prepare([Message("user", (part(file, max_soft_tokens=140),))], tokenizer)
    shapes = [(item.positions[-1] + 1).tolist() for item in prepared.media]
    assert shapes == [[30, 39], [39, 30], [33, 33]]
    marked = prepared.token_ids == tokenizer.special[Marker.IMAGE]
    assert marked.sum() == sum(item.soft_tokens for item in prepared.media)


def test_the_pages_of_a_pdf_can_be_chosen(tokenizer: Tokenizer, tmp_path: Path) -> None:
    file = str(tmp_path / "a.pdf")
    pages = [Image.new("RGB", (100, 100), (shade, shade, shade)) for shade in (0, 100, 200, 250)]
    pages[0].save(file, save_all=True, append_images=pages[1:], quality=100)
    chosen = prepare([Message("user", (DocumentPart(file, (2, 3)),))], tokenizer).media
    assert [round(float(item.patches.mean()) * 255) for item in chosen] == [100, 200]


@pytest.mark.parametrize("part", [AudioPart("a.wav"), VideoPart("a.mp4")])
def test_a_model_that_does_not_hear_is_given_no_sound(tokenizer: Tokenizer, tmp_path: Path, part: MediaPart) -> None:
    file = write_clip(tmp_path / part.path.replace("wav", "mp4"), frames=2, sound_seconds=1)
    if isinstance(part, AudioPart):
        with pytest.raises(MediaError, match="does not hear"):
            prepare([Message("user", (replace(part, path=str(file)),))], tokenizer)
    else:
        prepared = prepare([Message("user", (replace(part, path=str(file)),))], tokenizer)
        assert len(prepared.media) == 2 and not prepared.remarks


@pytest.mark.parametrize("form", ["mel", "frames"])
def test_the_sound_of_a_clip_follows_its_frames(tokenizer: Tokenizer, tmp_path: Path, form: SoundForm) -> None:
    file = str(write_clip(tmp_path / "a.mkv", frames=2, sound_seconds=1.5))
    special, hears = tokenizer.special, PromptDefaults(sound=form)
    prepared = prepare([Message("user", (VideoPart(file), TextPart("?")))], tokenizer, defaults=hears)
    ids, sound = prepared.token_ids.tolist(), prepared.media[-1]
    assert isinstance(sound, PreparedSound) and sound.soft_tokens == pytest.approx(38, abs=1)
    assert ids[sound.start - 2 : sound.start] == [special[Marker.IMAGE_CLOSE], special[Marker.AUDIO_OPEN]]
    assert ids[sound.start : sound.start + sound.soft_tokens] == [special[Marker.AUDIO]] * sound.soft_tokens
    assert ids[sound.start + sound.soft_tokens] == special[Marker.AUDIO_CLOSE]
    alone = prepare([Message("user", (AudioPart(file),))], tokenizer, defaults=hears).media[0]
    np.testing.assert_array_equal(sound.features, alone.features)
    assert len(prepare([Message("user", (VideoPart(file, sound=False),))], tokenizer, defaults=hears).media) == 2


def test_of_a_long_clip_the_first_half_minute_is_heard_and_that_is_said(tokenizer: Tokenizer, tmp_path: Path) -> None:
    file = str(write_clip(tmp_path / "a.mp4", frames=4, rate=Fraction(1, 10), sound_seconds=40))
    prepared = prepare([Message("user", (VideoPart(file),))], tokenizer, defaults=PromptDefaults(sound="mel"))
    assert prepared.media[-1].soft_tokens == 750
    assert len(prepared.remarks) == 1 and "first 30 seconds" in prepared.remarks[0]


def test_a_silent_track_adds_nothing_and_a_broken_one_is_mentioned(tokenizer: Tokenizer, tmp_path: Path) -> None:
    hears = PromptDefaults(sound="mel")
    silent = write_clip(tmp_path / "a.mkv", frames=2, sound_seconds=1, loudness=0)
    prepared = prepare([Message("user", (VideoPart(str(silent)),))], tokenizer, defaults=hears)
    assert len(prepared.media) == 2 and not prepared.remarks
    with pytest.raises(MediaError, match="silent"):
        prepare([Message("user", (AudioPart(str(silent)),))], tokenizer, defaults=hears)
    broken = write_clip(tmp_path / "b.mkv", frames=2, sound_seconds=1)
    broken.write_bytes(broken.read_bytes().replace(b"A_OPUS", b"A_NONE"))
    prepared = prepare([Message("user", (VideoPart(str(broken)),))], tokenizer, defaults=hears)
    assert len(prepared.media) == 2 and "cannot be decoded" in prepared.remarks[0]


def test_defaults_come_from_the_checkpoint(tokenizer_folder: Path, tmp_path: Path) -> None:
    assert read_prompt_defaults(tokenizer_folder) == PromptDefaults(70, empty_thought=False)
    (tmp_path / "config.json").write_text('{"text_config": {"hidden_size_per_layer_input": 0}}')
    assert read_prompt_defaults(tmp_path) == PromptDefaults(280, empty_thought=True)
    (tmp_path / "preprocessor_config.json").write_text('{"max_soft_tokens": 560}')
    assert read_prompt_defaults(tmp_path).max_soft_tokens == 560
    (tmp_path / "processor_config.json").write_text('{"video_processor": {"num_frames": 8, "max_soft_tokens": 140}}')
    clips = read_prompt_defaults(tmp_path)
    assert (clips.max_soft_tokens, clips.frames_per_clip, clips.frame_soft_tokens) == (560, 8, 140)
    (tmp_path / "preprocessor_config.json").write_text('{"max_soft_tokens": 99}')
    with pytest.raises(CheckpointError, match="99 soft tokens"):
        read_prompt_defaults(tmp_path)
