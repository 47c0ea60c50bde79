"""Files written in one piece, under names that nothing has yet."""

from __future__ import annotations

import contextlib
import itertools
import os
import shutil
from collections.abc import Iterator
from pathlib import Path


@contextlib.contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """A place to write a file to, so that there is either the whole of it or what was there before.

    Links and rights are kept.

    Raises:
        OSError: it cannot be written.
    """
    path = Path(os.path.realpath(path))
    unfinished = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        unfinished.touch(exist_ok=False)
        yield unfinished
        if path.is_file():
            shutil.copymode(path, unfinished)
        unfinished.replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            unfinished.unlink()
        raise


def unused_path(path: Path) -> Path:
    """This path, or with a number behind its name where something has it already."""
    for number in itertools.count(2):
        if not os.path.lexists(path):
            return path
        path = path.with_name(f"{path.stem.removesuffix(f' {number - 1}')} {number}{path.suffix}")
    raise AssertionError
