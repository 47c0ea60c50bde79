"""Owners, borrowers and what a prefill chunk runs."""

from __future__ import annotations

import pytest

from mlx_gemma4.model.config import TextConfig
from mlx_gemma4.model.presets import E2B, E4B
from mlx_gemma4.model.text.attention_types import AttentionType
from mlx_gemma4.model.text.kv_sharing import KVSharingPlan

_S, _G = AttentionType.SLIDING, AttentionType.GLOBAL


@pytest.mark.parametrize(
    ("text", "sliding", "full", "owners"), [(E2B.text, 13, 14, 15), (E4B.text, 22, 23, 24)], ids=["E2B", "E4B"]
)
def test_borrowers_read_the_last_owner_of_their_own_type(
    text: TextConfig, sliding: int, full: int, owners: int
) -> None:
    plan = KVSharingPlan(text.layer_types, text.borrowing_layers)
    assert plan.owners == tuple(range(owners))
    assert plan.borrowers == tuple(range(owners, text.layers))
    assert plan.sources[:owners] == plan.owners
    for layer in plan.borrowers:
        assert plan.sources[layer] == (sliding if text.layer_types[layer] is _S else full)


def test_a_chunk_runs_all_layers_below_the_last_owner_and_no_others() -> None:
    plan = KVSharingPlan(E2B.text.layer_types, E2B.text.borrowing_layers)
    assert list(plan.filling_layers) == list(range(14))
    assert plan.last_owner == 14


def test_without_borrowing_every_layer_owns_and_the_last_one_needs_only_keys_and_values() -> None:
    plan = KVSharingPlan((_S, _S, _G), 0)
    assert plan.sources == (0, 1, 2)
    assert plan.borrowers == ()
    assert list(plan.filling_layers) == [0, 1]
    assert plan.owners_of(_S) == (0, 1)


def test_a_sliding_layer_may_be_the_last_owner() -> None:
    plan = KVSharingPlan((_S, _G, _S, _S, _G), 2)
    assert plan.sources == (0, 1, 2, 2, 1)
    assert plan.last_owner == 2
