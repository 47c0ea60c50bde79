"""Bytes by arithmetic are the bytes that arrays have, and the published sizes take what is known of them."""

from __future__ import annotations

import mlx.core as mx
import numpy as np
import pytest

from mlx_gemma4.engine.device_memory import kept_bytes, usable_bytes
from mlx_gemma4.engine.loading import LoadedModel, inspect_model, read_model
from mlx_gemma4.engine.memory import CacheSizes, held_bytes, weight_bytes
from mlx_gemma4.generation.session import Session
from mlx_gemma4.model.config import Gemma4Config
from mlx_gemma4.model.gemma4 import Gemma4
from mlx_gemma4.model.presets import A4B_26B, DENSE_31B, E2B, E4B, UNIFIED_12B
from mlx_gemma4.prompt.prepared import Prepared
from mlx_gemma4.weights.parameters import flat_parameters
from mlx_gemma4.weights.quantization import Packing
from tests.unit.tiny_models import PLAIN, TINY, random_ids, random_model

GIGABYTE = 1e9


@pytest.fixture(scope="module")
def tour() -> LoadedModel:
    return read_model(inspect_model("tour"))


@pytest.mark.parametrize("config", [TINY, PLAIN], ids=["borrowing", "plain"])
@pytest.mark.parametrize("rows", [1, 9, 16, 300, 1_030])
def test_branches_and_snapshots_take_what_their_arrays_take(config: Gemma4Config, rows: int) -> None:
    session = Session(random_model(config))
    list(session.prefill(Prepared(random_ids(rows + 1))))
    sizes = CacheSizes.of(config.text, itemsize=4)
    assert session.caches.nbytes == sizes.branch(rows) == sum(array.nbytes for array in session.caches.arrays())
    snapshots = [session.snapshot().caches, session.snapshot().caches]
    assert [snapshot.nbytes for snapshot in snapshots] == [sizes.snapshot(rows)] * 2
    assert held_bytes(snapshots) == sizes.branch(rows) + 2 * sizes.snapshot(rows), "the branch of both counts once"


def test_what_a_retired_branch_holds_is_its_global_buffers() -> None:
    session = Session(random_model())
    list(session.prefill(Prepared(random_ids(40))))
    sizes, rings = CacheSizes.of(TINY.text, itemsize=4), session.caches.rings
    before = mx.get_active_memory()
    snapshot = session.retire().caches
    del rings
    assert mx.get_active_memory() <= before
    assert held_bytes([snapshot]) == sizes.branch(40)


@pytest.mark.parametrize(
    ("config", "global_row", "rings"),
    [
        (E2B, 6_144, 6.3e6),
        (E4B, 16_384, 21e6),
        (UNIFIED_12B, 16_384, 335e6),
        (A4B_26B, 20_480, 210e6),
        (DENSE_31B, 81_920, 839e6),
    ],
    ids=["E2B", "E4B", "12B", "26B-A4B", "31B"],
)
def test_the_published_sizes_take_so_much_for_a_token_and_for_a_window(
    config: Gemma4Config, global_row: int, rings: float
) -> None:
    sizes = CacheSizes.of(config.text, itemsize=2)
    assert sizes.global_row(1) == global_row
    assert sizes.rings == pytest.approx(rings, rel=0.01)


def shapes_of(config: Gemma4Config) -> dict[str, tuple[int, ...]]:
    return {path: array.shape for path, array in flat_parameters(Gemma4(config)).items()}


@pytest.mark.parametrize(
    ("config", "gigabytes"),
    [(E2B, 10.21), (E4B, 15.88), (UNIFIED_12B, 23.92), (A4B_26B, 51.6), (DENSE_31B, 62.55)],
    ids=["E2B", "E4B", "12B", "26B-A4B", "31B"],
)
def test_the_published_sizes_take_so_much_in_bfloat16(config: Gemma4Config, gigabytes: float) -> None:
    assert weight_bytes(shapes_of(config), 2) / GIGABYTE == pytest.approx(gigabytes, rel=0.003)


@pytest.mark.parametrize(
    ("config", "gigabytes"),
    [(E2B, 3.555), (E4B, 5.154), (UNIFIED_12B, 6.80), (A4B_26B, 15.34), (DENSE_31B, 18.42)],
    ids=["E2B", "E4B", "12B", "26B-A4B", "31B"],
)
def test_the_published_sizes_take_so_much_with_a_decoder_of_4_bits(config: Gemma4Config, gigabytes: float) -> None:
    def packing_of(path: str, shape: tuple[int, ...]) -> Packing | None:
        if not path.startswith("text."):
            return None
        return Packing(8 if "router" in path else 4, 64)

    assert weight_bytes(shapes_of(config), 2, packing_of) / GIGABYTE == pytest.approx(gigabytes, rel=0.01)


def test_a_packed_checkpoint_takes_what_its_report_says(tour: LoadedModel) -> None:
    packed = tour.report.packed
    assert packed
    predicted = weight_bytes(shapes_of(tour.model.config), 4, lambda path, _: packed.get(path.removesuffix(".weight")))
    assert predicted == tour.report.nbytes


@pytest.mark.parametrize("mode", ["mxfp4", "mxfp8", "nvfp4"])
def test_block_floats_take_their_codes_and_a_byte_for_each_group(mode: str) -> None:
    bits, group = {"mxfp4": (4, 32), "mxfp8": (8, 32), "nvfp4": (4, 16)}[mode]
    codes, scales = mx.quantize(mx.array(np.ones((64, 128), np.float32)), group_size=group, bits=bits, mode=mode)
    assert weight_bytes({"a": (64, 128)}, 2, lambda *_: Packing(bits, group, mode)) == codes.nbytes + scales.nbytes


def test_what_may_be_kept_is_a_quarter_of_what_weights_leave_within_reason() -> None:
    gib = 1 << 30
    assert kept_bytes(2 * gib, 10 * gib) == 2 * gib
    assert kept_bytes(20 * gib, 512 * gib) == 4 * gib
    assert kept_bytes(9 * gib, 8 * gib) == gib // 16
    assert usable_bytes() > gib
