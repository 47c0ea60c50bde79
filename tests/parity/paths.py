"""Every way through caches and decode steps by which our model computes a prompt's logits.

Each path yields (position, logits [V]) for some positions of the prompt; what the reference computes there without a
cache is the measure for all of them. Shapes: L tokens, V vocabulary.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from mlx_gemma4.generation.session import Session
from mlx_gemma4.generation.soft_tokens import encode
from mlx_gemma4.generation.steps import DecodeSteps
from mlx_gemma4.model.gemma4 import Gemma4
from mlx_gemma4.prompt.prepared import Prepared, PreparedMedia
from mlx_gemma4.protocol.requests import GREEDY
from tests.parity.cases import Case
from tests.parity.tiny_checkpoints import make_token_ids

Rows = Iterator[tuple[int, NDArray[np.float32]]]
TURN_LENGTH = 24
OTHER_TOKENS = 23  # more than a window: they overwrite every row of a ring


@dataclass(frozen=True)
class Prompt:
    """A case as our model takes it, and where to cut it.

    Attributes:
        whole: the prompt.
        split: a place in the text, after the first item if there are more, before the item if there is one.
        stem: a place in the text after the last item.
    """

    whole: Prepared
    split: int
    stem: int

    @classmethod
    def of(cls, case: Case) -> Prompt:
        """The prompt of a case."""
        ids = case.token_ids
        media = prepared_media(case)
        stops = [item.start + item.soft_tokens for item in media]
        if len(media) > 1:
            split = stops[0] + 2
        else:
            split = media[0].start - 2 if media else len(ids) // 3
        return cls(Prepared(ids, media), split, stops[-1] + 2 if stops else len(ids) // 2)

    def __len__(self) -> int:
        return len(self.whole.token_ids)

    def part(self, start: int, stop: int) -> Prepared:
        """The tokens [start, stop) with their media."""
        inside = (item for item in self.whole.media if start <= item.start < stop)
        return Prepared(self.whole.token_ids[start:stop], tuple(replace(i, start=i.start - start) for i in inside))


@dataclass(frozen=True)
class Path:
    """A way through the caches, and the chunk length it prefills with."""

    name: str
    run: Callable[[Session, Prompt], Rows]
    chunk: int = 512

    def rows(self, model: Gemma4, steps: DecodeSteps, prompt: Prompt) -> Rows:
        """Walk the path with compiled steps that may be shared with others."""
        return self.run(Session(model, steps=steps, chunk=self.chunk), prompt)


def prepared_media(case: Case) -> tuple[PreparedMedia, ...]:
    """A case's items as our model takes them."""
    return tuple(item.prepared(start) for item, start in zip(case.items, case.starts, strict=True))


def without_cache(model: Gemma4, case: Case) -> NDArray[np.float32]:
    """Logits [L, V] of the whole sequence in one pass."""
    return np.array(model.logits(case.token_ids, [encode(model, item) for item in prepared_media(case)]))


def _prefilled(session: Session, prompt: Prompt) -> Rows:
    """The stem in one prompt, then token by token."""
    _prefill(session, prompt.part(0, prompt.stem))
    yield from _step_through(session, prompt, prompt.stem)


def _token_by_token(session: Session, prompt: Prompt) -> Rows:
    """From the first token on; only soft tokens of one item come in one piece."""
    _prefill(session, prompt.part(0, 1))
    yield from _step_through(session, prompt, 1)


def _in_two_prompts(session: Session, prompt: Prompt) -> Rows:
    """A second prompt on top of a cached one."""
    _prefill(session, prompt.part(0, prompt.split))
    _prefill(session, prompt.part(prompt.split, prompt.stem))
    yield from _step_through(session, prompt, prompt.stem)


def _reused_snapshot(session: Session, prompt: Prompt) -> Rows:
    """Another continuation first, then back to a snapshot in the same branch."""
    _prefill(session, prompt.part(0, prompt.split))
    snapshot = session.snapshot()
    _continue_otherwise(session)
    session.restore(snapshot)
    _prefill(session, prompt.part(prompt.split, prompt.stem))
    yield from _step_through(session, prompt, prompt.stem)


def _forked_snapshot(session: Session, prompt: Prompt) -> Rows:
    """A branch from a snapshot, while the branch it came from goes on."""
    _prefill(session, prompt.part(0, prompt.stem))
    fork = session.fork(session.snapshot())
    _continue_otherwise(session)
    yield from _step_through(fork, prompt, prompt.stem)


PATHS = (
    Path("cached in one go", _prefilled),
    Path("token by token", _token_by_token),
    Path("chunks of 5", _prefilled, chunk=5),
    Path("chunks of 16", _prefilled, chunk=16),
    Path("a second prompt", _in_two_prompts),
    Path("a reused snapshot", _reused_snapshot),
    Path("a forked snapshot", _forked_snapshot),
)


def greedy_tokens(model: Gemma4, steps: DecodeSteps, case: Case, count: int) -> list[int]:
    """The ids that greedy decoding adds to a prompt."""
    session = Session(model, steps=steps)
    _prefill(session, Prompt.of(case).whole)
    return list(session.decode(GREEDY, frozenset(), count))


def greedy_tokens_after_a_snapshot(model: Gemma4, steps: DecodeSteps, case: Case, count: int) -> list[int]:
    """The same by a session that went on otherwise after part of the prompt, and came back to a snapshot there."""
    session, prompt = Session(model, steps=steps), Prompt.of(case)
    _prefill(session, prompt.part(0, prompt.split))
    snapshot = session.snapshot()
    _continue_otherwise(session)
    session.restore(snapshot)
    _prefill(session, prompt.part(prompt.split, len(prompt)))
    return list(session.decode(GREEDY, frozenset(), count))


def greedy_tokens_in_turns(model: Gemma4, steps: DecodeSteps) -> tuple[list[int], list[int]]:
    """What four prompts of 60, 17, 33 and 5 tokens are answered, each alone and all in turns, token by token."""
    prompts = [Prepared(make_token_ids(length, seed=length)) for length in (60, 17, 33, 5)]

    def answers() -> Iterator[Iterator[int]]:
        for prompt in prompts:
            session = Session(model, steps=steps)
            _prefill(session, prompt)
            yield session.decode(GREEDY, frozenset(), TURN_LENGTH)

    alone = [list(answer) for answer in answers()]
    in_turns = list(zip(*answers(), strict=True))
    return list(chain.from_iterable(alone)), list(chain.from_iterable(zip(*in_turns, strict=True)))


def largest_difference(rows: Rows, reference_LV: NDArray[np.float32]) -> tuple[float, int, int]:
    """(max abs difference of a logit, rows with the same argmax, rows) over all rows of a path."""
    differences, agreeing = [], 0
    for position, logits_V in rows:
        differences.append(np.abs(logits_V - reference_LV[position]).max())
        agreeing += int(logits_V.argmax() == reference_LV[position].argmax())
    return float(np.max(differences)), agreeing, len(differences)  # np.max keeps a NaN, which no tolerance allows


def _prefill(session: Session, part: Prepared) -> None:
    deque(session.prefill(part), maxlen=0)


def _step_through(session: Session, prompt: Prompt, position: int) -> Rows:
    """Logits from the last cached token on, each following token of the prompt fed as it stands there."""
    blocks = {item.start: item.start + item.soft_tokens for item in prompt.whole.media}
    while True:
        yield position - 1, np.array(session.next_logits())
        if position == len(prompt):
            return
        if position in blocks:  # the soft tokens and the marker that closes them
            stop = blocks[position] + 1
            _prefill(session, prompt.part(position, stop))
            position = stop
        else:
            session.accept(int(prompt.whole.token_ids[position]))
            position += 1


def _continue_otherwise(session: Session) -> None:
    """Write other rows over everything that a window holds, by single tokens, by a prompt and by decoding."""
    other_ids = make_token_ids(OTHER_TOKENS, seed=99)
    for token_id in other_ids[:3]:
        session.next_logits()
        session.accept(int(token_id))
    _prefill(session, Prepared(other_ids))
    deque(session.decode(GREEDY, frozenset(), 3), maxlen=0)
