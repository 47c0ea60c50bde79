"""The formats people have, one by one: the right length, the right sound and frames, or one clear sentence.

Letters: N samples.
"""

from __future__ import annotations

import itertools
import struct
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import numpy as np
import pytest

from mlx_gemma4.media.clips import open_clip
from mlx_gemma4.media.sound import Samples, open_sound
from mlx_gemma4.protocol.cost import SAMPLE_RATE
from mlx_gemma4.protocol.errors import MediaError
from tests.unit.media.sound_files import encode
from tests.unit.media_files import write_clip

T = TypeVar("T")
SECONDS = 2.5
LIKE = 0.99
RATES = (8_000, 11_025, 12_000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000, 88_200, 96_000)
CODECS = {"wav": "pcm_s16le", "flac": "flac", "m4a": "aac", "mp3": "libmp3lame", "opus": "libopus"}
ITS_RATES = {"mp3": RATES[:9], "opus": (8_000, 12_000, 16_000, 24_000, 48_000)}
LAYOUTS = ("stereo", "2.1", "quad", "5.0", "5.1")
ITS_LAYOUTS = {"mp3": LAYOUTS[:1], "opus": ("stereo", "quad", "5.0", "5.1")}
SOUNDS = [(kind, rate, "mono") for kind in CODECS for rate in ITS_RATES.get(kind, RATES)]
SOUNDS += [(kind, 48_000, layout) for kind in CODECS for layout in ITS_LAYOUTS.get(kind, LAYOUTS)]


def call(rate: int = SAMPLE_RATE, seconds: float = SECONDS) -> Samples:
    """[N]: a pitch that rises from 200 to 1,500 Hz in syllables, so that it is like itself at one moment only."""
    time = np.arange(round(seconds * rate)) / rate
    pitch = 2 * np.pi * (200 * time + 1300 / seconds * time**2 / 2)
    return (0.5 * np.sin(pitch) * (0.6 + 0.4 * np.sin(2 * np.pi * 3 * time))).astype(np.float32)


def likeness(heard: Samples, source: Samples) -> tuple[float, float]:
    """How like the source it is where it is most like it, at most 1; and by how many seconds that is late."""
    size = len(heard) + len(source)
    products = np.fft.irfft(np.fft.rfft(heard, size) * np.conj(np.fft.rfft(source, size)), size)
    at = int(products.argmax())
    late = at if at < len(heard) else at - size
    return float(products[at] / (np.linalg.norm(heard) * np.linalg.norm(source))), late / SAMPLE_RATE


@pytest.mark.parametrize(("kind", "rate", "layout"), SOUNDS)
def test_every_sound_is_heard_as_it_was_made(tmp_path: Path, kind: str, rate: int, layout: str) -> None:
    sound = open_sound(encode(tmp_path / f"a.{kind}", call(rate), CODECS[kind], rate, layout))
    heard = sound.read(30)
    assert len(heard) / SAMPLE_RATE == pytest.approx(SECONDS, abs=0.003)
    like, late = likeness(heard, call())
    assert like > LIKE and abs(late) < 0.002


TIMES = list(itertools.accumulate((10 + 40 * (number % 4) for number in range(40)), initial=0))  # milliseconds
CLIPS = {"mp4": "libx264", "mov": "libx264", "webm": "libvpx-vp9", "mkv": "libx264"}
UPRIGHT = {0: ((96, 64), (0, 0)), 90: ((64, 96), (0, -1)), 180: ((96, 64), (-1, -1)), -90: ((64, 96), (-1, 0))}


@pytest.mark.parametrize("rotation", UPRIGHT)
@pytest.mark.parametrize("kind", CLIPS)
def test_every_clip_is_upright_at_its_own_times_with_its_sound(tmp_path: Path, kind: str, rotation: int) -> None:
    file = write_clip(
        tmp_path / f"a.{kind}", CLIPS[kind], frames=len(TIMES), times=TIMES, rotation=rotation, sound_seconds=2.0
    )
    clip = open_clip(file)
    assert clip.frame_count == len(TIMES) and clip.has_sound
    frames = list(clip.frames(range(len(TIMES))))
    np.testing.assert_allclose([1000 * frame.seconds for frame in frames], TIMES, atol=1.01)
    size, corner = UPRIGHT[rotation]
    shades = [20 + 2 * number for number in range(len(TIMES))]
    for frame, shade in zip(frames, shades, strict=True):
        grey = np.asarray(frame.picture.convert("L"), np.float32)
        assert frame.picture.size == size
        assert grey[corner[1], corner[0]] > 200 and np.median(grey) == pytest.approx(shade, abs=6)
    heard = open_sound(file).read(30)
    assert len(heard) / SAMPLE_RATE == pytest.approx(2.0, abs=0.03)
    assert np.abs(np.fft.rfft(heard[8000:24_000])).argmax() == 440


@pytest.mark.parametrize("kind", CLIPS)
def test_a_clip_without_sound_shows_its_frames_and_says_that_nothing_is_heard(tmp_path: Path, kind: str) -> None:
    file = write_clip(tmp_path / f"a.{kind}", CLIPS[kind], frames=8)
    clip = open_clip(file)
    assert len(list(clip.frames(range(8)))) == 8 and not clip.has_sound
    with pytest.raises(MediaError, match="has no sound track") as caught:
        open_sound(file)
    assert caught.value.code == "media.no_sound"


def cut(file: Path, share: float) -> None:
    data = file.read_bytes()
    file.write_bytes(data[: int(share * len(data))])


def outcome(read: Callable[[], T]) -> T | MediaError:
    """What is read, or why it is not."""
    try:
        return read()
    except MediaError as error:
        return error


def shades_of(file: Path) -> list[float]:
    """How bright the ground of each frame is."""
    clip = open_clip(file)
    frames = clip.frames(range(clip.frame_count))
    return [float(np.median(np.asarray(frame.picture.convert("L")))) for frame in frames]


def said_clearly(error: MediaError, file: Path) -> bool:
    return file.name in error.message and error.message.endswith(".") and "\n" not in str(error) and bool(error.hint)


def heard_or_said(file: Path, source: Samples, share: float) -> None:
    """So much of it is heard, as it was made, or there is a sentence."""
    heard = outcome(lambda: open_sound(file).read(30))
    if isinstance(heard, MediaError):
        assert said_clearly(heard, file)
        return
    assert len(heard) / len(source) == pytest.approx(share, abs=0.1)
    like, late = likeness(heard, source[: len(heard)])
    assert like > LIKE and abs(late) < 0.002


@pytest.mark.parametrize("share", [0.02, 0.6, 0.97])
@pytest.mark.parametrize("kind", CODECS)
def test_a_sound_that_is_cut_off_is_heard_up_to_there_or_said_to_be_damaged(
    tmp_path: Path, kind: str, share: float
) -> None:
    file = encode(tmp_path / f"a.{kind}", call(48_000, 10.0), CODECS[kind], 48_000)
    cut(file, share)
    heard_or_said(file, call(seconds=10.0), share)


@pytest.mark.parametrize("share", [0.02, 0.6, 0.97])
@pytest.mark.parametrize("kind", CLIPS)
def test_a_clip_that_is_cut_off_shows_what_is_there_or_is_said_to_be_damaged(
    tmp_path: Path, kind: str, share: float
) -> None:
    file = write_clip(tmp_path / f"a.{kind}", CLIPS[kind], frames=50, sound_seconds=2.0)
    cut(file, share)
    shades = outcome(lambda: shades_of(file))
    if isinstance(shades, MediaError):
        assert said_clearly(shades, file)
        return
    assert len(shades) / 50 == pytest.approx(share, abs=0.2)
    np.testing.assert_allclose(shades, [20 + 2 * number for number in range(len(shades))], atol=6)


def in_boxes(data: bytes, factor: int) -> bytes:
    """An MP4 all of whose headers say that it is so many times as long as it is."""
    changed = bytearray(data)
    for name, place in ((b"mvhd", 20), (b"mdhd", 20), (b"tkhd", 24)):
        at = -1
        while (at := data.find(name, at + 1)) >= 0:
            (length,) = struct.unpack_from(">I", data, at + place)
            struct.pack_into(">I", changed, at + place, factor * length)
    return bytes(changed)


def in_matroska(data: bytes, factor: int) -> bytes:
    """The same for its Duration, a double."""
    at = data.index(b"\x44\x89\x88") + 3
    (length,) = struct.unpack_from(">d", data, at)
    return data[:at] + struct.pack(">d", factor * length) + data[at + 8 :]


def in_wav(data: bytes, factor: int) -> bytes:
    """The same for the length of its samples."""
    at = data.index(b"data") + 4
    (length,) = struct.unpack_from("<I", data, at)
    return data[:at] + struct.pack("<I", factor * length) + data[at + 4 :]


def in_flac(data: bytes, factor: int) -> bytes:
    """The same for the lower 32 bits of its number of samples."""
    (length,) = struct.unpack_from(">I", data, 22)
    return data[:22] + struct.pack(">I", factor * length) + data[26:]


def in_mp3(data: bytes, factor: int) -> bytes:
    """The same for its number of frames."""
    at = max(data.find(b"Xing"), data.find(b"Info")) + 8
    (frames,) = struct.unpack_from(">I", data, at)
    return data[:at] + struct.pack(">I", factor * frames) + data[at + 4 :]


LIES: dict[str, Callable[[bytes, int], bytes]] = {"wav": in_wav, "flac": in_flac, "m4a": in_boxes, "mp3": in_mp3}
CLIP_LIES = {"mp4": in_boxes, "mov": in_boxes, "webm": in_matroska, "mkv": in_matroska}


@pytest.mark.parametrize("kind", LIES)
def test_a_sound_whose_header_lies_about_its_length_is_heard_or_said_to_break_off(tmp_path: Path, kind: str) -> None:
    file = encode(tmp_path / f"a.{kind}", call(48_000), CODECS[kind], 48_000)
    true = file.read_bytes()
    file.write_bytes(LIES[kind](true, 7))
    assert file.read_bytes() != true
    heard_or_said(file, call(), 1.0)


@pytest.mark.parametrize("kind", CLIPS)
def test_a_clip_whose_header_lies_about_its_length_shows_the_frames_that_it_has(tmp_path: Path, kind: str) -> None:
    file = write_clip(tmp_path / f"a.{kind}", CLIPS[kind], frames=20)
    true = file.read_bytes()
    file.write_bytes(CLIP_LIES[kind](true, 7))
    assert file.read_bytes() != true
    clip = open_clip(file)
    assert clip.frame_count == 20 and clip.seconds == pytest.approx(0.8, abs=0.05)
    assert [frame.seconds for frame in clip.frames([0, 19])] == pytest.approx([0.0, 0.76], abs=0.002)
