"""Writes the icon as a Mac's .icns file, each size drawn for itself."""

from __future__ import annotations

import struct
import sys
from pathlib import Path

from PySide6.QtCore import QBuffer, QByteArray, QIODevice  # noqa: TID251

sys.path.insert(0, str(Path(__file__).parent))
from draw_icon import draw

SIDES = {b"ic11": 32, b"ic12": 64, b"ic07": 128, b"ic13": 256, b"ic08": 256, b"ic14": 512, b"ic09": 512, b"ic10": 1024}
"""What Finder and Dock ask for: the kind of an entry → pixels; 32 and 64 are 16 and 32 points on a sharp screen."""


def main() -> int:
    """Draw and write to the file that is named; returns the exit code."""
    Path(sys.argv[1]).write_bytes(icns())
    return 0


def icns() -> bytes:
    """The whole file."""
    drawn = {side: _png(side) for side in sorted(set(SIDES.values()))}
    entries = b"".join(kind + struct.pack(">I", len(drawn[side]) + 8) + drawn[side] for kind, side in SIDES.items())
    return b"icns" + struct.pack(">I", len(entries) + 8) + entries


def _png(side: int) -> bytes:
    data = QByteArray()
    buffer = QBuffer(data)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    draw(side).save(buffer, "PNG")  # type: ignore[call-overload]  # PySide's stubs know no QIODevice here
    return bytes(data.data())


if __name__ == "__main__":
    sys.exit(main())
