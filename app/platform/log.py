"""The log: what Prism, its engine and their libraries complain about, in two files that never grow large."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

VARIABLE = "PRISM_LOG"
"""Names a folder to keep the log in, where it would not be kept by itself."""
LOG, EARLIER_LOG = "prism.log", "prism.1.log"
_LONGEST = 1_000_000


def log_folder() -> Path:
    """Where the log is kept: where the system's own log viewer looks on a Mac."""
    if named := os.environ.get(VARIABLE):
        return Path(named)
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Logs" / "Prism"
    return Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state") / "prism"


def wants_log() -> bool:
    """Whether nobody would see complaints: in an app that was double-clicked, or if the environment asks for it."""
    in_bundle = Path(sys.executable).parent.name == "MacOS"
    return bool(os.environ.get(VARIABLE)) or (in_bundle and not os.isatty(2))


def keep_log(folder: Path) -> Path | None:
    """From now on, whatever this process and its children write to where errors go is kept in the folder.

    Returns the file; None if there can be none, for then complaints stay where they are.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        file = folder / LOG
        if file.exists() and file.stat().st_size > _LONGEST:
            file.replace(folder / EARLIER_LOG)
        target = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    except OSError as error:
        print(f"There is no log: {error}.", file=sys.stderr)
        return None
    os.dup2(target, 2)
    os.close(target)
    os.environ["QT_FORCE_STDERR_LOGGING"] = "1"  # Qt would tell the system's log instead
    return file


def note(text: str, write: Callable[[str], object] = sys.stderr.write) -> None:
    """Write a line with the time into the log."""
    write(f"{time.strftime('%Y-%m-%d %H:%M:%S')} {text}\n")
