"""The peak that is predicted before anything is allocated is the one that MLX counts."""

from __future__ import annotations

import gc
from collections.abc import Sequence
from pathlib import Path

import mlx.core as mx
import pytest

from mlx_gemma4.engine.ask_guard import AskGuard, PromptSize
from mlx_gemma4.engine.loading import inspect_model, read_model
from mlx_gemma4.engine.peak_memory import PeakMemory, predict_peak
from mlx_gemma4.model.presets import DENSE_31B, E2B
from mlx_gemma4.prompt.prepared import Prepared
from mlx_gemma4.protocol.events import UsageReport
from mlx_gemma4.protocol.parts import ImagePart, Message, Part, TextPart
from mlx_gemma4.protocol.requests import GREEDY, Ask
from tests.unit.tiny_models import random_ids, random_model, random_picture


class Measured:
    """The tour model, and how much was allocated before it was loaded."""

    def __init__(self) -> None:
        gc.collect()
        mx.synchronize()
        self.before = mx.get_active_memory()
        self.loaded = read_model(inspect_model("tour"))

    def peaks(self, parts: Sequence[Part], budget: int | None) -> tuple[PeakMemory, int]:
        """The peak of a question: predicted, and as MLX counts it."""
        engine, loaded = self.loaded.engine, self.loaded
        engine.forget()
        request = Ask("r", (Message("user", tuple(parts)),), GREEDY, max_tokens=20, max_soft_tokens=budget)
        prepared = engine.prepare(request)
        usage = next(event for event in engine.ask(request) if isinstance(event, UsageReport))
        predicted = predict_peak(
            loaded.model.config,
            loaded.report.nbytes,
            prompt_tokens=usage.prompt_tokens,
            new_tokens=usage.completion_tokens,
            pictures=[item.soft_tokens for item in prepared.media],
            snapshots=[usage.prompt_tokens],
            itemsize=4,
            backend="cpu",
        )
        return predicted, usage.peak_memory_bytes - self.before


@pytest.fixture(scope="module")
def measured() -> Measured:
    return Measured()


@pytest.mark.parametrize(("words", "budget"), [(5, 70), (5, 140), (1_000, 140), (1_500, None)])
def test_the_prediction_is_within_10_percent(measured: Measured, words: int, budget: int | None) -> None:
    picture = [ImagePart(str(Path("resources/samples/stars.png").resolve()))] if budget else []
    predicted, counted = measured.peaks([*picture, TextPart("box " * words)], budget)
    assert predicted.total == pytest.approx(counted, rel=0.1), predicted
    assert predicted.work > 0.2 * predicted.weights, "or work would not show"


def test_a_longer_prompt_takes_more_for_caches_and_a_larger_chunk_more_for_work() -> None:
    def peak(prompt_tokens: int, chunk: int = 512) -> PeakMemory:
        return predict_peak(E2B, 10**10, prompt_tokens=prompt_tokens, chunk=chunk, backend="cpu")

    assert peak(100_000).caches - peak(1_000).caches > 99_000 * 6_144
    assert peak(8_000, 2_048).work > 3 * peak(8_000, 512).work
    assert peak(8_000).weights == 10**10


def test_work_does_not_grow_with_a_long_context_where_chunks_shrink() -> None:
    def work(prompt_tokens: int) -> int:
        return predict_peak(DENSE_31B, 0, prompt_tokens=prompt_tokens, backend="cpu").work

    assert work(4_000) < work(8_000) < work(16_000) < 1.1 * work(8_000)
    assert work(128_000) < 1.1 * work(16_000)


def test_what_was_read_or_looked_at_before_needs_no_tower_again() -> None:
    guard, picture = AskGuard(random_model()), random_picture(30, 30, 50)
    request, prepared = Ask("r", (), GREEDY, max_tokens=1), Prepared(random_ids(300), (picture,))
    anew, looked_at, read = (
        PromptSize.of(request, prepared, read, kept) for read, kept in ((0, ()), (0, {picture}), (200, ()))
    )
    assert (anew.pictures, looked_at.pictures, read.pictures) == ([100], [], [])
    assert (anew.kept, looked_at.kept, read.kept) == ([], [100], [])
    assert guard.need_bytes(looked_at) < 0.7 * guard.need_bytes(anew)
    long = [predict_peak(DENSE_31B, 0, prompt_tokens=4_000, kept=kept).work for kept in ([], [1_120])]
    assert long[1] > 1.4 * long[0], "its soft tokens are still read in one chunk"


def test_a_picture_larger_than_a_chunk_is_read_at_once() -> None:
    small = predict_peak(DENSE_31B, 0, prompt_tokens=4_000, pictures=[280], backend="cpu")
    large = predict_peak(DENSE_31B, 0, prompt_tokens=4_000, pictures=[1_120], backend="cpu")
    assert large.work > 2 * small.work
    assert large.features == 1_120 * DENSE_31B.text.hidden_size * 2
