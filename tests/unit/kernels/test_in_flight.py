"""No more than two groups of layers are queued on CUDA; elsewhere nothing waits."""

from __future__ import annotations

from collections.abc import Callable

import mlx.core as mx
import pytest

from mlx_gemma4.kernels.backend import as_on
from mlx_gemma4.kernels.in_flight import LAYERS_OF_A_GROUP, InFlight


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, int]]:
    """What is sent off and what is waited for, by what it comes to."""
    made: list[tuple[str, int]] = []

    def noting(name: str, call: Callable[[mx.array], None]) -> Callable[[mx.array], None]:
        def noted(x: mx.array) -> None:
            call(x)
            made.append((name, int(x)))

        return noted

    monkeypatch.setattr(mx, "async_eval", noting("sent", mx.async_eval))
    monkeypatch.setattr(mx, "eval", noting("awaited", mx.eval))
    return made


def test_a_group_is_sent_off_before_the_one_before_it_is_awaited(calls: list[tuple[str, int]]) -> None:
    with as_on("cuda"):
        in_flight = InFlight()
    group = LAYERS_OF_A_GROUP["cuda"]
    for layer in range(1, 3 * group + 1):
        in_flight.add(mx.array(layer))
    assert calls == [("sent", group), ("sent", 2 * group), ("awaited", group), ("sent", 3 * group),
                     ("awaited", 2 * group)]  # fmt: skip


@pytest.mark.parametrize("backend", ["cpu", "metal"])
def test_other_backends_queue_what_they_like(backend: str, calls: list[tuple[str, int]]) -> None:
    with as_on(backend):  # type: ignore[arg-type]
        in_flight = InFlight()
    for layer in range(30):
        in_flight.add(mx.array(layer))
    assert calls == []
