"""All conversations that are kept, and what is searched for in them."""

from __future__ import annotations

from dataclasses import dataclass

from app.state.observable import Observable, Property


@dataclass(frozen=True)
class Entry:
    """A conversation in the list.

    Attributes:
        kind: of what it is about: `picture`, `clip`, `sound`, `document`, `page` or `words`.
        created: seconds since 1970.
        changed: when a question or answer was last added, likewise.
    """

    key: int
    title: str
    kind: str
    created: float
    changed: float
    pinned: bool = False


@dataclass(frozen=True)
class Hit:
    """Something found.

    Attributes:
        turn: key of the turn whose words it is in; None for a title.
        snippet: the words around it; what was found stands between the characters 2 and 3.
    """

    entry: Entry
    turn: int | None
    snippet: str


class Library(Observable):
    """The list of conversations.

    Attributes:
        entries: those changed last first.
        current: key of the one on the screen; None for one that has no question yet.
        opening: key of the one that is being read from the disk.
        is_shown: whether the list is on the screen.
        is_kept: whether conversations are kept at all.
    """

    entries = Property[tuple[Entry, ...]](())
    current = Property[int | None](None)
    opening = Property[int | None](None)
    is_shown = Property(True)
    is_kept = Property(False)

    def entry(self, key: int | None) -> Entry | None:
        """The entry of this conversation, if there is one."""
        return next((entry for entry in self.entries if entry.key == key), None)

    def put(self, entry: Entry) -> None:
        """A new or changed entry; takes the place that its moment of change gives it."""
        others = [other for other in self.entries if other.key != entry.key]
        self.entries = tuple(sorted([entry, *others], key=lambda each: each.changed, reverse=True))

    def remove(self, key: int) -> None:
        """Take an entry out."""
        self.entries = tuple(entry for entry in self.entries if entry.key != key)


class Search(Observable):
    """The search panel.

    Attributes:
        is_open: whether it is on the screen.
        words: what is looked for.
        hits: what was found for the words before, until those of `found_for` are there.
        found_for: the words that `hits` belong to.
    """

    is_open = Property(False)
    words = Property("")
    hits = Property[tuple[Hit, ...]](())
    found_for = Property("")
