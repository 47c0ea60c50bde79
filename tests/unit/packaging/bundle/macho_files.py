"""Mach-O files of a few dozen bytes, written by hand: headers and load commands, no code."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from pathlib import Path

ARM64, X86_64 = 0x0100000C, 0x01000007
_LIBRARY = 6
_LOAD_LIBRARY, _SEARCH_PATH, _BUILD_VERSION = 0xC, 0x8000001C, 0x32


def thin_macho(
    loads: Sequence[str] = (),
    search_paths: Sequence[str] = (),
    oldest: tuple[int, int] | None = (14, 0),
    processor: int = ARM64,
) -> bytes:
    """One slice."""
    commands = [_named(_LOAD_LIBRARY, 24, name, 2, 0, 0) for name in loads]
    commands += [_named(_SEARCH_PATH, 12, path) for path in search_paths]
    if oldest is not None:
        packed = oldest[0] << 16 | oldest[1] << 8
        commands.append(struct.pack("<IIIIII", _BUILD_VERSION, 24, 1, packed, packed, 0))
    body = b"".join(commands)
    return struct.pack("<IIIIIIII", 0xFEEDFACF, processor, 0, _LIBRARY, len(commands), len(body), 0, 0) + body


def fat_macho(*slices: tuple[int, bytes]) -> bytes:
    """Slices for several processors in one file."""
    at = 4096
    heads, bodies = b"", b""
    for processor, data in slices:
        heads += struct.pack(">IIIII", processor, 0, at, len(data), 12)
        padded = data + bytes(-len(data) % 4096)
        bodies += padded
        at += len(padded)
    head = struct.pack(">II", 0xCAFEBABE, len(slices)) + heads
    return head + bytes(4096 - len(head)) + bodies


def write(file: Path, data: bytes) -> Path:
    """Write a file and the folders that it needs."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(data)
    return file


def _named(command: int, at: int, name: str, *numbers: int) -> bytes:
    """A command that ends with a name; `at` is where the name begins."""
    text = name.encode() + b"\0"
    text += bytes(-(at + len(text)) % 8)
    head = struct.pack("<III", command, at + len(text), at)
    return head + b"".join(struct.pack("<I", number) for number in numbers) + text
