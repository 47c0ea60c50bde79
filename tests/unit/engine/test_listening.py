"""Sound made ready for listening: one WAV for every container, its loudness, and a clear sentence for what has none."""

from __future__ import annotations

import wave
from pathlib import Path

import numpy as np
import pytest

from mlx_gemma4.engine.listening import MOST_PEAKS, hear_media
from mlx_gemma4.protocol.cost import SAMPLE_RATE
from mlx_gemma4.protocol.errors import MediaError
from mlx_gemma4.protocol.requests import HearMedia
from tests.unit.media.sound_files import encode, tone, write_video, write_wav


@pytest.mark.parametrize(("name", "codec"), [("a.wav", "pcm_s16le"), ("a.opus", "libopus"), ("a.mkv", "libmp3lame")])
def test_every_container_becomes_a_plain_wave_file(tmp_path: Path, name: str, codec: str) -> None:
    quiet_then_loud = np.concatenate([tone(1, level=0.1, rate=48_000), tone(1, level=0.8, rate=48_000)])
    heard = hear_media(HearMedia("h", str(encode(tmp_path / name, quiet_then_loud, codec, 48_000))), tmp_path)
    with wave.open(heard.sound) as file:
        assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (1, 2, SAMPLE_RATE)
        assert file.getnframes() / SAMPLE_RATE == pytest.approx(heard.seconds) == pytest.approx(2, abs=0.05)
    assert len(heard.peaks) <= MOST_PEAKS
    middle = len(heard.peaks) // 2
    assert heard.peaks[middle // 2] == pytest.approx(0.1, abs=0.02)
    assert heard.peaks[middle + middle // 2] == pytest.approx(0.8, abs=0.06)


def test_what_can_be_decoded_of_a_recording_that_breaks_off_can_be_listened_to(tmp_path: Path) -> None:
    whole = write_wav(tmp_path / "whole.wav", tone(6)).read_bytes()
    (tmp_path / "half.wav").write_bytes(whole[: len(whole) // 2])
    assert hear_media(HearMedia("h", str(tmp_path / "half.wav")), tmp_path).seconds == pytest.approx(3, abs=0.05)


def test_a_clip_without_sound_leaves_nothing_behind(tmp_path: Path) -> None:
    silent = write_video(tmp_path / "silent.mp4")
    with pytest.raises(MediaError, match="sound"):
        hear_media(HearMedia("h", str(silent)), tmp_path)
    assert list(tmp_path.iterdir()) == [silent]
