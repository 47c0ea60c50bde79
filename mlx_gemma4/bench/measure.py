"""One run of one contender, timed from outside: nothing inside any of the implementations is touched.

Host time per token runs from the start of building a step until `async_eval` returns. It is given twice: as processor
time of the calling thread, and by the wall clock. On a GPU they hardly differ. On MLX's CPU backend `async_eval` waits
while more than ten batches of ten operations are queued, which is nearly always so in all three implementations: there
the wall clock shows how long the computation takes, and only processor time what the host itself does for a token.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

import mlx.core as mx

from mlx_gemma4.bench.contenders import Generate
from mlx_gemma4.bench.jobs import Job, RunFigures
from mlx_gemma4.bench.prompts import make_prompt
from mlx_gemma4.model.config import Gemma4Config


class Moment(NamedTuple):
    """The calling thread's processor time and the wall clock, in seconds."""

    processor: float
    wall: float

    @classmethod
    def now(cls) -> Moment:
        """Both clocks, read one after the other."""
        return cls(time.thread_time(), time.perf_counter())

    def since(self, earlier: Moment) -> Moment:
        """What passed on both clocks."""
        return Moment(self.processor - earlier.processor, self.wall - earlier.wall)


class SubmitClock:
    """The moment at which `mx.async_eval` returned last."""

    def __init__(self) -> None:
        self.returned_at: Moment | None = None

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Wraps `mx.async_eval`; all three implementations call it by that name when a step is built."""
        original = mx.async_eval

        def async_eval(*arrays: Any) -> None:
            original(*arrays)
            self.returned_at = Moment.now()

        mx.async_eval = async_eval
        try:
            yield
        finally:
            mx.async_eval = original


def run_once(generate: Generate, job: Job, seed: int, config: Gemma4Config) -> RunFigures:
    """Runs a job on a random prompt of that seed, made for a model of that config."""
    prompt = make_prompt(job, seed, config)
    mx.random.seed(seed)
    mx.clear_cache()
    mx.reset_peak_memory()
    clock = SubmitClock()
    host_times: list[Moment] = []
    with clock.watching():
        start = time.perf_counter()
        tokens = generate(prompt, job.sampling, job.new_tokens)
        next(tokens)
        first = time.perf_counter()
        count = 1
        while True:
            clock.returned_at, resumed = None, Moment.now()
            if next(tokens, None) is None:
                break
            count += 1
            if clock.returned_at is not None:
                host_times.append(clock.returned_at.since(resumed))
        end = time.perf_counter()
    if count != job.new_tokens:
        raise RuntimeError(f"asked for {job.new_tokens} tokens, got {count}")
    return RunFigures(
        prompt_tokens=len(prompt.token_ids),
        time_to_first_token=first - start,
        decode_rate=(count - 1) / (end - first) if count > 1 else None,
        host_processor_time=statistics.median(passed.processor for passed in host_times) if host_times else None,
        host_wall_time=statistics.median(passed.wall for passed in host_times) if host_times else None,
        peak_memory=mx.get_peak_memory(),
    )
