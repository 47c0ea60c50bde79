"""A whole folder of the encoder-free type (12B): what it says of itself, its prompts, its answers, its conversions."""

from __future__ import annotations

import json
from pathlib import Path

import mlx.core as mx
import numpy as np
import pytest

from mlx_gemma4 import Gemma, load
from mlx_gemma4.engine.loading import inspect_model, read_model
from mlx_gemma4.prompt.prepared import Prepared, PreparedPicture, PreparedSound
from mlx_gemma4.prompt.special_tokens import Marker
from mlx_gemma4.protocol.events import EngineFailed, Event, TurnFinished
from mlx_gemma4.weights.conversion import plan_quantized
from mlx_gemma4.weights.loader import load_model
from mlx_gemma4.weights.number_policy import NumberPolicy
from mlx_gemma4.weights.quantization import Packing
from tests.parity.tiny_checkpoints import make_picture, make_raw_sound
from tests.unit.media.sound_files import tone, write_wav
from tests.unit.weights.peer_conversions import GROUP, convert, write_source

ANSWER = {"max_tokens": 6, "max_soft_tokens": 70}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tiny checkpoint with a tokenizer, as transformers writes it."""
    target = write_source("12b_like", tmp_path_factory.mktemp("encoder_free") / "model")
    markers = load(target).tokenizer.special
    values = json.loads((target / "generation_config.json").read_text())
    values["suppress_tokens"] = [markers[Marker.IMAGE_CLOSE], markers[Marker.AUDIO_CLOSE]]
    (target / "generation_config.json").write_text(json.dumps(values))
    return target


@pytest.fixture(scope="module")
def gemma(folder: Path) -> Gemma:
    return load(folder)


@pytest.fixture(scope="module")
def packed(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What mlx-vlm makes of it in 4 bits."""
    pytest.importorskip("mlx_vlm")
    target = tmp_path_factory.mktemp("packed") / "model"
    return convert("mlx_vlm", folder, target, quantize=True, q_bits=4, q_group_size=GROUP)


def question(picture: Path | None, sound: Path | None) -> list[dict[str, object]]:
    parts: list[dict[str, object]] = [{"type": "text", "text": "the box?"}]
    if picture:
        parts.insert(0, {"type": "image", "path": str(picture)})
    if sound:
        parts.append({"type": "audio", "path": str(sound)})
    return [{"role": "user", "content": parts}]


@pytest.fixture
def sound_file(tmp_path: Path) -> Path:
    return write_wav(tmp_path / "tone.wav", tone(1.01))  # 25.25 frames


def test_it_says_that_it_sees_and_hears(folder: Path) -> None:
    ready = read_model(inspect_model(folder)).ready(str(folder))
    assert (ready.sees, ready.hears, ready.bits) == (True, True, 32)


def test_a_prompt_has_squares_and_frames_and_ends_in_an_empty_thought(
    gemma: Gemma, picture_file: Path, sound_file: Path
) -> None:
    prepared, special = gemma.prepare(question(picture_file, sound_file), max_soft_tokens=70), gemma.tokenizer.special
    picture, sound = prepared.media
    assert isinstance(picture, PreparedPicture) and isinstance(sound, PreparedSound)
    assert picture.patches.shape == (9 * picture.soft_tokens, 768), "patches of 16 pixels, as for every size"
    assert sound.features.shape == (26, 640) and sound.soft_tokens == 26
    assert not sound.features[-1, 160:].any() and sound.features[-1, :160].any()
    thought = [special[Marker.CHANNEL_OPEN], *gemma.tokenizer.encode_text("thought\n"), special[Marker.CHANNEL_CLOSE]]
    assert prepared.token_ids[-len(thought) :].tolist() == thought
    thinking = gemma.prepare(question(None, None), thinking=True).token_ids.tolist()
    assert special[Marker.CHANNEL_CLOSE] not in thinking


def test_it_answers_about_a_picture_and_a_sound(gemma: Gemma, picture_file: Path, sound_file: Path) -> None:
    events = list(gemma.stream(question(picture_file, sound_file), **ANSWER))
    assert isinstance(events[-1], TurnFinished)
    assert gemma.tokenizer.special.suppressed_ids == {
        gemma.tokenizer.special[Marker.IMAGE_CLOSE],
        gemma.tokenizer.special[Marker.AUDIO_CLOSE],
    }


def test_a_sound_and_a_picture_change_what_comes_next(gemma: Gemma, picture_file: Path, sound_file: Path) -> None:
    prepared = gemma.prepare(question(picture_file, sound_file), max_soft_tokens=70)
    before = np.array(gemma.logits(prepared))[-1]
    picture, sound = prepared.media
    for changed in (
        (PreparedPicture(1 - picture.patches**2, picture.positions, picture.start, picture.soft_tokens), sound),
        (picture, PreparedSound(sound.features[::-1].copy(), sound.start, sound.soft_tokens)),
    ):
        after = np.array(gemma.logits(Prepared(prepared.token_ids, changed)))[-1]
        assert np.abs(after - before).max() > 1e-3


def test_what_mlx_vlm_quantizes_of_it_sees_and_hears_as_there(packed: Path) -> None:
    from mlx_vlm import utils as vlm

    theirs = vlm.load_model(packed)
    ours, report = load_model(packed, NumberPolicy(floats=mx.float32, keep_quantized=True))
    assert report.packed["audio_projector.linear"] == Packing(4, GROUP)
    assert "vision.input_proj" not in report.packed, "mlx-vlm leaves pictures as they are"
    sound, picture = make_raw_sound(3_000), make_picture(9, 6)
    heard = np.array(theirs.get_audio_features(mx.array(sound.features_TC)[None]))
    np.testing.assert_allclose(np.array(ours.encode_sound(mx.array(sound.features_TC))), heard, rtol=0, atol=1e-4)
    squares = picture.patches_P768.reshape(2, 3, 3, 3, 16, 16, 3).transpose(0, 2, 1, 4, 3, 5, 6).reshape(1, 6, -1)
    places = mx.array([[[x, y] for y in range(2) for x in range(3)]])
    seen = np.array(theirs.get_image_features(mx.array(squares), places)).reshape(6, -1)
    got = np.array(ours.encode_picture(mx.array(picture.patches_P768), mx.array(picture.positions_P2)))
    np.testing.assert_allclose(got, seen, rtol=0, atol=1e-4)


def test_a_packed_one_answers_too(packed: Path, picture_file: Path, sound_file: Path) -> None:
    loaded = read_model(inspect_model(packed))
    ready = loaded.ready(str(packed))
    assert (ready.sees, ready.hears, ready.bits) == (True, True, 4)
    events = list(load(packed).stream(question(picture_file, sound_file), **ANSWER))
    assert isinstance(events[-1], TurnFinished)


def test_squares_can_be_packed_as_well(folder: Path, tmp_path: Path, gemma: Gemma) -> None:
    """Their linear is the one with a bias beside packed weights, whose groups have biases of their own."""

    def choose(name: str, shape: tuple[int, ...]) -> Packing | None:
        return None if shape[-1] % GROUP else Packing(8, GROUP)

    for _ in plan_quantized(folder, tmp_path / "packed", choose).write_new():
        pass
    model, report = load_model(tmp_path / "packed", NumberPolicy(floats=mx.float32, keep_quantized=True))
    assert report.packed["vision.input_proj"] == Packing(8, GROUP)
    picture = make_picture(9, 6)
    patches, positions = mx.array(picture.patches_P768), mx.array(picture.positions_P2)
    found, expected = (np.array(m.encode_picture(patches, positions)) for m in (model, gemma.model))
    assert 1e-5 < np.abs(found - expected).max() < 0.1


def test_a_conversion_to_text_alone_says_that_it_neither_sees_nor_hears(
    folder: Path, tmp_path: Path, picture_file: Path, sound_file: Path
) -> None:
    pytest.importorskip("mlx_lm")
    text_only = convert("mlx_lm", folder, tmp_path / "text")
    loaded = read_model(inspect_model(text_only))
    ready = loaded.ready(str(text_only))
    assert (ready.sees, ready.hears) == (False, False)
    for asked, said in ((question(picture_file, None), "does not see"), (question(None, sound_file), "does not hear")):
        failed: Event = list(load(text_only).stream(asked, **ANSWER))[-1]
        assert isinstance(failed, EngineFailed) and said in failed.message, failed
