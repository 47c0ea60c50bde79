"""A band gives every query what a mask over all keys gives it, with fewer scores."""

from __future__ import annotations

from collections.abc import Sequence

import mlx.core as mx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlx_gemma4.generation.session import Session
from mlx_gemma4.kernels.backend import Backend
from mlx_gemma4.model.text import banded_attention
from mlx_gemma4.model.text.attention import attend
from mlx_gemma4.model.text.attention_types import AttentionType
from mlx_gemma4.model.text.banded_attention import QUERIES_OF_A_BLOCK, Band, WindowForm, band_of
from mlx_gemma4.model.text.masks import prefill_masks, window_mask
from mlx_gemma4.prompt.prepared import Prepared
from tests.unit.tiny_models import random_ids, random_model


def _random(heads: int, rows: int, width: int, seed: int) -> mx.array:
    return mx.random.normal((heads, rows, width), key=mx.random.key(seed))


def _band(queries: int, earlier: int, window: int, blocks: Sequence[range] = ()) -> Band:
    band = band_of(queries, earlier, window, blocks)
    assert band is not None
    return band


@pytest.fixture
def always(monkeypatch: pytest.MonkeyPatch) -> None:
    """Bands wherever they can be made, worthwhile or not."""
    monkeypatch.setattr(banded_attention, "_WORTHWHILE", 1e9)


@st.composite
def _passes(draw: st.DrawFn) -> tuple[int, int, int, list[range]]:
    """Queries, earlier rows, window, and blocks that see themselves."""
    queries, window = draw(st.integers(1, 200)), draw(st.integers(1, 150))
    earlier = draw(st.just(window - 1) | st.integers(0, window - 1))
    ends = sorted(draw(st.sets(st.integers(0, queries), max_size=6)))
    return queries, earlier, window, [range(*pair) for pair in zip(ends[::2], ends[1::2], strict=False)]


@settings(max_examples=60, deadline=None)
@given(_passes(), st.sampled_from([(4, 1), (4, 2), (3, 3)]))
def test_what_is_attended_to_is_that_of_a_mask(rows: tuple[int, int, int, list[range]], heads: tuple[int, int]) -> None:
    (queries, earlier, window, blocks), (query_heads, kv_heads) = rows, heads
    q = _random(query_heads, queries, 16, 1)
    k, v = _random(kv_heads, earlier + queries, 16, 2), _random(kv_heads, earlier + queries, 16, 3)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(banded_attention, "_WORTHWHILE", 1e9)
        band = _band(queries, earlier, window, blocks)
    expected = np.array(attend(q, k, v, window_mask(queries, earlier, window, blocks)))
    np.testing.assert_allclose(np.array(attend(q, k, v, band)), expected, atol=1e-5)


@pytest.mark.parametrize("size", [1e-3, 1.0, 300.0])
def test_scores_of_any_size_neither_overflow_nor_vanish(size: float) -> None:
    q, k, v = _random(2, 300, 16, 4) * size, _random(1, 399, 16, 5), _random(1, 399, 16, 6)
    expected = np.array(attend(q, k, v, window_mask(300, 99, 100)))
    np.testing.assert_allclose(np.array(attend(q, k, v, _band(300, 99, 100))), expected, atol=1e-5 * max(size, 1))


@pytest.mark.usefixtures("always")
def test_a_picture_is_seen_ahead_across_blocks_but_no_farther_back_than_the_window() -> None:
    queries, window = 200, 50
    picture = range(30, 170)
    seen = np.zeros((queries, queries), dtype=bool)
    band = _band(queries, 0, window, [picture])
    numbered = mx.arange(queries, dtype=mx.float32).reshape(1, queries, 1)
    around = np.array(band.keys_of_blocks(numbered + 1))[0, :, :, 0].astype(int) - 1
    visible = np.array(band.mask)[:, :, 0] == 0
    for block, query, place in zip(*np.nonzero(visible), strict=True):
        row = block * QUERIES_OF_A_BLOCK + query
        if row < queries:
            assert around[block, place] >= 0, "a hidden row must not be seen"
            seen[row, around[block, place]] = True
    assert np.array_equal(seen, np.array(window_mask(queries, 0, window, [picture])))
    assert seen[30, 169] and not seen[169, 119] and seen[169, 120] and not seen[29, 30] and not seen[30, 170]


def test_only_a_pass_that_saves_a_quarter_of_its_scores_has_a_band() -> None:
    def form(tokens: int, earlier: int, window: int, blocks: Sequence[range] = ()) -> type:
        return type(prefill_masks(tokens, earlier, window, blocks)[AttentionType.SLIDING])

    assert form(512, 511, 512) is form(2_048, 0, 512) is Band
    assert form(512, 0, 512) is form(32, 511, 512) is mx.array
    assert form(512, 1_023, 1_024, [range(100, 380)]) is mx.array, "what a picture's rows see ahead costs as much"
    assert form(1, 511, 512) is type(None)


@pytest.mark.parametrize(("computes", "form"), [("cpu", Band), ("cuda", mx.array), ("metal", mx.array)])
def test_the_backend_decides(computes: Backend, form: type, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(banded_attention, "backend", lambda: computes)
    assert type(prefill_masks(512, 511, 512)[AttentionType.SLIDING]) is form


def test_a_chunk_takes_no_more_memory_than_under_a_mask() -> None:
    q, k, v = _random(8, 512, 256, 7), _random(1, 1_023, 256, 8), _random(1, 1_023, 256, 9)
    masks = [_band(512, 511, 512), window_mask(512, 511, 512)]
    mx.eval(q, k, v, masks[1])
    peaks = []
    for mask in masks:
        mx.synchronize()
        before = mx.get_active_memory()
        mx.reset_peak_memory()
        mx.eval(attend(q, k, v, mask))
        peaks.append(mx.get_peak_memory() - before)
    assert peaks[0] < peaks[1]


def test_a_session_answers_the_same_with_and_without_bands(monkeypatch: pytest.MonkeyPatch) -> None:
    model, ids = random_model(), random_ids(300)

    def after_prompt(form: WindowForm) -> np.ndarray:
        monkeypatch.setitem(banded_attention.FORM_OF_BACKEND, "cpu", form)
        assert (band_of(128, 15, model.config.text.window) is not None) == (form == "banded")
        session = Session(model, chunk=128)
        for _ in session.prefill(Prepared(ids)):
            pass
        return np.array(session.next_logits())

    np.testing.assert_allclose(after_prompt("banded"), after_prompt("masked"), atol=1e-4)
