"""Many long conversations with branches never take more memory than there is for them, packed or not."""

from __future__ import annotations

import dataclasses
import gc
from collections.abc import Iterator, Sequence

import mlx.core as mx
import numpy as np
import pytest

from mlx_gemma4.cache.layer_caches import LayerCaches
from mlx_gemma4.engine.memory import CacheSizes
from mlx_gemma4.engine.prompt_identity import TurnMarkers
from mlx_gemma4.engine.reuse import Reading, Reuse
from mlx_gemma4.generation import session as sessions
from mlx_gemma4.generation.session import Session
from mlx_gemma4.model.gemma4 import Gemma4
from mlx_gemma4.model.presets import E2B
from mlx_gemma4.prompt.prepared import Prepared
from mlx_gemma4.protocol.kv_packing import KVPacking
from mlx_gemma4.protocol.requests import GREEDY
from tests.unit.tiny_models import random_ids, random_model

CHATS, TOKENS, TURN = 64, 4_096, 1_024
ANSWER, ANSWERED = 2, 8
"""Tokens, for which the buffers of a whole chat have to grow; and one chat of how many gets them."""
OF_A_STEP = 1 << 17
"""Bytes that steps keep beside the weights and the caches: norm weights of heads, logits."""
MARKERS = TurnMarkers(turn_open=299, channel_open=None)
BRANCHES = 6
"""That the budget has room for."""


@pytest.fixture(scope="module")
def model() -> Gemma4:
    """E2B's layers, heads and windows, and hardly anything between them."""
    ple = dataclasses.replace(E2B.text.per_layer_embeddings, vocab_size=300, width=8)  # type: ignore[type-var]
    text = dataclasses.replace(
        E2B.text, vocab_size=300, hidden_size=16, intermediate_size=16, query_heads=1, per_layer_embeddings=ple
    )
    return random_model(dataclasses.replace(E2B, text=text, vision=None, audio=None))


@pytest.fixture(autouse=True)
def unread(monkeypatch: pytest.MonkeyPatch) -> None:
    """Chunks get their rows in the caches, but nobody computes what is in them."""

    def fill(_model: Gemma4, caches: LayerCaches, token_ids: np.ndarray, _soft: Sequence[object]) -> None:
        stop = caches.length + len(token_ids)
        caches.reserve(stop)
        caches.set_length(stop)
        mx.eval(caches.arrays())

    monkeypatch.setattr(sessions, "fill", fill)


def chat(number: int, branch: int = 0) -> np.ndarray:
    """Four turns; another branch has another third one."""
    turns = [random_ids(TURN - 1, seed=1000 * number + turn + 100 * branch * (turn > 1)) for turn in range(4)]
    return np.concatenate([np.append(299, turn) for turn in turns])


def answered(reading: Reading, number: int) -> Iterator[object]:
    """Read the prompt and, now and then, write a short answer, step by step."""
    yield from reading.prefill()
    if number % ANSWERED == 0:
        yield from reading.session.decode(GREEDY, frozenset(), ANSWER)


@pytest.mark.parametrize(
    "packing",
    [
        pytest.param(None, marks=pytest.mark.full),
        KVPacking(8),
        pytest.param(KVPacking(4), marks=pytest.mark.full),
        pytest.param(KVPacking(8, from_tokens=2_000), marks=pytest.mark.full),
    ],
    ids=["plain", "8", "4", "8 from 2000"],
)
def test_64_chats_of_4096_tokens_with_branches_stay_within_the_budget(model: Gemma4, packing: KVPacking | None) -> None:
    sizes = CacheSizes.of(model.config.text, 4, packing)
    whole = sizes.at_most(TOKENS + ANSWER)
    budget = BRANCHES * whole
    reuse = Reuse(Session(model, packing=packing), MARKERS, budget)
    gc.collect()
    mx.synchronize()
    before, most, reused = mx.get_active_memory(), 0, 0
    for number in range(CHATS):
        for prompt in (chat(number)[: 2 * TURN], chat(number), chat(number, 1), chat(max(number - 1, 0), 2)):
            with reuse.reading(Prepared(prompt)) as reading:
                reused += reading.reused
                for _ in answered(reading, number):
                    mx.synchronize()  # what is in flight is no cache
                    most = max(most, mx.get_active_memory() - before)
            most = max(most, mx.get_active_memory() - before)
            assert reuse.store.nbytes <= budget
    assert most <= budget + OF_A_STEP
    assert most > budget - 2 * whole, "or it could keep more"
    assert reused > CHATS * TURN, "or nothing would be shared"
