"""What 32,768 tokens take, packed or not, is what was predicted before anything was allocated."""

from __future__ import annotations

import dataclasses
import gc

import mlx.core as mx
import pytest

from mlx_gemma4.engine.peak_memory import predict_peak
from mlx_gemma4.generation.session import Session
from mlx_gemma4.model.presets import E2B
from mlx_gemma4.prompt.prepared import Prepared
from mlx_gemma4.protocol.kv_packing import KVPacking
from mlx_gemma4.protocol.requests import GREEDY
from mlx_gemma4.weights.parameters import flat_parameters
from tests.unit.tiny_models import random_ids, random_model

TOKENS, READ, ANSWER = 32_768, 1_024, 4

ple = E2B.text.per_layer_embeddings
assert ple is not None
CONFIG = dataclasses.replace(
    E2B,
    text=dataclasses.replace(
        E2B.text,
        vocab_size=300,
        hidden_size=64,
        intermediate_size=96,
        per_layer_embeddings=dataclasses.replace(ple, vocab_size=300, width=16),
    ),
    vision=None,
    audio=None,
)
"""E2B's layers, heads, head dims and windows, with a narrow stream."""


@pytest.mark.full
@pytest.mark.parametrize(
    "packing",
    [None, KVPacking(8), KVPacking(4), KVPacking(8, from_tokens=16_000)],
    ids=["plain", "8", "4", "8 from 16000"],
)
def test_the_prediction_is_within_5_percent(packing: KVPacking | None) -> None:
    """Rows before those that are read here are there without having been computed: as much memory, and no hour."""
    gc.collect()
    mx.synchronize()
    before = mx.get_active_memory()
    model = random_model(CONFIG)
    weights = sum(array.nbytes for array in flat_parameters(model).values())
    session, ids = Session(model, packing=packing), random_ids(TOKENS)
    mx.reset_peak_memory()
    for end in (packing.from_tokens if packing else 0, TOKENS - 1):
        start = max(end - READ, 0)
        session.caches.reserve(start)
        session.caches.set_length(start)
        mx.eval(session.caches.arrays())
        session._token_ids, session._pending = ids[:start].tolist(), None
        list(session.prefill(Prepared(ids[start : end + 1])))
    list(session.decode(GREEDY, frozenset(), ANSWER))
    predicted = predict_peak(
        CONFIG, weights, prompt_tokens=TOKENS, new_tokens=ANSWER, itemsize=4, backend="cpu", packing=packing
    )
    assert predicted.total == pytest.approx(mx.get_peak_memory() - before, rel=0.05), predicted
