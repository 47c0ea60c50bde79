"""What a run measures, seen on generators whose behaviour is known, and the checkpoints it is measured on."""

import dataclasses
import math
import time
from collections.abc import Iterator
from pathlib import Path

import mlx.core as mx
import numpy as np
import pytest

from mlx_gemma4.bench.checkpoints import RANDOM_15M, RANDOM_262K
from mlx_gemma4.bench.contenders import load_ours
from mlx_gemma4.bench.jobs import Job
from mlx_gemma4.bench.measure import run_once
from mlx_gemma4.model.config import Gemma4Config
from mlx_gemma4.model.gemma4 import Gemma4
from mlx_gemma4.prompt.prepared import Prepared
from mlx_gemma4.protocol.requests import SamplingSettings
from mlx_gemma4.weights.parameters import flat_parameters

CONFIG = Gemma4Config.from_dict(RANDOM_15M)
JOB = Job("test", prompt_tokens=7, new_tokens=4)
CLOCKS_APART = (
    1e-4  # seconds: the two clocks are read one after the other, so equal spans differ by a little either way
)


def slow_start(prompt: Prepared, sampling: SamplingSettings, max_tokens: int) -> Iterator[int]:
    """Waits before its first token, works on the host for 5 ms before each submission, waits for 20 ms after it."""
    time.sleep(0.1)
    for token in range(max_tokens):
        end = time.thread_time() + 0.005
        while time.thread_time() < end:
            pass
        mx.async_eval(mx.zeros(1))
        time.sleep(0.02)
        yield token


def test_first_token_decoding_and_host_work_are_told_apart() -> None:
    figures = run_once(slow_start, JOB, seed=1, config=CONFIG)
    assert figures.time_to_first_token > 0.12
    assert figures.decode_rate is not None and 0.2 < figures.decode_rate < 40
    assert figures.host_processor_time is not None and 0.0049 < figures.host_processor_time < 0.015
    assert figures.host_wall_time is not None
    assert figures.host_wall_time >= figures.host_processor_time - CLOCKS_APART


def test_a_wait_inside_of_async_eval_is_wall_time_but_not_processor_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mx, "async_eval", lambda *arrays: time.sleep(0.05))

    def waits(prompt: Prepared, sampling: SamplingSettings, max_tokens: int) -> Iterator[int]:
        for token in range(max_tokens):
            mx.async_eval(mx.zeros(1))
            yield token

    figures = run_once(waits, JOB, seed=1, config=CONFIG)
    assert figures.host_processor_time is not None and figures.host_processor_time < 0.01
    assert figures.host_wall_time is not None and figures.host_wall_time >= 0.05


def test_async_eval_is_given_back() -> None:
    original = mx.async_eval
    run_once(slow_start, JOB, seed=1, config=CONFIG)
    assert mx.async_eval is original


def test_the_same_seed_asks_the_same_of_everyone() -> None:
    prompts: list[np.ndarray] = []

    def note(prompt: Prepared, sampling: SamplingSettings, max_tokens: int) -> Iterator[int]:
        prompts.append(prompt.token_ids)
        yield from range(max_tokens)

    for seed in (1, 1, 2):
        run_once(note, JOB, seed, config=CONFIG)
    assert prompts[0].tolist() == prompts[1].tolist() != prompts[2].tolist()
    assert prompts[0].shape == (7,)


def test_a_contender_that_stops_early_is_no_measurement() -> None:
    with pytest.raises(RuntimeError, match="asked for 4 tokens, got 3"):
        run_once(lambda *_: iter([1, 2, 3]), JOB, seed=1, config=CONFIG)


@pytest.mark.parametrize(("checkpoint", "parameters"), [(RANDOM_15M, 15e6), (RANDOM_262K, 110e6)])
def test_the_random_checkpoints_have_the_size_they_are_named_for(checkpoint: dict, parameters: float) -> None:
    model = Gemma4(Gemma4Config.from_dict(checkpoint))
    total = sum(math.prod(array.shape) for array in flat_parameters(model).values())
    assert total == pytest.approx(parameters, rel=0.02)
    assert model.config.text.hidden_size == 256


def test_ours_streams_as_many_tokens_as_asked(tmp_path: Path) -> None:
    from mlx_gemma4.bench.checkpoints import write_random

    text = RANDOM_15M["text_config"] | {"vocab_size": 2048, "vocab_size_per_layer_input": 2048, "sliding_window": 16}
    write_random(RANDOM_15M | {"vocab_size": 2048, "text_config": text}, tmp_path)
    generate = load_ours(tmp_path)
    for sampling in (SamplingSettings(temperature=0), SamplingSettings()):
        figures = run_once(
            generate, dataclasses.replace(JOB, prompt_tokens=40, sampling=sampling), seed=3, config=CONFIG
        )
        assert figures.peak_memory > 0
