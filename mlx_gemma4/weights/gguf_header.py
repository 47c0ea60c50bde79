"""Reads the descriptive numbers and names at the beginning of a GGUF file, enough to say which model it is.

Format: "GGUF", version, number of tensors, number of pairs, then the pairs: key, type of value, value
(https://github.com/ggml-org/ggml/blob/master/docs/gguf.md). Files are little-endian, and lists such as the vocabulary
come after what describes the model, so reading stops at the first list.
"""

from __future__ import annotations

import struct
from pathlib import Path
from typing import BinaryIO

MAGIC = b"GGUF"
_LIST = 9
_TEXT = 8
_NUMBERS = {0: "<B", 1: "<b", 2: "<H", 3: "<h", 4: "<I", 5: "<i", 6: "<f", 7: "<?", 10: "<Q", 11: "<q", 12: "<d"}
_LONGEST_TEXT = 1 << 16
_MOST_PAIRS = 256


def read_description(file: Path) -> dict[str, str | int | float | bool]:
    """What a GGUF file says about its model before its first list; empty if it is no GGUF file or is damaged there."""
    found: dict[str, str | int | float | bool] = {}
    try:
        with file.open("rb") as stream:
            if stream.read(4) != MAGIC:
                return found
            _, _, pairs = struct.unpack("<IQQ", stream.read(20))
            for _ in range(min(pairs, _MOST_PAIRS)):
                key = _read_text(stream)
                kind = _read_number(stream, "<I")
                if kind == _LIST:
                    break
                found[key] = _read_text(stream) if kind == _TEXT else _read_number(stream, _NUMBERS[int(kind)])
    except (OSError, struct.error, KeyError, ValueError):
        pass  # what was read so far may still do; the file is refused anyway
    return found


def _read_number(stream: BinaryIO, form: str) -> int | float | bool:
    return struct.unpack(form, stream.read(struct.calcsize(form)))[0]


def _read_text(stream: BinaryIO) -> str:
    length = int(_read_number(stream, "<Q"))
    if length > _LONGEST_TEXT:
        raise ValueError(length)
    return stream.read(length).decode("utf-8", errors="replace")
