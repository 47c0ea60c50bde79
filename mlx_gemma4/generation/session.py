"""One live token sequence: prompts go in, tokens come out, and points on the way can be returned to.

Shapes: V vocabulary.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import mlx.core as mx
import numpy as np

from mlx_gemma4.cache.layer_caches import LayerCaches
from mlx_gemma4.cache.snapshots import CacheSnapshot
from mlx_gemma4.generation.pace import ChunkPace, largest_chunk
from mlx_gemma4.generation.prefill import chunk_bounds, fill
from mlx_gemma4.generation.sampling import Choice, Draw
from mlx_gemma4.generation.soft_tokens import Encode, check_media, encode
from mlx_gemma4.generation.steps import DecodeSteps, Form
from mlx_gemma4.generation.stop import until_stop
from mlx_gemma4.model.gemma4 import Gemma4
from mlx_gemma4.prompt.prepared import Prepared
from mlx_gemma4.protocol.errors import PromptError
from mlx_gemma4.protocol.kv_packing import KVPacking
from mlx_gemma4.protocol.requests import GREEDY, SamplingSettings

Guide: TypeAlias = Callable[[int | None], int | None]
"""Asked once before every token, with the token before it (None: the prompt): an id that must come now, or None."""


@dataclass(frozen=True, eq=False)
class Snapshot:
    """A point of a session: its tokens, of which the last may be pending, and the caches at that point."""

    token_ids: tuple[int, ...]
    pending: int | None
    caches: CacheSnapshot

    @property
    def length(self) -> int:
        """Tokens up to this point."""
        return len(self.token_ids)


class Session:
    """The tokens of one sequence and the keys and values the model keeps of them.

    `token_ids` are all tokens accepted so far: prompts (with the picture marker at soft tokens) and every id that
    `decode` has yielded. The last of them is *pending*: known, but not run through the model yet. It is the decode step
    that runs it, so that a prompt needs no pass of its own for its last token; a following prompt runs it too. Whenever
    a consumer stops, in prefill or in decode, another turn can follow right after `token_ids`.
    """

    def __init__(
        self,
        model: Gemma4,
        *,
        form: Form | None = None,
        chunk: int | ChunkPace | None = None,
        steps: DecodeSteps | None = None,
        encode: Encode = encode,
        packing: KVPacking | None = None,
    ) -> None:
        """An empty sequence.

        Args:
            model: with its weights.
            form: how decode steps run; None for what suits the backend.
            chunk: most tokens of one prefill pass, unless a single picture has more; None for what suits the backend; a
                pace lets it follow the speed.
            steps: compiled steps to share, of another session over the same model.
            encode: runs media through the towers, or knows already what comes out.
            packing: of global layers' keys and values; None keeps them as they are.

        Raises:
            PrismError: this model's keys and values cannot be packed.
        """
        self.model = model
        self.pace = chunk if isinstance(chunk, ChunkPace) else ChunkPace(chunk or largest_chunk())
        self.steps = steps or DecodeSteps(model, form)
        self.encode = encode
        self.packing = packing
        self.caches = LayerCaches(model.text, packing)
        self._token_ids: list[int] = []
        self._pending: int | None = None

    @property
    def length(self) -> int:
        """Tokens accepted so far, the pending one included."""
        return len(self._token_ids)

    @property
    def token_ids(self) -> tuple[int, ...]:
        """The tokens accepted so far."""
        return tuple(self._token_ids)

    def prefill(self, prepared: Prepared, ends: Sequence[int] = ()) -> Iterator[tuple[int, int]]:
        """Append a prompt, chunk by chunk; yields (tokens done, tokens in all) after each.

        Closing the iterator early leaves a session that ends after the last finished chunk.

        Args:
            prepared: the prompt.
            ends: counts of its tokens after which a chunk ends, so that a snapshot can be taken there.

        Raises:
            PromptError: placeholders, soft tokens and patches do not match, or the prompt is empty or ends in a
                picture. Nothing has been appended then.
        """
        if len(prepared.token_ids) == 0:
            raise PromptError("The prompt is empty.", code="prompt.empty")
        spans = check_media(self.model, prepared.token_ids, prepared.media)
        return self._prefill(prepared, spans, ends)

    def decode(
        self, sampling: SamplingSettings, stop_ids: frozenset[int], max_tokens: int, guide: Guide | None = None
    ) -> Iterator[int]:
        """Continue the sequence: yields ids up to a stop id (which is yielded too) or `max_tokens`.

        The next token is already being computed while one is yielded. Every id yielded is part of the sequence, those
        that `guide` asks for among them.

        Raises:
            PromptError: there is no token to continue from.
        """
        self.require_pending()
        draw = Draw.of(sampling, self.model.config.text.vocab_size)
        return until_stop(self.decode_on(Choice.of(sampling), draw, max_tokens, guide), stop_ids)

    def decode_on(
        self, choice: Choice, draw: Draw, max_tokens: int, guide: Guide | None = None
    ) -> Generator[int, None, Draw]:
        """As `decode`, without an end but `max_tokens`; returns the draw for what follows."""
        step = self.steps.of(choice)
        token = mx.array(self.require_pending(), dtype=mx.uint32)
        offset = mx.array(self.length - 1, dtype=mx.int32)
        ahead: mx.array | None = None
        for count in range(max_tokens + 1):
            if count < max_tokens:
                rows = self.length - 1 + (ahead is not None)
                self.caches.reserve(rows + 1)
                result = step(token, offset, draw, self.caches.arrays(), rows)
                self.caches.replace(result.arrays)
                token, offset, draw = result.chosen, result.offset, result.draw
                del result
                mx.async_eval(token)
            token_id = None
            if ahead is not None:
                token_id = int(ahead)
                self._append(token_id)
                yield token_id
            # `token` follows `token_id` and has not been run yet, so another one in its place leaves no wrong row
            wanted = guide(token_id) if guide else None
            ahead = token = token if wanted is None else mx.array(wanted, dtype=token.dtype)
        return draw

    def next_logits(self) -> mx.array:
        """Run the pending token and return the logits after it, float32 [V]; `accept` then says which token follows.

        Raises:
            PromptError: there is no token to continue from.
        """
        token = mx.array(self.require_pending(), dtype=mx.uint32)
        rows = self.length - 1
        self.caches.reserve(rows + 1)
        draw = Draw.of(GREEDY, self.model.config.text.vocab_size)
        offset = mx.array(rows, dtype=mx.int32)
        step = self.steps.of(Choice.LOGITS)(token, offset, draw, self.caches.arrays(), rows)
        self.caches.replace(step.arrays)
        mx.eval(step.chosen)
        return step.chosen

    def accept(self, token_id: int) -> None:
        """Append a token that was chosen from `next_logits`; it is pending then."""
        self.require_pending()
        self._append(token_id)

    def require_pending(self) -> int:
        """The last token, which has not been run yet.

        Raises:
            PromptError: there is none.
        """
        if self._pending is None:
            raise PromptError("There is no prompt to continue from.", code="prompt.empty")
        return self._pending

    def snapshot(self) -> Snapshot:
        """This point of the sequence, at the cost of a copy of the sliding windows."""
        return Snapshot(self.token_ids, self._pending, self.caches.snapshot())

    def retire(self) -> Snapshot:
        """This point of the sequence, at no cost; the session must not be used afterwards."""
        return Snapshot(self.token_ids, self._pending, self.caches.retire())

    def restore(self, snapshot: Snapshot) -> None:
        """Go back to a snapshot. In its own branch longer snapshots end; a snapshot of another is copied.

        Raises:
            PrismError: the snapshot has ended, because its branch went back to before it.
        """
        if snapshot.caches.branch is self.caches:
            self.caches.rewind(snapshot.caches)
        else:
            self.caches = snapshot.caches.branch.branch_off(snapshot.caches)
        self._token_ids, self._pending = list(snapshot.token_ids), snapshot.pending

    def fork(self, snapshot: Snapshot) -> Session:
        """Another session that starts at a snapshot, with rows of its own (copied once) and the same compiled steps.

        Raises:
            PrismError: the snapshot has ended, because its branch went back to before it.
        """
        session = self.fresh()
        session.restore(snapshot)
        return session

    def take_over(self, snapshot: Snapshot) -> Session:
        """Another session that goes on in the snapshot's own branch, without a copy of its rows.

        Longer snapshots of the branch end, and the session that made it must not be used afterwards.

        Raises:
            PrismError: the snapshot has ended, because its branch went back to before it.
        """
        session = self.fresh()
        session.caches = snapshot.caches.branch
        session.restore(snapshot)
        return session

    def fresh(self) -> Session:
        """An empty session over the same model and compiled steps."""
        return Session(self.model, chunk=self.pace, steps=self.steps, encode=self.encode, packing=self.packing)

    def _prefill(self, prepared: Prepared, spans: list[range], ends: Sequence[int]) -> Iterator[tuple[int, int]]:
        carried = [] if self._pending is None else [self._pending]
        shift, total = len(carried), len(prepared.token_ids)
        token_ids = np.concatenate([np.array(carried, dtype=np.int32), prepared.token_ids.astype(np.int32)])
        blocks = [range(span.start + shift, span.stop + shift) for span in spans]
        ends = [end + shift for end in ends]
        rows, heads = self.caches.length, self.model.config.text.query_heads
        for start, stop in chunk_bounds(len(token_ids) - 1, self.pace, blocks, ends, earlier=rows, query_heads=heads):
            started = time.perf_counter()
            soft = [
                self.encode(self.model, item, block.start - start)
                for item, block in zip(prepared.media, blocks, strict=True)
                if start <= block.start < stop
            ]
            fill(self.model, self.caches, token_ids[start:stop], soft)
            if not soft:  # a tower's time says nothing about the next chunk's
                self.pace.took(stop - start, time.perf_counter() - started)
            self._token_ids += token_ids[max(start, shift) : stop].tolist()
            self._pending = None
            if stop < len(token_ids) - 1:
                yield stop - shift, total
        self._append(int(token_ids[-1]))
        yield total, total

    def _append(self, token_id: int) -> None:
        """Accept a token; the pending one before it has its row now."""
        self._token_ids.append(token_id)
        self._pending = token_id
        self.caches.set_length(self.length - 1)
