"""What somebody holds over the window, lets go of, or pastes: which of it can be used, and what will happen."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice

from app.intake.file_kinds import ALL_SENSES, FileKind, Senses, kind_of, refusal
from app.state.attachments import MOST_FILES

_MOST_LOOKED_AT = 200  # while the pointer moves; a whole disk of files must not make it stutter


@dataclass(frozen=True)
class Offer:
    """Files, sorted.

    Attributes:
        files: those that can be asked about.
        refusals: a sentence for each of the others.
        unseen: how many more there were than are looked at.
        noun: what those that can be asked about are.
    """

    files: tuple[str, ...] = ()
    refusals: tuple[str, ...] = ()
    unseen: int = 0
    noun: str = "picture"

    def is_welcome(self, room: int) -> bool:
        """Whether letting go would attach something."""
        return bool(self.files) and room > 0

    def promise(self, room: int) -> str:
        """One line: what will happen on letting go, with room for so many files."""
        count = len(self.files) + self.unseen
        if not self.files:
            return self.refusals[0] if self.refusals else "Prism can't use this: drop a picture"
        if room <= 0:
            return f"This question has all the {self.noun}s it can take: send it first"
        if count > room:
            return f"Ask about the first {room} of these {count} {self.noun}s".replace("first 1 of", "first of")
        text = f"Ask about this {self.noun}" if count == 1 else f"Ask about these {count} {self.noun}s"
        others = len(self.refusals)
        return f"{text}, without {others} other file{'s' if others > 1 else ''}" if others else text

    def remarks(self, room: int) -> str:
        """What has to be said once the files there is room for are attached; empty if all went as expected."""
        count = len(self.files) + self.unseen
        if self.files and count > room:
            if room <= 0:
                return f"This question has all the {self.noun}s it can take. Send it, or take one out."
            if room == 1:
                return f"There is room for one more {self.noun}: the first of {count} was added."
            return f"A question takes {MOST_FILES} {self.noun}s: the first {room} of {count} were added."
        if len(self.refusals) == 1:
            return f"{self.refusals[0]}."
        if self.refusals:
            return f"{len(self.refusals)} files were left out. {self.refusals[0]}."
        return ""


LINK = Offer(refusals=("Prism doesn't open links: save the picture and drop the file",))


_NOUNS = {
    FileKind.PICTURE: "picture",
    FileKind.SOUND: "recording",
    FileKind.CLIP: "clip",
    FileKind.DOCUMENT: "document",
}


def sort_files(paths: Iterable[str], senses: Senses = ALL_SENSES) -> Offer:
    """Look at files, at the first 200 of them at most."""
    waiting = iter(paths)
    files: list[str] = []
    refusals: list[str] = []
    kinds: set[FileKind] = set()
    for path in islice(waiting, _MOST_LOOKED_AT):
        kind = kind_of(path)
        if senses.takes(kind):
            files.append(path)
            kinds.add(kind)
        else:
            refusals.append(refusal(path, kind))
    noun = _NOUNS[kinds.pop()] if len(kinds) == 1 else "file" if kinds else "picture"
    return Offer(tuple(dict.fromkeys(files)), tuple(refusals), sum(1 for _ in waiting), noun)
