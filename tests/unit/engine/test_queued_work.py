"""The queue holds the layer that runs and those behind it, as far as layers and bytes allow."""

from __future__ import annotations

import dataclasses

import pytest

from mlx_gemma4.engine.queued_work import LayerWork, Queue, text_layer
from mlx_gemma4.kernels.backend import Backend
from mlx_gemma4.model.presets import E2B

NARROW = dataclasses.replace(E2B.text, hidden_size=64, intermediate_size=96)
LAYERS = [LayerWork(100), LayerWork(300), LayerWork(200)]


@pytest.mark.parametrize(
    ("queue", "most"),
    [
        (Queue(), 600),
        (Queue(layers=1), 300),
        (Queue(layers=2), 500),
        (Queue(nbytes=150), 450),
    ],
)
def test_the_most_that_consecutive_layers_have_in_flight(queue: Queue, most: float) -> None:
    assert queue.most(LAYERS) == most
    assert queue.most([]) == 0


def test_what_stays_of_a_layer_is_there_while_later_ones_run() -> None:
    layers = [LayerWork(170, staying=50), LayerWork(180, staying=5), LayerWork(100, staying=7)]
    assert Queue(layers=1).most(layers) == 50 + 180 + 5
    assert Queue(layers=2).most(layers) == 170 + 180 + 55
    assert Queue().most(layers) == 450 + 62


def test_a_sliding_layer_puts_out_scores_of_its_window_and_a_global_one_of_all_rows() -> None:
    text = dataclasses.replace(E2B.text, per_layer_embeddings=None)

    def growth(layer: int) -> float:
        near, far = (text_layer(text, layer, 512, earlier, 2, "cuda").nbytes for earlier in (1_000, 3_000))
        return far - near

    assert growth(0) == 0
    assert growth(4) == 8 * 512 * 2_000 * 2


def test_blocks_of_packed_keys_take_the_same_behind_any_context_and_in_4_bits_less_is_in_flight_on_the_cpu() -> None:
    def work(bits: int, earlier: int, backend: Backend = "cpu") -> float:
        return text_layer(NARROW, 4, 512, earlier, 4, backend, bits=bits).nbytes

    assert work(8, 30_000) == work(8, 3_000) > work(4, 3_000)
    assert work(4, 3_000, "metal") == work(8, 30_000, "metal")
    assert work(8, 30_000) < text_layer(NARROW, 4, 512, 30_000, 4, "cpu").nbytes / 4
