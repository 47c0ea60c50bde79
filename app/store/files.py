"""Files by the hash of their content, so that an original may be moved, changed or deleted."""

from __future__ import annotations

import contextlib
import ctypes
import hashlib
import os
import shutil
import sys
from pathlib import Path

FOLDER = "files"
_CLONE_ON_LINUX = 0x40049409  # FICLONE of linux/fs.h
_CURRENT_FOLDER = -2  # AT_FDCWD of macOS


def keep_file(folder: Path, original: Path) -> str:
    """Put a file's content into the folder, once for all files that are alike; returns its name in there.

    Copies share their blocks with the original where the file system can (APFS, Btrfs, XFS). A hard link would change
    along with the original, so none is made.

    Raises:
        OSError: the original cannot be read, or the folder not be written.
    """
    target = folder / FOLDER
    target.mkdir(parents=True, exist_ok=True)
    draft = target / f".{os.getpid()}-{id(original)}.part"
    try:
        _copy(original, draft)
        name = content_hash(draft) + original.suffix.lower()
        if not (target / name).exists():
            with draft.open("rb") as file:
                os.fsync(file.fileno())
            draft.replace(target / name)
        return name
    finally:
        draft.unlink(missing_ok=True)


def remove_unused(folder: Path, used: set[str]) -> None:
    """Delete the contents that nothing refers to any more."""
    target = folder / FOLDER
    if not target.is_dir():
        return
    for file in target.iterdir():
        if file.name not in used:
            with contextlib.suppress(OSError):
                file.unlink()


def content_hash(file: Path) -> str:
    """SHA-256 of what is in it, in hexadecimal digits.

    Raises:
        OSError: it cannot be read.
    """
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def _copy(original: Path, copy: Path) -> None:
    """Clone, or else copy byte by byte."""
    if sys.platform == "darwin":
        clone = ctypes.CDLL(None).clonefileat
        if clone(_CURRENT_FOLDER, os.fsencode(original), _CURRENT_FOLDER, os.fsencode(copy), 0) == 0:
            return
    elif sys.platform == "linux":
        import fcntl

        with original.open("rb") as source, copy.open("wb") as target, contextlib.suppress(OSError):
            fcntl.ioctl(target.fileno(), _CLONE_ON_LINUX, source.fileno())
            return
    shutil.copyfile(original, copy)
