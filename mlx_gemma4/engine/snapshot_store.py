"""Snapshots by what was read up to them; those used last stay, within a budget of bytes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mlx_gemma4.cache.layer_caches import LayerCaches
from mlx_gemma4.engine.memory import held_bytes
from mlx_gemma4.engine.prompt_identity import Identity
from mlx_gemma4.generation.session import Snapshot


@dataclass(frozen=True, eq=False)
class Kept:
    """A snapshot, and what each of its tokens really is [L]."""

    identity: Identity
    snapshot: Snapshot

    @property
    def branch(self) -> LayerCaches:
        """Where its global rows are."""
        return self.snapshot.caches.branch

    def begins(self, identity: Identity) -> bool:
        """Whether a prompt starts with all of this and goes on, or ends here with a token to decode from."""
        length = len(self.identity)
        goes_on = length < len(identity) or (length == len(identity) and self.snapshot.pending is not None)
        return goes_on and np.array_equal(self.identity, identity[:length])


class SnapshotStore:
    """At most a budget's worth of snapshots with the branches they are in; the one used last always stays.

    Attributes:
        in_use: branches that are read into or answered from now, whether or not anything of them is kept.
    """

    def __init__(self, budget: int) -> None:
        """Keep at most `budget` bytes."""
        self.budget = budget
        self.in_use: list[LayerCaches] = []
        self._kept: list[Kept] = []  # the one used last is last

    @property
    def nbytes(self) -> int:
        """Memory of all that is kept or in use; a branch counts once, however many snapshots are in it."""
        return held_bytes((kept.snapshot.caches for kept in self._kept), self.in_use)

    def __len__(self) -> int:
        """How many are kept."""
        return len(self._kept)

    def longest(self, identity: Identity) -> Kept | None:
        """The longest snapshot that a prompt begins with, which counts as used; None without one."""
        found = max((kept for kept in self._kept if kept.begins(identity)), key=lambda k: len(k.identity), default=None)
        if found is not None:
            self._kept.remove(found)
            self._kept.append(found)
        return found

    def longer(self, kept: Kept) -> list[Kept]:
        """Those that would end if the branch of `kept` went back to it."""
        length = kept.snapshot.length
        return [other for other in self._kept if other.branch is kept.branch and other.snapshot.length > length]

    def add(self, identity: Identity, snapshot: Snapshot) -> None:
        """Keep a snapshot, in place of one of the same tokens; what was not used for longest goes for it."""
        self._kept = [kept for kept in self._kept if not np.array_equal(kept.identity, identity)]
        self._kept.append(Kept(identity, snapshot))
        self.make_room(0)

    def drop(self, gone: list[Kept]) -> None:
        """Forget some."""
        self._kept = [kept for kept in self._kept if kept not in gone]

    def make_room(self, nbytes: int) -> None:
        """Forget what was not used for longest until `nbytes` more fit; the one used last stays even so."""
        while len(self._kept) > 1 and self.nbytes + nbytes > self.budget:
            del self._kept[0]

    def clear(self) -> None:
        """Forget all."""
        self._kept.clear()
