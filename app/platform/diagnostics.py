"""A zip of text files that helps to find out what is wrong, and that a person can read before giving it to anybody.

No word of a conversation is in it, no picture, and no name of a file of theirs.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Mapping
from pathlib import Path

from app.platform.log import EARLIER_LOG, LOG

FIRST = "READ ME FIRST.txt"
_FIRST_TEXT = """\
What Prism knows about itself. Nobody has been sent this; whom you give it to is up to you.

Open the other files and read them first. They hold no conversation and no picture. Your home folder is written as ~,
and the names of your files as <file>. If you find something that you would rather keep, delete it.
"""
_OURS = Path(__file__).parents[2]
_FOREIGN_PATH = re.compile(r"(?:~|/Volumes|/tmp|/private|/var|/mnt|/media)/(?:[^\"'“”\n<>|]|'(?=\w))*")
_ENDING = re.compile(r"\.[A-Za-z0-9]{1,8}(?=$|[\s:,;.)])")


def write_diagnostics(target: Path, facts: Mapping[str, str], logs: Path) -> None:
    """Write the zip.

    Args:
        target: the file, which may exist.
        facts: lines of the overview.
        logs: the folder of the log.

    Raises:
        OSError: it cannot be written.
    """
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(FIRST, _FIRST_TEXT)
        archive.writestr("overview.txt", "".join(f"{name}: {without_names(fact)}\n" for name, fact in facts.items()))
        for name in (EARLIER_LOG, LOG):
            if (logs / name).is_file():
                text = (logs / name).read_text(encoding="utf-8", errors="replace")
                archive.writestr(name.replace(".log", ".log.txt"), without_names(text))


def without_names(text: str, home: Path | None = None) -> str:
    """The text without the person's name and the names of their files; where Prism itself lies may be said."""
    text = text.replace(f"{_OURS}/", "Prism:")
    text = text.replace(str(home or Path.home()), "~")
    return _FOREIGN_PATH.sub(_unnamed, text)


def _unnamed(match: re.Match[str]) -> str:
    """What kind of file it was may be said; the rest of its line goes, since names may hold anything."""
    endings = _ENDING.findall(match.group())
    return f"<file{endings[0]}>" if endings else "<file>"
