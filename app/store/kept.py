"""Everything that Prism keeps in its folder, by name: for the privacy page, and for deleting all of it."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from app.words import tr


@dataclass(frozen=True)
class Kept:
    """One kind of thing; `patterns` are names in the folder."""

    title: str
    patterns: tuple[str, ...]


KEPT = (
    Kept(tr("Conversations"), ("conversations*",)),
    Kept(tr("Pictures, recordings and documents of your questions"), ("files",)),
    Kept(tr("Recordings that were not sent or kept"), ("recordings",)),
    Kept(tr("Downloaded models"), ("models",)),
    Kept(
        tr("Presets, and addresses of servers (their keys are in the system's safe)"),
        ("presets.json*", "servers.json*"),
    ),
    Kept(tr("The question being written, and its files"), ("window.json*", "draft")),
    Kept(
        tr("Settings, and what Prism knows about this computer's speed"),
        ("preferences.json*", "model.json*", "drafters.json*", "timings.json*", "*.new"),
    ),
    Kept(tr("The list of contacted addresses"), ("contacts.json",)),
)


def size_of(kept: Kept, folder: Path) -> int:
    """Bytes on the disk."""
    return sum(
        file.lstat().st_size
        for pattern in kept.patterns
        for found in folder.glob(pattern)
        for file in (found.rglob("*") if found.is_dir() and not found.is_symlink() else (found,))
        if file.is_file() or file.is_symlink()
    )


def delete_everything(folder: Path) -> list[Path]:
    """Remove all of it, and nothing else that may be in the folder; returns what could not be removed."""
    left: list[Path] = []
    for kept in KEPT:
        for pattern in kept.patterns:
            for found in sorted(folder.glob(pattern)):
                try:
                    if found.is_dir() and not found.is_symlink():
                        shutil.rmtree(found)
                    else:
                        found.unlink(missing_ok=True)
                except OSError:
                    left.append(found)
    return left
