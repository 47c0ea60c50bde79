"""Reads a prompt from where an earlier one with the same beginning was read, and leaves snapshots for later ones."""

from __future__ import annotations

import dataclasses
from collections.abc import Generator, Iterator
from contextlib import contextmanager

import numpy as np

from mlx_gemma4.engine.memory import CacheSizes
from mlx_gemma4.engine.prompt_identity import Identity, TurnMarkers, blocks_of, identify, points_to_keep
from mlx_gemma4.engine.snapshot_store import SnapshotStore
from mlx_gemma4.generation.session import Session
from mlx_gemma4.prompt.prepared import Prepared


class Reading:
    """A prompt that is being read and then answered.

    Attributes:
        session: holds what has been read; `prefill` reads the rest, after which it can decode.
        reused: tokens of the prompt that need not be read again.
        calls_tool: to be set where the model has called a tool, so that its thought stays in the next prompt.
    """

    def __init__(
        self, session: Session, prepared: Prepared, identity: Identity, store: SnapshotStore, markers: TurnMarkers
    ) -> None:
        self.session = session
        self.reused = session.length
        self.calls_tool = False
        self._prepared = prepared
        self._store = store
        self._markers = markers
        self._identity = identity

    def prefill(self) -> Iterator[tuple[int, int]]:
        """Read what is left of the prompt; yields (tokens done, tokens in all), first of all those reused.

        Raises:
            PromptError: as `Session.prefill`.
        """
        total, reused = len(self._identity), self.reused
        if reused:
            yield reused, total
        if reused == total:
            return
        points = points_to_keep(self._identity, blocks_of(self._prepared), self._markers, reused)
        rest = rest_of(self._prepared, reused)
        for done, _ in self.session.prefill(rest, [point - reused for point in points if point < total]):
            if reused + done in points:
                self._store.add(self._identity[: reused + done], self.session.snapshot())
            yield reused + done, total

    def leave(self) -> None:
        """Keep the end, unless the next prompt cannot begin with it; the session is over."""
        read, end = len(self._identity), self.session.length
        snapshot = self.session.retire()
        words = np.array(snapshot.token_ids[read:], dtype=np.int64)
        identity = np.concatenate([self._identity[:end], words])
        vanishes = end > read and not self.calls_tool and self._markers.thought(identity) is not None
        if end > self.reused and not vanishes:
            self._store.add(identity, snapshot)


class Reuse:
    """Snapshots of what one model has read, and sessions that start at them."""

    def __init__(self, blank: Session, markers: TurnMarkers, budget: int) -> None:
        """Let sessions be like `blank`, and keep at most `budget` bytes."""
        self.store = SnapshotStore(budget)
        self._blank = blank
        self._markers = markers
        text = blank.model.text
        self._sizes = CacheSizes.of(text.config, text.dtype.size, blank.packing)

    def read_already(self, prepared: Prepared) -> int:
        """Tokens at the beginning of a prompt that a reading of it would not have to read again."""
        kept = self.store.longest(identify(prepared))
        return 0 if kept is None else len(kept.identity)

    @contextmanager
    def reading(self, prepared: Prepared) -> Generator[Reading]:
        """A reading that starts as far into the prompt as possible, and whose end is kept when it is left.

        Whenever its buffers grow, by the prompt or by the answer, room is made for that before.
        Left by an error of the device, nothing at all is kept.
        """
        identity = identify(prepared)
        session = self._session_for(identity)
        caches = session.caches
        self.store.in_use.append(caches)
        caches.growing = lambda rows: self.store.make_room(self._sizes.at_most(rows) - caches.nbytes)
        reading = Reading(session, prepared, identity, self.store, self._markers)
        sound = True
        try:
            yield reading
        except (RuntimeError, MemoryError):
            sound = False
            self.store.clear()
            raise
        finally:
            self.store.in_use.remove(caches)
            caches.growing = lambda _rows: None
            if sound:
                reading.leave()

    def _session_for(self, identity: Identity) -> Session:
        """A session at the longest snapshot: in its branch, or in one of its own where that would end others."""
        kept, coming = self.store.longest(identity), self._sizes.at_most(len(identity))
        if kept is None:
            return self._blank.fresh()
        longer, in_use = self.store.longer(kept), any(branch is kept.branch for branch in self.store.in_use)
        if in_use or (longer and coming + kept.branch.nbytes <= self.store.budget):
            self.store.make_room(coming)
            return self._blank.fork(kept.snapshot)
        self.store.drop(longer)
        return self._blank.take_over(kept.snapshot)


def rest_of(prepared: Prepared, read: int) -> Prepared:
    """A prompt without its first `read` tokens, which end in no block."""
    media = [item.moved(item.start - read) for item in prepared.media if item.start >= read]
    return dataclasses.replace(prepared, token_ids=prepared.token_ids[read:], media=tuple(media))
