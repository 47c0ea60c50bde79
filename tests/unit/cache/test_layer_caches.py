"""Only owners have caches; snapshots hold while their branch goes on, and end when it goes back before them."""

from __future__ import annotations

import mlx.core as mx
import numpy as np
import pytest

from mlx_gemma4.cache.layer_caches import LayerCaches
from mlx_gemma4.protocol.errors import PrismError
from tests.unit.tiny_models import TINY, random_model


def write(caches: LayerCaches, count: int, value: float) -> None:
    """Append rows that hold one value to every cache."""
    for layer, store in caches.stores.items():
        shape = TINY.text.shape(layer)
        row = mx.full((shape.kv_heads, count, shape.head_dim), value)
        store.extend(row, row)
    mx.eval(caches.arrays())


@pytest.fixture
def caches() -> LayerCaches:
    return LayerCaches(random_model().text)


def test_only_owning_layers_have_caches(caches: LayerCaches) -> None:
    assert sorted(caches.rings) == [0, 1, 2, 3]
    assert sorted(caches.globals) == [4]
    assert len(caches.arrays()) == 10


def test_arrays_go_out_and_come_back_in_layer_order(caches: LayerCaches) -> None:
    write(caches, 5, 1.0)
    caches.replace([array + 1 for array in caches.arrays()])
    caches.set_length(4)
    assert caches.length == 4
    assert all(array[0, 0, 0].item() == 2 for array in caches.arrays())


def test_rewinding_brings_back_rings_and_length(caches: LayerCaches) -> None:
    write(caches, 20, 1.0)
    snapshot = caches.snapshot()
    write(caches, 20, 2.0)
    caches.rewind(snapshot)
    assert caches.length == 20
    assert all((np.array(ring.keys) == 1).all() for ring in caches.rings.values())
    write(caches, 20, 3.0)
    caches.rewind(snapshot)
    assert all((np.array(ring.keys) == 1).all() for ring in caches.rings.values())


def test_going_back_ends_longer_snapshots_and_no_others(caches: LayerCaches) -> None:
    snapshots = []
    for _ in range(3):
        write(caches, 10, 1.0)
        snapshots.append(caches.snapshot())
    caches.rewind(snapshots[1])
    with pytest.raises(PrismError, match="The snapshot at 30 tokens is gone"):
        caches.rewind(snapshots[2])
    with pytest.raises(PrismError, match="gone"):
        caches.branch_off(snapshots[2])
    caches.rewind(snapshots[1])
    caches.rewind(snapshots[0])


def test_a_branch_is_untouched_by_what_the_other_writes(caches: LayerCaches) -> None:
    write(caches, 10, 1.0)
    snapshot = caches.snapshot()
    branch = caches.branch_off(snapshot)
    caches.rewind(snapshot)
    write(caches, 10, 2.0)
    write(branch, 3, 3.0)
    assert np.array(branch.globals[4].keys[0, :13, 0]).tolist() == [1.0] * 10 + [3.0] * 3
    assert np.array(caches.globals[4].keys[0, :20, 0]).tolist() == [1.0] * 10 + [2.0] * 10
