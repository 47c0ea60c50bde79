"""Decoding by guesses that the model checks several at a time: the same tokens, in fewer runs through the model.

Speculative decoding (Leviathan et al., arXiv 2211.17192) in its exact form for guesses without probabilities: every
token is the model's own choice, drawn with the key that plain decoding would draw it with, and a guess only decides
whether the next token needs another run. So answers are those of `Session.decode`, at any temperature, up to rounding.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass, field

import mlx.core as mx
import numpy as np

from mlx_gemma4.generation.block_step import Block
from mlx_gemma4.generation.draft_length import DraftLength
from mlx_gemma4.generation.drafting import Guesser
from mlx_gemma4.generation.sampling import Choice, Draw
from mlx_gemma4.generation.session import Guide, Session
from mlx_gemma4.generation.stop import until_stop
from mlx_gemma4.protocol.requests import SamplingSettings


@dataclass
class Speculation:
    """How a model's answers are guessed ahead, and how that went.

    Attributes:
        guesser: says what may come.
        length: how far ahead; learns from every round.
        fixed_length: guess always so many; None for what pays.
        runs: runs through the model so far.
        tokens: tokens that came of them.
        guessed: tokens guessed so far.
        right: of them, those that came.
    """

    guesser: Guesser
    length: DraftLength = field(default_factory=DraftLength)
    fixed_length: int | None = None
    runs: int = 0
    tokens: int = 0
    guessed: int = 0
    right: int = 0


def speculate(
    session: Session,
    speculation: Speculation,
    sampling: SamplingSettings,
    stop_ids: frozenset[int],
    max_tokens: int,
    guide: Guide | None = None,
    clock: Callable[[], float] = time.perf_counter,
) -> Iterator[int]:
    """Continue a session as `Session.decode` does; each id yielded is part of the sequence, and no other.

    Raises:
        PromptError: there is no token to continue from.
    """
    session.require_pending()
    return until_stop(_rounds(session, speculation, sampling, max_tokens, _Guided(guide), clock), stop_ids)


class _Guided:
    """A guide that can be asked by whoever decodes, and remembers what it has said last."""

    def __init__(self, guide: Guide | None) -> None:
        self._guide = guide
        self.wanted = guide(None) if guide else None

    def ask(self, token_id: int | None) -> int | None:
        """As a `Guide`; the first question has been asked already."""
        if token_id is not None:
            self.wanted = self._guide(token_id) if self._guide else None
        return self.wanted


def _rounds(
    session: Session,
    speculation: Speculation,
    sampling: SamplingSettings,
    max_tokens: int,
    guided: _Guided,
    clock: Callable[[], float],
) -> Iterator[int]:
    choice = Choice.of(sampling)
    draw = Draw.of(sampling, session.model.config.text.vocab_size)
    hidden_1D: mx.array | None = None
    left = max_tokens
    while left > 0:
        wanted = speculation.length.next() if speculation.fixed_length is None else speculation.fixed_length
        if wanted == 0:
            count = min(speculation.length.pause(), left)
            draw = yield from _plain(session, speculation, choice, draw, count, guided, clock)
            hidden_1D, left = None, left - count
            continue
        # What comes first is known, or no state is at hand from which to guess: a block of the pending token alone.
        known = hidden_1D is None or guided.wanted is not None
        count = 0 if known else session.caches.rows_alike(session.length, min(wanted, left - 1))
        began = clock()
        block, guesses = _run(session, speculation, choice, draw, hidden_1D, count)
        chosen = _numbers(block.chosen)
        right = next((place for place, guess in enumerate(guesses) if guess != chosen[place]), count)
        if count and count == min(wanted, left - 1):
            speculation.length.took(count, right, clock() - began)
        speculation.runs += 1
        used = yield from _emit(session, block, chosen[: right + 1], guided)
        speculation.tokens += used
        speculation.guessed, speculation.right = speculation.guessed + count, speculation.right + min(right, used)
        hidden_1D, draw, left = block.hidden_LD[used - 1 : used], block.draws[used], left - used


def _plain(
    session: Session,
    speculation: Speculation,
    choice: Choice,
    draw: Draw,
    count: int,
    guided: _Guided,
    clock: Callable[[], float],
) -> Generator[int, None, Draw]:
    """Decode without guesses for a while; the time that tokens are looked at elsewhere does not count."""
    tokens, spent = session.decode_on(choice, draw, count, guided.ask), 0.0
    while True:
        began = clock()
        try:
            token_id = next(tokens)
        except StopIteration as end:
            speculation.length.plain_took(count, spent)
            return end.value
        spent += clock() - began
        speculation.runs += 1
        speculation.tokens += 1
        yield token_id


def _run(
    session: Session, speculation: Speculation, choice: Choice, draw: Draw, hidden_1D: mx.array | None, count: int
) -> tuple[Block, list[int]]:
    """Guess `count` tokens and run them behind the pending one."""
    pending = session.require_pending()
    tokens = mx.array([pending], dtype=mx.uint32)
    guesses = None
    if count:
        assert hidden_1D is not None
        guesses = speculation.guesser.guess(pending, hidden_1D, session.caches, count)
        tokens = mx.concatenate([tokens, guesses.astype(mx.uint32)])
    rows = session.length - 1
    session.caches.reserve(rows + 1 + count)
    step = session.steps.block(choice)
    block = step(tokens, mx.array(rows, dtype=mx.int32), draw, session.caches.arrays())
    session.caches.replace_globals(block.globals)
    block.globals.clear()  # a second reference would make the next write copy them
    mx.eval(block.chosen, block.hidden_LD)
    return block, [] if guesses is None else _numbers(guesses)


def _numbers(ids_L: mx.array) -> list[int]:
    return np.array(ids_L).tolist()


def _emit(session: Session, block: Block, chosen: list[int], guided: _Guided) -> Generator[int, None, int]:
    """Accept what the model chose, token by token, unless something else must come; returns how many."""
    for used, own in enumerate(chosen, 1):
        token_id = own if guided.wanted is None else guided.wanted
        session.caches.put_in_rings(block.rows, used - 1)
        session.accept(token_id)
        yield token_id
        following = guided.ask(token_id)
        if used == len(chosen) or token_id != own or following not in (None, chosen[used]):
            return used
    raise AssertionError("a block chooses at least one token")
