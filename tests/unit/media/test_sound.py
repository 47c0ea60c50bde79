"""Sound: every container becomes 16 kHz mono float32 of the right length, every bad file a clear sentence."""

from __future__ import annotations

import struct
import tracemalloc
import wave
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from mlx_gemma4.media.sound import BLOCK, is_silent, open_sound
from mlx_gemma4.protocol.cost import SAMPLE_RATE
from mlx_gemma4.protocol.errors import MediaError
from tests.unit.media.sound_files import encode, tone, write_wav

KINDS = {
    "a.wav": "pcm_s16le",
    "deep.wav": "pcm_s24le",
    "float.wav": "pcm_f32le",
    "bytes.wav": "pcm_u8",
    "a.flac": "flac",
    "a.mp3": "libmp3lame",
    "a.m4a": "aac",
    "a.mp4": "aac",
    "a.mov": "aac",
    "a.ogg": "libopus",
    "a.webm": "libopus",
    "a.mkv": "libmp3lame",
    "a.aiff": "pcm_s16be",
    "a.caf": "pcm_s16be",
    "a.wv": "wavpack",
}


@pytest.mark.parametrize("name", KINDS)
def test_every_container_gives_the_same_tone_at_the_right_length(tmp_path: Path, name: str) -> None:
    rate = 48_000 if KINDS[name] == "libopus" else 44_100
    file = encode(tmp_path / name, tone(2.5, 440, rate), KINDS[name], rate, "stereo")
    sound = open_sound(file)
    assert (sound.rate, sound.channels) == (rate, 2)
    heard = sound.read(30)
    assert heard.dtype == np.float32 and heard.ndim == 1
    tolerance = 0.03 if name == "a.mkv" else 0.002  # matroska does not say where the padding of MP3 ends
    assert len(heard) / SAMPLE_RATE == pytest.approx(2.5, abs=tolerance)
    middle = heard[SAMPLE_RATE : SAMPLE_RATE + 8000]
    assert np.abs(np.fft.rfft(middle)).argmax() == 220, "440 Hz of a half second"
    assert np.abs(middle).max() == pytest.approx(0.5, abs=0.05)


def test_a_wave_file_of_the_models_own_rate_is_read_exactly(tmp_path: Path) -> None:
    samples = np.random.default_rng(1).uniform(-1, 1, 40_001).astype(np.float32)
    file = write_wav(tmp_path / "a.wav", samples)
    heard = open_sound(file).read(30)
    np.testing.assert_array_equal(heard, (np.round(samples * 32767) / 32768).astype(np.float32))


@pytest.mark.parametrize("rate", [8_000, 11_025, 22_050, 32_000, 44_100, 48_000, 96_000])
def test_resampling_keeps_the_wave_and_flushes_its_end(tmp_path: Path, rate: int) -> None:
    file = write_wav(tmp_path / "a.wav", tone(1.7, 300, rate), rate)
    heard = open_sound(file).read(30)
    assert len(heard) == pytest.approx(1.7 * SAMPLE_RATE, abs=2)
    ours = tone(1.7, 300)[200 : len(heard) - 200]
    np.testing.assert_allclose(heard[200 : 200 + len(ours)], ours, atol=5e-3)


@pytest.mark.parametrize("channels", [2, 3, 5, 6, 8])
def test_channels_are_averaged(tmp_path: Path, channels: int) -> None:
    levels = np.linspace(0.1, 0.8, channels, dtype=np.float32)
    file = write_wav(tmp_path / "a.wav", levels[:, None] * np.ones((channels, 9_000), np.float32))
    np.testing.assert_allclose(open_sound(file).read(30), levels.mean(), atol=1e-4)


def test_blocks_are_even_and_add_up_to_the_whole(tmp_path: Path) -> None:
    file = encode(tmp_path / "a.m4a", tone(5.3, 200, 44_100), "aac", 44_100)
    sound = open_sound(file)
    blocks = list(sound.blocks())
    assert [len(block) for block in blocks[:-1]] == [BLOCK] * 5 and 0 < len(blocks[-1]) < BLOCK
    np.testing.assert_array_equal(np.concatenate(blocks), sound.read(30))
    assert len(list(sound.blocks())) == 6, "it can be read again"


def test_a_long_track_is_read_in_flat_memory(tmp_path: Path) -> None:
    file = tmp_path / "long.wav"
    with wave.open(str(file), "wb") as target:
        target.setparams((1, 2, 8_000, 0, "NONE", ""))
        minute = np.round(tone(60, 300, 8_000) * 32767).astype("<i2").tobytes()
        for _ in range(20):
            target.writeframes(minute)
    sound = open_sound(file)
    assert sound.seconds == 1200
    tracemalloc.start()
    assert sum(map(len, sound.blocks())) == pytest.approx(1200 * SAMPLE_RATE, abs=4)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 2_000_000, "the whole would be 77 MB"


def test_a_stretch_is_exact_to_the_sample(tmp_path: Path) -> None:
    samples = np.random.default_rng(2).uniform(-1, 1, 5 * SAMPLE_RATE).astype(np.float32)
    sound = open_sound(write_wav(tmp_path / "a.wav", samples))
    whole = sound.read(30)
    np.testing.assert_array_equal(sound.read(30, 1.25, 3.5), whole[20_000:56_000])
    np.testing.assert_array_equal(sound.read(30, 4.5), whole[72_000:])
    np.testing.assert_array_equal(sound.read(30, 4.5, 99.0), whole[72_000:])
    with pytest.raises(MediaError, match=r"no sound from 5 s on: it is 5\.0 s long"):
        sound.read(30, 5.0)


def test_a4_11_more_than_thirty_seconds_is_refused_and_never_cut_silently(tmp_path: Path) -> None:
    exact = open_sound(write_wav(tmp_path / "exact.wav", tone(30)))
    assert len(exact.read(30)) == 30 * SAMPLE_RATE
    long = open_sound(write_wav(tmp_path / "long.wav", np.append(tone(30), np.float32(0.1))))
    with pytest.raises(MediaError, match=r"30\.0 seconds long, and the model hears at most 30 seconds") as caught:
        long.read(30)
    assert caught.value.code == "media.too_long" and "transcribed" in caught.value.hint
    assert len(long.read(30, 0.0, 30.0)) == 30 * SAMPLE_RATE, "a stretch that somebody chose"
    hours = open_sound(write_wav(tmp_path / "hours.wav", np.zeros(1000, np.float32)))
    with pytest.raises(MediaError, match=r"8\.0 hours long"):
        type(hours)(hours.path, 8 * 3600.0, SAMPLE_RATE, 1).read(30)


def test_silence_is_told_from_sound() -> None:
    noise = np.random.default_rng(3).normal(size=SAMPLE_RATE).astype(np.float32)
    assert is_silent(np.zeros(SAMPLE_RATE, np.float32)) and is_silent(noise * 2e-5) and is_silent(noise[:0])
    assert is_silent(np.full(SAMPLE_RATE, -0.0078, np.float32)), "8-bit silence that is off by one"
    assert not is_silent(noise * 1e-3)


def wav_bytes(rate: int = 16_000, declared: int | None = None) -> bytes:
    data = np.round(tone(3) * 32767).astype("<i2").tobytes()
    size = len(data) if declared is None else declared
    header = struct.pack("<4sI4s4sIHHIIHH", b"RIFF", size, b"WAVE", b"fmt ", 16, 1, 1, rate, 2 * rate, 2, 16)
    return header + struct.pack("<4sI", b"data", size) + data


def zero_hertz_mkv(folder: Path) -> bytes:
    return encode(folder / "whole.mkv", tone(1), "pcm_s16le").read_bytes().replace(struct.pack(">d", 16e3), bytes(8))


def broken_mp4(folder: Path) -> bytes:
    whole = encode(folder / "whole.mp4", tone(10), "aac").read_bytes()
    return whole[: len(whole) // 2]


def mp4_without_its_second_half(folder: Path) -> bytes:
    """An MP4 with its table of contents first, so that it opens, cut in the middle of its data."""
    whole = encode(folder / "whole.mp4", tone(20), "aac", options={"movflags": "faststart"}).read_bytes()
    return whole[: len(whole) * 6 // 10]


BAD_FILES: dict[str, tuple[Callable[[Path], bytes], str, str]] = {
    "text.wav": (lambda _: b"just words\n" * 20, "media.not_av", "neither a sound nor a clip"),
    "empty.wav": (lambda _: b"", "media.empty", "0 bytes"),
    "header.wav": (lambda _: wav_bytes()[:44], "media.damaged", "damaged"),
    "zero_hertz.wav": (lambda _: wav_bytes(rate=0), "media.not_av", "neither a sound nor"),
    "zero_hertz.mkv": (zero_hertz_mkv, "media.damaged", "sound track of .* is damaged"),
    "truncated.mp4": (broken_mp4, "media.not_av", "or too damaged to be read"),
    "half.mp4": (mp4_without_its_second_half, "media.damaged", "breaks off after"),
    "noise.mp3": (lambda _: np.random.default_rng(4).bytes(50_000), "media.not_av", "damaged"),
    "list.m3u8": (
        lambda _: b"#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\nhttp://localhost:9/a.ts\n#EXT-X-ENDLIST\n",
        "media.not_av",
        "neither a sound nor a clip",
    ),
}


@pytest.mark.parametrize("name", BAD_FILES)
def test_a_bad_file_is_refused_with_one_clear_sentence(
    tmp_path: Path, name: str, capfd: pytest.CaptureFixture[str]
) -> None:
    make, code, words = BAD_FILES[name]
    (tmp_path / name).write_bytes(make(tmp_path))
    capfd.readouterr()
    with pytest.raises(MediaError, match=words) as caught:
        open_sound(tmp_path / name).read(30)
    assert caught.value.code == code and caught.value.message.endswith(".") and caught.value.hint
    assert capfd.readouterr() == ("", ""), "FFmpeg says nothing of its own"


@pytest.mark.parametrize("declared", [0, 600_000, 0xFFFFFFFF])
def test_a_wave_file_whose_recorder_never_wrote_its_length_is_read_to_its_end(tmp_path: Path, declared: int) -> None:
    (tmp_path / "piped.wav").write_bytes(wav_bytes(declared=declared))
    assert len(open_sound(tmp_path / "piped.wav").read(30)) == 3 * SAMPLE_RATE


def test_web_addresses_folders_and_missing_files_are_refused_as_for_pictures(tmp_path: Path) -> None:
    for name, code in (("https://example.org/a.mp3", "media.web_address"), ("gone.wav", "media.missing")):
        with pytest.raises(MediaError) as caught:
            open_sound(name)
        assert caught.value.code == code
    with pytest.raises(MediaError, match="is a folder"):
        open_sound(tmp_path)


def test_a_packet_that_is_damaged_is_left_out(tmp_path: Path) -> None:
    file = encode(tmp_path / "a.mp3", tone(10), "libmp3lame")
    data = bytearray(file.read_bytes())
    middle = len(data) // 2
    data[middle : middle + 400] = bytes(400)
    file.write_bytes(data)
    assert 9 < len(open_sound(file).read(30)) / SAMPLE_RATE <= 10.1
