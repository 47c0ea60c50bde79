"""Finds the libraries that a Mach-O file names, as macOS does."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path


def resolve(name: str, loader: Path, search_paths: Iterable[str], program: Path | None = None) -> Path | None:
    """The file that a library's name stands for; None if there is none.

    Args:
        name: as it stands in the file, such as `@rpath/libmlx.dylib`.
        loader: the file that asks.
        search_paths: what `@rpath` stands for, in this order.
        program: the folder of the program, for `@executable_path`.
    """
    if name.startswith("@rpath/"):
        candidates = [f"{path.rstrip('/')}/{name.removeprefix('@rpath/')}" for path in search_paths]
    else:
        candidates = [name]
    for candidate in candidates:
        file = _placed(candidate, loader, program)
        if file is not None and file.is_file():
            return file
    return None


def _placed(name: str, loader: Path, program: Path | None) -> Path | None:
    for word, folder in (("@loader_path", loader.parent), ("@executable_path", program)):
        if name == word or name.startswith(f"{word}/"):
            return None if folder is None else Path(os.path.normpath(f"{folder}/{name.removeprefix(word)}"))
    return Path(name) if name.startswith("/") else None
