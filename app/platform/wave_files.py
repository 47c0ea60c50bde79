"""WAV files that are written while something is recorded, and those that a crash has left without their lengths."""

from __future__ import annotations

import os
import struct
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

RATE = 16_000
"""Samples a second, of one channel and 16 bits: what a model hears."""
_HEADER = 44
_FRAME = 2


class WaveFile:
    """A recording that is in the file as far as it has come, whatever happens to this process."""

    def __init__(self, file: Path) -> None:
        """Begin a file.

        Raises:
            OSError: it cannot be written.
        """
        self._file: BinaryIO = file.open("wb", buffering=0)
        self._size = 0
        self._file.write(_header(0))

    @property
    def seconds(self) -> float:
        """How long it is by now."""
        return self._size / _FRAME / RATE

    def append(self, samples: bytes) -> None:
        """More 16-bit samples.

        Raises:
            OSError: not all of them could be written; those that were count.
        """
        while samples:
            written = self._file.write(samples)  # a part of them, where the disk gets full
            self._size += written
            samples = samples[written:]

    def close(self) -> None:
        """Write how long it is; without that, where a full disk does not let it, readers go to the end of the file."""
        with suppress(OSError):
            self._file.seek(0)
            self._file.write(_header(self._size))
        self._file.close()


def repair(file: Path) -> float:
    """Write the true lengths into a file whose recorder was killed; returns how many seconds are in it.

    Raises:
        OSError: the file cannot be read or written.
    """
    with file.open("r+b") as wave:
        size = os.fstat(wave.fileno()).st_size
        place, rate, frame = 12, RATE, _FRAME
        wave.seek(0)
        if wave.read(4) != b"RIFF":
            return 0.0
        while place + 8 <= size:
            wave.seek(place)
            name, length = struct.unpack("<4sI", wave.read(8))
            if name == b"fmt " and size >= place + 24:
                _, _, rate, _, frame = struct.unpack("<HHIIH", wave.read(14))
            if name == b"data":
                samples = size - place - 8
                wave.seek(place + 4)
                wave.write(struct.pack("<I", min(samples, 0xFFFFFFFF)))
                wave.seek(4)
                wave.write(struct.pack("<I", min(size - 8, 0xFFFFFFFF)))
                return samples / max(frame, 1) / max(rate, 1)
            place += 8 + length + length % 2
    return 0.0


def _header(size: int) -> bytes:
    size = min(size, 0xFFFFFFFF - _HEADER)
    riff = struct.pack("<4sI4s4sI", b"RIFF", size + _HEADER - 8, b"WAVE", b"fmt ", 16)
    form = struct.pack("<HHIIHH", 1, 1, RATE, RATE * _FRAME, _FRAME, 8 * _FRAME)
    return riff + form + struct.pack("<4sI", b"data", size)
