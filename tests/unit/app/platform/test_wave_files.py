"""Recordings on the disk: whole at any moment, and whole again after their recorder was killed."""

from __future__ import annotations

import resource
import struct
import wave
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from app.platform.wave_files import RATE, WaveFile, repair

SECOND = struct.pack("<2h", 1000, -1000) * (RATE // 2)


def read(file: Path) -> tuple[int, int, int, bytes]:
    with wave.open(str(file)) as sound:
        facts = sound.getframerate(), sound.getnchannels(), sound.getsampwidth()
        return *facts, sound.readframes(sound.getnframes())


def test_what_was_recorded_is_in_the_file(tmp_path: Path) -> None:
    recording = WaveFile(tmp_path / "a.wav")
    for _ in range(3):
        recording.append(SECOND)
    assert recording.seconds == 3.0
    recording.close()
    assert read(tmp_path / "a.wav") == (RATE, 1, 2, 3 * SECOND)


@contextmanager
def room_for(size: int) -> Iterator[None]:
    """No file of this process can get larger: as on a disk that gets full, what is written fits in part, then not."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_what_fits_on_a_full_disk_is_kept_and_counted(tmp_path: Path) -> None:
    file = tmp_path / "a.wav"
    recording = WaveFile(file)
    with room_for(44 + len(SECOND) * 3 // 2):
        recording.append(SECOND)
        with pytest.raises(OSError, match="File too large"):
            recording.append(SECOND)
        with pytest.raises(OSError, match="File too large"):
            recording.append(SECOND)
        assert recording.seconds == 1.5
        recording.close()
    assert read(file) == (RATE, 1, 2, SECOND + SECOND[: len(SECOND) // 2])


def test_a_file_without_its_lengths_gets_them(tmp_path: Path) -> None:
    file = tmp_path / "a.wav"
    recording = WaveFile(file)
    recording.append(2 * SECOND)
    recording._file.close()  # as a kill does
    with file.open("ab") as torn:
        torn.write(SECOND[:1001])  # a sample was cut in two
    assert repair(file) == pytest.approx(2 + 1001 / len(SECOND))
    assert read(file)[3].startswith(2 * SECOND)


def test_a_file_with_other_chunks_before_its_sound_does_too(tmp_path: Path) -> None:
    file = tmp_path / "a.wav"
    form = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, 1, 48_000, 96_000, 2, 16)
    filler = struct.pack("<4sI", b"FLLR", 101) + bytes(102)
    file.write_bytes(
        struct.pack("<4sI4s", b"RIFF", 0, b"WAVE") + form + filler + struct.pack("<4sI", b"data", 0) + SECOND
    )
    assert repair(file) == pytest.approx(1 / 3)
    assert read(file) == (48_000, 1, 2, SECOND)


@pytest.mark.parametrize("content", [b"", b"RIFF", b"nothing like a recording at all", b"RIFF\0\0\0\0WAVEfmt "])
def test_what_is_no_recording_is_nothing(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.wav").write_bytes(content)
    assert repair(tmp_path / "a.wav") == 0.0
    assert (tmp_path / "a.wav").read_bytes() == content
