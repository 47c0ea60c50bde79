"""A path that somebody gave: is it a file that can be read at all?"""

from __future__ import annotations

import os
import re
from pathlib import Path

from mlx_gemma4.protocol.errors import MediaError

_WEB_ADDRESS = re.compile(r"[a-z][a-z0-9+.-]+://|data:", re.IGNORECASE)


def existing_file(path: str | os.PathLike[str]) -> Path:
    """The path, if it is a regular file with something in it.

    Raises:
        MediaError: it is a web address, missing, a folder, a device or pipe, empty, or not readable by this user.
    """
    name = os.fspath(path)
    if _WEB_ADDRESS.match(name):
        raise MediaError(
            f"{_shorten(name)} is a web address, and nothing is ever fetched from the network.",
            "Save the file on this computer and give its path.",
            code="media.web_address",
        )
    file = Path(name).expanduser()
    try:
        size = file.stat().st_size
    except (FileNotFoundError, NotADirectoryError):
        raise MediaError(f"There is no file {name}.", "Check the path.", code="media.missing") from None
    except (OSError, ValueError) as error:  # no permission on a folder above, a name too long, a NUL in the name
        raise MediaError(f"{_shorten(name)} cannot be opened: {error}.", code="media.unreadable") from error
    if file.is_dir():
        raise MediaError(f"{name} is a folder.", "Give the files in it instead.", code="media.folder")
    if not file.is_file():
        raise MediaError(f"{name} is not a regular file.", code="media.unreadable")
    if size == 0:
        raise MediaError(f"{name} is empty (0 bytes).", "Save or download it again.", code="media.empty")
    if not os.access(file, os.R_OK):
        raise MediaError(f"You have no permission to read {name}.", code="media.unreadable")
    return file


def _shorten(name: str) -> str:
    return name if len(name) <= 100 else name[:97] + "…"
