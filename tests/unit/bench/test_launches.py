"""How many kernels a token starts is counted in graphs, and stays as low as it has become."""

from __future__ import annotations

import mlx.core as mx
import pytest

from mlx_gemma4.bench.launches import (
    PEER_VISION_LAYER,
    PEERS,
    Launches,
    count,
    count_sound_layer,
    count_step,
    count_vision_layer,
    report,
)
from mlx_gemma4.bench.sizes import SIZES
from mlx_gemma4.bench.stand_ins import STAND_IN, as_on_metal
from mlx_gemma4.cli.main import main
from mlx_gemma4.kernels.backend import backend
from mlx_gemma4.protocol.requests import SamplingSettings

MOST = {"E2B": (763, 517), "E4B": (942, 626), "12B": (866, 553), "26B-A4B": (1013, 832), "31B": (1048, 687)}
"""Launches of a greedy token: plain, and with all kernels."""

MOST_OF_A_VISION_LAYER = {"E2B": (20, 17), "E4B": (20, 17), "26B-A4B": (14, 11), "31B": (14, 11)}
"""The first two clamp what their linears read and put out."""


@pytest.mark.parametrize("size", MOST)
def test_a_token_starts_no_more_kernels_than_it_has_to(size: str) -> None:
    plain, fused = (count_step(SIZES[size], kernels).launches for kernels in ("none", "all"))
    assert plain <= MOST[size][0]
    assert fused <= MOST[size][1]
    assert plain < PEERS.get(size, 10_000)


def test_e2b_keeps_to_its_budget() -> None:
    assert MOST["E2B"][0] <= 800
    assert MOST["E2B"][1] <= 560


@pytest.mark.parametrize(("size", "most"), {"E2B": (801, 525), "E4B": (959, 634), "31B": (1095, 745)}.items())
def test_a_block_of_four_tokens_starts_hardly_more_than_one(size: str, most: tuple[int, int]) -> None:
    plain, fused = (count_step(SIZES[size], kernels, block=4).launches for kernels in ("none", "all"))
    assert plain <= most[0]
    assert fused <= most[1]


@pytest.mark.parametrize("size", MOST_OF_A_VISION_LAYER)
def test_a_layer_of_the_picture_tower_starts_no_more_kernels_than_it_has_to(size: str) -> None:
    plain, fused = (count_vision_layer(SIZES[size], kernels).launches for kernels in ("none", "all"))
    assert (plain, fused) == MOST_OF_A_VISION_LAYER[size]
    assert fused < plain <= 25 < PEER_VISION_LAYER


def test_a_layer_of_the_audio_tower_starts_no_more_kernels_than_it_did() -> None:
    assert [count_sound_layer(SIZES[size], "none").launches for size in ("E2B", "E4B")] == [45, 45]


def test_sampling_adds_few() -> None:
    greedy, drawn = (count_step(SIZES["E2B"], "all", s) for s in (SamplingSettings(temperature=0), SamplingSettings()))
    assert greedy.launches < drawn.launches < greedy.launches + 60


def test_views_are_primitives_that_start_nothing() -> None:
    x = mx.ones((4, 8))
    mx.eval(x)
    found = count([(x.T.reshape(2, 16) + 1)[:1]])
    assert found.by_name["Transpose"] == found.by_name["Slice"] == 1
    assert found.launches == found.by_name["Add"] + found.by_name["Reshape"] - 1


def test_metals_operations_are_one_node_each_and_stay_it_in_a_compiled_function() -> None:
    x, weight = mx.ones((1, 8)), mx.ones((8,))
    mx.eval(x, weight)
    with as_on_metal():
        assert backend() == "metal"
        found = count([mx.compile(lambda x: mx.fast.rms_norm(mx.exp(x), weight, 1e-6) * 2)(x)])
    assert backend() == "cpu"
    assert found.by_name[STAND_IN] == 1
    assert found.launches == 3
    assert count([mx.fast.rms_norm(x, weight, 1e-6)]).launches > 3


def test_the_command_prints_a_table(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bench", "--launches", "--size", "E2B"]) == 0
    printed = capsys.readouterr().out
    assert "E2B" in printed
    assert "1004" in printed
    assert main(["bench"]) == 2


def test_a_table_has_both_counts() -> None:
    plain = count_step(SIZES["E2B"])
    assert isinstance(plain, Launches)
    assert str(plain.launches) in report(["E2B"])
