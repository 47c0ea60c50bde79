"""A folder for the pictures that the engine makes for the app; what crashed engines left behind goes, too."""

from __future__ import annotations

import itertools
import os
import re
import shutil
import tempfile
from pathlib import Path

_NAME = re.compile(r"prism-engine-(\d+)-.+")


class TemporaryFolder:
    """Belongs to the app that started this process: until that has ended, no engine removes it unless asked to.

    Attributes:
        path: of the folder.
    """

    def __init__(self) -> None:
        """Make it, and remove those of apps that are gone."""
        self.path = Path(tempfile.mkdtemp(prefix=f"prism-engine-{os.getppid()}-"))
        for folder in self.path.parent.iterdir():
            name = _NAME.fullmatch(folder.name)
            if name and not _is_alive(int(name[1])):
                shutil.rmtree(folder, ignore_errors=True)

    def remove(self) -> None:
        """Remove it with all that is in it."""
        shutil.rmtree(self.path, ignore_errors=True)


def unused_file(folder: Path, suffix: str) -> Path:
    """A new empty file of ours: several processes share the folder."""
    for number in itertools.count(1):
        file = folder / f"{number}{suffix}"
        try:
            file.touch(exist_ok=False)
        except FileExistsError:
            continue
        return file
    raise AssertionError


def _is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError):
        return True
    return True
