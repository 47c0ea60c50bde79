"""What somebody holds over the window, lets go of, or pastes: which of it can be used, and what will happen."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice

from app.intake.file_kinds import ALL_SENSES, FileKind, Senses, kind_of, refusal
from app.state.attachments import MOST_FILES
from app.words import number, tr, trn

_MOST_LOOKED_AT = 200  # while the pointer moves; a whole disk of files must not make it stutter


@dataclass(frozen=True)
class Offer:
    """Files, sorted.

    Attributes:
        files: those that can be asked about.
        refusals: a sentence for each of the others.
        unseen: how many more there were than are looked at.
        kinds: of those that can be asked about.
    """

    files: tuple[str, ...] = ()
    refusals: tuple[str, ...] = ()
    unseen: int = 0
    kinds: frozenset[FileKind] = frozenset((FileKind.PICTURE,))

    @property
    def noun(self) -> str:
        """What one of those that can be asked about is."""
        return _nouns(self.kinds)[0]

    @property
    def nouns(self) -> str:
        """What they are."""
        return _nouns(self.kinds)[1]

    @property
    def glyph(self) -> str:
        """The icon of what they are."""
        return next(iter(self.kinds)).value if len(self.kinds) == 1 else FileKind.DOCUMENT.value

    def is_welcome(self, room: int) -> bool:
        """Whether letting go would attach something."""
        return bool(self.files) and room > 0

    def promise(self, room: int) -> str:
        """One line: what will happen on letting go, with room for so many files."""
        count = len(self.files) + self.unseen
        if not self.files:
            return (
                self.refusals[0]
                if self.refusals
                else tr("Prism can't use this: drop a picture, clip, recording or document")
            )
        if room <= 0:
            return tr("This question has all the {nouns} it can take: send it first", nouns=self.nouns)
        if count > room:
            return trn(
                "Ask about the first of these {count} {nouns}",
                "Ask about the first {n} of these {count} {nouns}",
                room,
                count=number(count),
                nouns=self.nouns,
            )
        text = trn("Ask about this {noun}", "Ask about these {n} {nouns}", count, noun=self.noun, nouns=self.nouns)
        if self.kinds == {FileKind.SOUND}:
            text = trn("Ask about this recording, or have it written down",
                       "Ask about these {n} recordings, or have them written down", count)  # fmt: skip
        others = len(self.refusals)
        if not others:
            return text
        return trn("{promise}, without {n} other file", "{promise}, without {n} other files", others, promise=text)

    def remarks(self, room: int) -> str:
        """What has to be said once the files there is room for are attached; empty if all went as expected."""
        count = len(self.files) + self.unseen
        if self.files and count > room:
            if room <= 0:
                return tr("This question has all the {nouns} it can take. Send it, or take one out.", nouns=self.nouns)
            if room == 1:
                return tr(
                    "There is room for one more {noun}: the first of {count} was added.", noun=self.noun, count=count
                )
            return tr(
                "A question takes {most} {nouns}: the first {room} of {count} were added.",
                most=MOST_FILES,
                nouns=self.nouns,
                room=room,
                count=count,
            )
        if len(self.refusals) == 1:
            return f"{self.refusals[0]}."
        if self.refusals:
            return trn(
                "{n} file was left out. {why}.",
                "{n} files were left out. {why}.",
                len(self.refusals),
                why=self.refusals[0],
            )
        return ""


LINK = Offer(refusals=(tr("Prism doesn't open links: save what is there and drop the file"),))


_NOUNS = {
    FileKind.PICTURE: (tr("picture"), tr("pictures")),
    FileKind.SOUND: (tr("recording"), tr("recordings")),
    FileKind.CLIP: (tr("clip"), tr("clips")),
    FileKind.DOCUMENT: (tr("document"), tr("documents")),
}


def _nouns(kinds: frozenset[FileKind]) -> tuple[str, str]:
    return _NOUNS[next(iter(kinds))] if len(kinds) == 1 else (tr("file"), tr("files"))


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
    shown = frozenset(kinds) or Offer.kinds
    return Offer(tuple(dict.fromkeys(files)), tuple(refusals), sum(1 for _ in waiting), shown)
