"""Contenders run in processes of their own, and one that dies takes nobody with it."""

import dataclasses
from pathlib import Path

from mlx_gemma4.bench.checkpoints import RANDOM_15M, write_random
from mlx_gemma4.bench.jobs import GREEDY_DECODE
from mlx_gemma4.bench.processes import ContenderProcess

JOB = dataclasses.replace(GREEDY_DECODE, new_tokens=3)


def test_a_process_answers_jobs_until_it_is_closed(tmp_path: Path) -> None:
    write_random(RANDOM_15M, tmp_path)
    process = ContenderProcess("ours", tmp_path)
    first, second = process.run(JOB, seed=1), process.run(JOB, seed=2)
    process.close()
    assert first is not None and first.decode_rate is not None and first.host_processor_time is not None
    assert second is not None and second.peak_memory >= 15e6 * 4


def test_a_checkpoint_that_cannot_be_loaded_gives_no_figures(tmp_path: Path) -> None:
    process = ContenderProcess("ours", tmp_path)
    assert process.run(JOB, seed=1) is None
    assert process.run(JOB, seed=1) is None
    process.close()
