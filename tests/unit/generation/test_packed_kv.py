"""Sessions whose global layers keep packed keys and values do all that others do, and know what they have packed."""

from __future__ import annotations

import mlx.core as mx
import numpy as np
import pytest

from mlx_gemma4.cache.global_cache import packing_for
from mlx_gemma4.generation.session import Session
from mlx_gemma4.generation.steps import Form
from mlx_gemma4.kernels.packed_rows import Packed, bytes_of, pack, unpack
from mlx_gemma4.model.config import Gemma4Config
from mlx_gemma4.model.gemma4 import Gemma4
from mlx_gemma4.model.text.kv_store import Uncached
from mlx_gemma4.prompt.prepared import Prepared
from mlx_gemma4.protocol.errors import PrismError
from mlx_gemma4.protocol.kv_packing import KVPacking
from mlx_gemma4.protocol.requests import GREEDY
from tests.unit.tiny_models import EXPERTS, PLAIN, TINY, full_logits, picture_prompt, random_ids, random_model

FORMS: tuple[Form, ...] = ("whole", "segments")
CLOSE = 0.3
"""Of the difference that packing makes: what is computed in another order can be rounded to another code, which takes
a fifth of it with some BLAS; rows as they are would be at 1."""


def packed_logits(model: Gemma4, prepared: Prepared, bits: int) -> np.ndarray:
    """The logits of a whole prompt without caches, over what packed keys and values of global layers amount to."""
    head_dim = model.config.text.full.head_dim
    packing = packing_for(bits, head_dim)

    def extend(_: Uncached, k_KLH: mx.array, v_KLH: mx.array) -> tuple[mx.array, mx.array]:
        if k_KLH.shape[-1] != head_dim:
            return k_KLH, v_KLH
        return unpack(pack(k_KLH, packing), head_dim), unpack(pack(v_KLH, packing), head_dim)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Uncached, "extend", extend)
        return full_logits(model, prepared)


def begun(model: Gemma4, packing: KVPacking | None, tokens: int = 40, form: Form | None = None) -> Session:
    session = Session(model, chunk=16, form=form, packing=packing)
    list(session.prefill(Prepared(random_ids(tokens))))
    return session


def assert_holds_what_it_says(session: Session, bits: int = 8) -> None:
    """A further prompt has the logits of the whole sequence."""
    list(session.prefill(Prepared(random_ids(11, seed=9))))
    whole = Prepared(np.array(session.token_ids, dtype=np.int32))
    assert_nearer_to_packed(np.array(session.next_logits()), session.model, whole, bits, slice(-1, None))


def assert_nearer_to_packed(found: np.ndarray, model: Gemma4, whole: Prepared, bits: int, rows: slice) -> None:
    """Some rows of logits are those over packed rows, and not those over rows as they are."""
    expected, plain = packed_logits(model, whole, bits)[rows], full_logits(model, whole)[rows]
    assert np.abs(found - expected).mean() < CLOSE * np.abs(plain - expected).mean()


@pytest.fixture(scope="module", params=[TINY, PLAIN], ids=["borrowing", "plain"])
def model(request: pytest.FixtureRequest) -> Gemma4:
    return random_model(request.param)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("bits", [8, 4])
def test_prompt_and_answer_are_those_over_rows_that_were_packed_and_unpacked(
    model: Gemma4, bits: int, form: Form
) -> None:
    ids = random_ids(60)
    session = begun(model, KVPacking(bits), form=form)
    logits = [np.array(session.next_logits())]
    for token_id in ids[40:]:
        session.accept(int(token_id))
        logits.append(np.array(session.next_logits()))
    assert_nearer_to_packed(np.stack(logits), model, Prepared(ids), bits, slice(39, None))


def test_only_global_layers_are_packed(model: Gemma4) -> None:
    caches = begun(model, KVPacking(4)).caches
    assert all(isinstance(cache.keys, Packed) and isinstance(cache.values, Packed) for cache in caches.globals.values())
    assert all(isinstance(ring.keys, mx.array) for ring in caches.rings.values())


@pytest.mark.parametrize("config", [TINY, EXPERTS], ids=["causal", "seeing themselves"])
def test_pictures_are_read_over_packed_rows(config: Gemma4Config) -> None:
    model, prompt = random_model(config), picture_prompt()
    session = Session(model, chunk=16, packing=KVPacking(8))
    list(session.prefill(prompt))
    assert_nearer_to_packed(np.array(session.next_logits()), model, prompt, 8, slice(-1, None))


@pytest.mark.parametrize("form", FORMS)
def test_from_a_length_on_all_is_packed_and_before_it_nothing(model: Gemma4, form: Form) -> None:
    plain, packing = begun(model, None, form=form), begun(model, KVPacking(8, from_tokens=50), form=form)
    expected = list(plain.decode(GREEDY, frozenset(), 11))
    assert list(packing.decode(GREEDY, frozenset(), 11)) == expected, "50 tokens with a row"
    first = packing.caches.globals[4]
    assert isinstance(first.keys, mx.array)
    list(packing.decode(GREEDY, frozenset(), 1))
    assert isinstance(first.keys, Packed) and first.capacity == 256
    whole = Prepared(np.array(packing.token_ids, dtype=np.int32))
    near = packed_logits(model, whole, 8)[-1]
    np.testing.assert_allclose(np.array(packing.next_logits()), near, atol=0.1)  # what was read before saw plain rows


def test_a_prompt_that_grows_past_the_length_is_packed_before_it_does(model: Gemma4) -> None:
    assert isinstance(begun(model, KVPacking(8, from_tokens=48), 48).caches.globals[4].keys, mx.array)
    assert isinstance(begun(model, KVPacking(8, from_tokens=48), 66).caches.globals[4].keys, Packed)


def test_packing_takes_little_beside_what_is_packed() -> None:
    session = begun(random_model(), None)
    cache = session.caches.globals[4]
    cache.reserve(40_000)
    mx.eval(cache.keys, cache.values)
    plain = bytes_of(cache.keys) + bytes_of(cache.values)
    mx.synchronize()
    mx.reset_peak_memory()
    before = mx.get_active_memory()
    cache.pack(8)
    packed = bytes_of(cache.keys) + bytes_of(cache.values)
    assert mx.get_active_memory() - before < packed - plain + 1e5, "the plain buffers are gone"
    assert mx.get_peak_memory() - before < 0.6 * packed, "one of the two at a time"
    assert packed == plain * (1 + 2 * 4 / 32) / 4, "codes of a byte, two floats for each 32"


@pytest.mark.parametrize("form", FORMS)
def test_snapshots_are_returned_to_branched_off_and_taken_over(model: Gemma4, form: Form) -> None:
    session = begun(model, KVPacking(8), form=form)
    snapshot = session.snapshot()
    answer = list(session.decode(GREEDY, frozenset(), 20))
    fork = session.fork(snapshot)
    held = session.caches.nbytes
    assert list(fork.decode(GREEDY, frozenset(), 20)) == answer
    assert fork.caches.nbytes == held == session.caches.nbytes
    assert_holds_what_it_says(fork)
    session.restore(snapshot)
    assert list(session.decode(GREEDY, frozenset(), 20)) == answer
    assert_holds_what_it_says(session)
    assert list(session.take_over(snapshot).decode(GREEDY, frozenset(), 20)) == answer


def test_a_branch_that_was_packed_stays_so_when_it_goes_back(model: Gemma4) -> None:
    session = begun(model, KVPacking(8, from_tokens=50))
    snapshot = session.snapshot()
    list(session.decode(GREEDY, frozenset(), 20))
    for gone_back in (session.fork(snapshot), session.take_over(snapshot)):
        assert isinstance(gone_back.caches.globals[4].keys, Packed)
        assert len(list(gone_back.decode(GREEDY, frozenset(), 20))) == 20


@pytest.mark.parametrize("form", FORMS)
def test_no_step_copies_a_packed_buffer(form: Form) -> None:
    session = Session(random_model(), form=form, packing=KVPacking(8))
    session.caches.reserve(60_000)
    list(session.prefill(Prepared(random_ids(100))))
    snapshot = session.snapshot()
    list(session.decode(GREEDY, frozenset(), 3))
    mx.reset_peak_memory()
    before = mx.get_active_memory()
    list(session.decode(GREEDY, frozenset(), 20))
    assert mx.get_peak_memory() - before < bytes_of(session.caches.globals[4].keys), "nor are all rows unpacked"
    assert snapshot.length == 100


def test_what_cannot_be_packed_is_refused_at_once() -> None:
    with pytest.raises(PrismError, match="20 numbers cannot be packed"):
        packing_for(8, 20)
    for bits, start in ((3, 0), (8, -1)):
        with pytest.raises(PrismError):
            KVPacking(bits, start)
