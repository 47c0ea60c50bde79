"""The queue holds the layer that runs and those behind it, as far as kernels, layers and bytes allow."""

from __future__ import annotations

import dataclasses

import pytest

from mlx_gemma4.engine.queued_work import QUEUES, LayerWork, Queue, text_layer
from mlx_gemma4.model.config import Gemma4Config
from mlx_gemma4.model.presets import A4B_26B, DENSE_31B, E2B, E4B

LAYERS = [LayerWork(100, 10), LayerWork(300, 20), LayerWork(200, 20)]


@pytest.mark.parametrize(
    ("queue", "most"),
    [
        (Queue(), 600),
        (Queue(layers=1), 300),
        (Queue(layers=2), 500),
        (Queue(kernels=30), 400),  # 300 and a half of 200 beside 100 and 300
        (Queue(kernels=5), 300),  # the layer that runs is whole
        (Queue(nbytes=150), 450),
    ],
)
def test_the_most_that_consecutive_layers_have_in_flight(queue: Queue, most: float) -> None:
    assert queue.most(LAYERS) == most
    assert queue.most([]) == 0


def test_layers_with_more_heads_or_experts_have_more_kernels_so_that_fewer_are_queued() -> None:
    def queued(config: Gemma4Config) -> float:
        layer = text_layer(config.text, 0, 512, 0, 2, "cuda")
        return QUEUES["cuda"].kernels / layer.kernels

    assert 19 < queued(E4B) < queued(E2B) < 21
    assert 10 < queued(DENSE_31B) < 12
    assert 10 < queued(A4B_26B) < 12


def test_a_sliding_layer_puts_out_scores_of_its_window_and_a_global_one_of_all_rows() -> None:
    text = dataclasses.replace(E2B.text, per_layer_embeddings=None)

    def growth(layer: int) -> float:
        near, far = (text_layer(text, layer, 512, earlier, 2, "cuda").nbytes for earlier in (1_000, 3_000))
        return far - near

    assert growth(0) == 0
    assert growth(4) == 8 * 512 * 2_000 * 2
