"""Masks against small ones written out by hand."""

from __future__ import annotations

import numpy as np

from mlx_gemma4.model.text.attention_types import AttentionType
from mlx_gemma4.model.text.masks import prefill_masks, window_mask


def test_a_window_of_three_shows_the_query_itself_and_two_before_it() -> None:
    mask = window_mask(queries=4, earlier=2, window=3)
    assert np.array(mask).astype(int).tolist() == [
        [1, 1, 1, 0, 0, 0],
        [0, 1, 1, 1, 0, 0],
        [0, 0, 1, 1, 1, 0],
        [0, 0, 0, 1, 1, 1],
    ]


def test_without_earlier_rows_a_wide_window_is_plain_causal() -> None:
    assert np.array_equal(np.array(window_mask(5, 0, 16)), np.tri(5, dtype=bool))


def test_a_single_query_needs_no_mask() -> None:
    masks = prefill_masks(1, earlier_in_window=15, window=16)
    assert masks == {AttentionType.SLIDING: None, AttentionType.GLOBAL: None}


def test_global_layers_are_causal() -> None:
    assert prefill_masks(7, earlier_in_window=3, window=16)[AttentionType.GLOBAL] == "causal"


def test_rows_of_a_block_see_each_other_in_both_directions_within_the_window() -> None:
    mask = window_mask(queries=5, earlier=1, window=3, blocks=[range(1, 4)])
    assert np.array(mask).astype(int).tolist() == [
        [1, 1, 0, 0, 0, 0],
        [1, 1, 1, 1, 1, 0],
        [0, 1, 1, 1, 1, 0],
        [0, 0, 1, 1, 1, 0],
        [0, 0, 0, 1, 1, 1],
    ]


def test_a_block_longer_than_the_window_is_bounded_backwards_only() -> None:
    mask = window_mask(queries=5, earlier=0, window=2, blocks=[range(5)])
    assert np.array(mask).astype(int).tolist() == [
        [1, 1, 1, 1, 1],
        [1, 1, 1, 1, 1],
        [0, 1, 1, 1, 1],
        [0, 0, 1, 1, 1],
        [0, 0, 0, 1, 1],
    ]


def test_two_blocks_do_not_see_each_other() -> None:
    mask = window_mask(queries=4, earlier=0, window=8, blocks=[range(2), range(2, 4)])
    assert np.array(mask).astype(int).tolist() == [[1, 1, 0, 0], [1, 1, 0, 0], [1, 1, 1, 1], [1, 1, 1, 1]]


def test_blocks_change_nothing_in_global_layers() -> None:
    assert prefill_masks(6, 0, 16, blocks=[range(1, 5)])[AttentionType.GLOBAL] == "causal"
