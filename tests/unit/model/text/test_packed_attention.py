"""Attention over packed keys and values is that over what they amount to, whatever length, mask and form."""

from __future__ import annotations

import mlx.core as mx
import numpy as np
import pytest

from mlx_gemma4.kernels.packed_rows import Packed, Packing, cut, pack, packing_of, unpack
from mlx_gemma4.model.text import packed_attention
from mlx_gemma4.model.text.attention import attend
from mlx_gemma4.model.text.masks import AttentionMask

HEAD_DIM = 512


@pytest.fixture(params=["blocks", "codes"])
def form(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Both forms, on the CPU, in blocks that a short test has several of."""
    monkeypatch.setattr(packed_attention, "on_cpu", lambda: request.param == "blocks")
    monkeypatch.setattr(packed_attention, "KEYS_OF_A_BLOCK", 64)
    return request.param


def drawn(rows: int, keys: int, kv_heads: int, packing: Packing) -> tuple[mx.array, Packed, Packed]:
    """Queries of 8 heads whose scores spread over ±8, and packed keys and values."""
    mx.random.seed(keys)
    q_NLH = 2 * mx.random.normal((8, rows, HEAD_DIM)) / HEAD_DIM**0.5
    packed = [pack(mx.random.normal((kv_heads, keys, HEAD_DIM)), packing) for _ in range(2)]
    return q_NLH, packed[0], packed[1]


def exact(q_NLH: mx.array, keys: Packed, values: Packed, seen_LS: np.ndarray) -> np.ndarray:
    """In float64, over what the packed rows amount to: [L, N·H]."""
    q, k, v = (np.array(x).astype(np.float64) for x in (q_NLH, unpack(keys, HEAD_DIM), unpack(values, HEAD_DIM)))
    group = len(q) // len(k)
    scores_NLS = np.where(seen_LS, q @ np.repeat(k, group, axis=0).swapaxes(-1, -2), -np.inf)
    weights_NLS = np.exp(scores_NLS - scores_NLS.max(axis=-1, keepdims=True))
    attended = weights_NLS / weights_NLS.sum(axis=-1, keepdims=True) @ np.repeat(v, group, axis=0)
    return attended.swapaxes(0, 1).reshape(q.shape[1], -1)


@pytest.mark.usefixtures("form")
@pytest.mark.parametrize("bits", [8, 4])
@pytest.mark.parametrize("rows", range(1, 9))
def test_few_queries_see_the_rows_before_them(rows: int, bits: int) -> None:
    for keys in (rows, 33, 64, 65, 193):
        q_NLH, k, v = drawn(rows, keys, 1 + rows % 2, Packing(bits, 64))
        seen = np.arange(keys) <= np.arange(keys - rows, keys)[:, None]
        found = attend(q_NLH, k, v, "causal")
        np.testing.assert_allclose(np.array(found), exact(q_NLH, k, v, seen), atol=2e-5)


@pytest.mark.usefixtures("form")
def test_a_buffer_with_unwritten_rows_is_read_under_a_mask() -> None:
    q_NLH, k, v = drawn(3, 200, 2, Packing(8, 64))
    for last in (2, 40, 63, 64, 130):
        seen = np.arange(200) <= np.arange(last - 2, last + 1)[:, None]
        mask: AttentionMask = mx.where(mx.array(seen), 0.0, -float("inf"))
        np.testing.assert_allclose(np.array(attend(q_NLH, k, v, mask)), exact(q_NLH, k, v, seen), atol=2e-5)
    whole = attend(q_NLH, cut(k, 77), cut(v, 77), None)
    np.testing.assert_allclose(np.array(whole), exact(q_NLH, k, v, np.arange(200)[None] < 77), atol=2e-5)


def test_a_chunk_of_a_prompt_is_read_behind_what_came_before() -> None:
    q_NLH, k, v = drawn(70, 1_500, 1, Packing(4, 32))
    seen = np.arange(1_500) <= np.arange(1_430, 1_500)[:, None]
    np.testing.assert_allclose(np.array(attend(q_NLH, k, v, "causal")), exact(q_NLH, k, v, seen), atol=2e-5)


def test_rows_say_themselves_how_they_are_packed() -> None:
    for packing in (Packing(8, 64), Packing(8, 32), Packing(4, 64), Packing(4, 32)):
        assert packing_of(pack(mx.ones((2, 3, HEAD_DIM)), packing), HEAD_DIM) == packing


def test_half_precision_stays_half_precision() -> None:
    q_NLH, k, v = drawn(2, 100, 1, Packing(8, 64))
    halves = [Packed(rows.codes, rows.scales.astype(mx.bfloat16), rows.biases.astype(mx.bfloat16)) for rows in (k, v)]
    q_NLH = q_NLH.astype(mx.bfloat16)
    found = attend(q_NLH, *halves, "causal")
    assert found.dtype == mx.bfloat16
    floats = [Packed(rows.codes, *(each.astype(mx.float32) for each in rows[1:])) for rows in halves]
    seen = np.arange(100) <= np.arange(98, 100)[:, None]
    expected = exact(q_NLH.astype(mx.float32), *floats, seen)
    np.testing.assert_allclose(np.array(found.astype(mx.float32)), expected, atol=0.03)
