"""What somebody holds over the window, lets go of, or pastes: which of it are pictures, and what will happen."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice

from app.intake.file_kinds import FileKind, kind_of, refusal
from app.state.attachments import MOST_PICTURES

_MOST_LOOKED_AT = 200  # while the pointer moves; a whole disk of files must not make it stutter


@dataclass(frozen=True)
class Offer:
    """Files, sorted.

    Attributes:
        pictures: those that can be asked about.
        refusals: a sentence for each of the others.
        unseen: how many more there were than are looked at.
    """

    pictures: tuple[str, ...] = ()
    refusals: tuple[str, ...] = ()
    unseen: int = 0

    def is_welcome(self, room: int) -> bool:
        """Whether letting go would attach something."""
        return bool(self.pictures) and room > 0

    def promise(self, room: int) -> str:
        """One line: what will happen on letting go, with room for so many pictures."""
        count = len(self.pictures) + self.unseen
        if not self.pictures:
            return self.refusals[0] if self.refusals else "Prism can't use this: drop a picture"
        if room <= 0:
            return "This question has all the pictures it can take: send it first"
        if count > room:
            return f"Ask about the first {room} of these {count} pictures".replace("first 1 of", "first of")
        text = "Ask about this picture" if count == 1 else f"Ask about these {count} pictures"
        others = len(self.refusals)
        return f"{text}, without {others} other file{'s' if others > 1 else ''}" if others else text

    def remarks(self, room: int) -> str:
        """What has to be said once the pictures there is room for are attached; empty if all went as expected."""
        count = len(self.pictures) + self.unseen
        if self.pictures and count > room:
            if room <= 0:
                return "This question has all the pictures it can take. Send it, or take one out."
            if room == 1:
                return f"There is room for one more picture: the first of {count} was added."
            return f"A question takes {MOST_PICTURES} pictures: the first {room} of {count} were added."
        if len(self.refusals) == 1:
            return f"{self.refusals[0]}."
        if self.refusals:
            return f"{len(self.refusals)} files were left out. {self.refusals[0]}."
        return ""


LINK = Offer(refusals=("Prism doesn't open links: save the picture and drop the file",))


def sort_files(paths: Iterable[str]) -> Offer:
    """Look at files, at the first 200 of them at most."""
    waiting = iter(paths)
    pictures: list[str] = []
    refusals: list[str] = []
    for path in islice(waiting, _MOST_LOOKED_AT):
        kind = kind_of(path)
        if kind is FileKind.PICTURE:
            pictures.append(path)
        else:
            refusals.append(refusal(path, kind))
    return Offer(tuple(dict.fromkeys(pictures)), tuple(refusals), sum(1 for _ in waiting))
