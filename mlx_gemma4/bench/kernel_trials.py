"""`mlx-gemma4 bench --kernels`: what makes decoding faster on this machine, tried one by one and kept if it does.

Every trial runs in a process of its own, because MLX reads some settings only when it starts. Two processes take turns,
one with what has proven itself so far and one with a single thing more; that is kept if it is faster by a hundredth in
the median of the rounds, and in most of them.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeAlias
from unittest.mock import patch

from mlx_gemma4.bench.contenders import OURS
from mlx_gemma4.bench.jobs import Job
from mlx_gemma4.bench.processes import ContenderProcess
from mlx_gemma4.bench.random_folder import write_random_folder
from mlx_gemma4.bench.sizes import SIZES, shrunk
from mlx_gemma4.generation.steps import FORM_VARIABLE
from mlx_gemma4.kernels.backend import Backend, backend
from mlx_gemma4.kernels.choice import THERE_ARE, VARIABLE
from mlx_gemma4.kernels.settings import FILE, Settings, device_name, save, settings_file
from mlx_gemma4.weights.quantization import Packing
from mlx_gemma4.weights.recipe import protecting

GAIN = 1.01
BUFFERS = (("50", "50"), ("100", "200"), ("200", "1000"), ("400", "4000"))
"""Operations, and megabytes, of a command buffer."""
JOB = Job("decode", 1_200, 96)

Runner: TypeAlias = Callable[[], float]
"""Runs once, and gives tokens per second."""


@dataclass(frozen=True)
class Trial:
    """One thing tried: its name, and the median of how much faster it was, in as many rounds as are given."""

    name: str
    ratio: float
    faster_rounds: int
    rounds: int

    @property
    def is_kept(self) -> bool:
        """Whether it has proven itself."""
        return self.ratio >= GAIN and 2 * self.faster_rounds > self.rounds


def options(device: Backend) -> Iterator[tuple[str, Callable[[Settings], Settings]]]:
    """What is tried on a backend, in order."""
    for form in ("whole", "segments"):
        yield f"step: {form}", lambda s, form=form: replace(s, form=form)
    for kernel in sorted(THERE_ARE[device]):
        yield f"kernel {kernel}", lambda s, kernel=kernel: replace(s, kernels=(*s.kernels, kernel))
    if "attention" in THERE_ARE[device]:
        yield "step: whole, once more", lambda s: replace(s, form="whole")
    for operations, megabytes in BUFFERS:
        buffers = {"MLX_MAX_OPS_PER_BUFFER": operations, "MLX_MAX_MB_PER_BUFFER": megabytes}
        yield f"{operations} operations, {megabytes} MB", lambda s, buffers=buffers: replace(s, buffers=buffers)


def choose(device: Backend, rounds: int, start: Callable[[Settings], Runner], say: Callable[[Trial], None]) -> Settings:
    """Try everything that there is for a backend.

    Args:
        device: the backend.
        rounds: measured runs on each side.
        start: begins a process with some settings, and gives what runs it once.
        say: is told of each trial.
    """
    best = Settings()
    for name, change in options(device):
        tried = change(best)
        if tried == best:
            continue
        old, new = start(best), start(tried)
        ratios = [_ratio(old(), new()) for _ in range(rounds)]
        trial = Trial(name, statistics.median(ratios), sum(ratio > 1 for ratio in ratios), rounds)
        say(trial)
        best = tried if trial.is_kept else best
    return best


def _ratio(old: float, new: float) -> float:
    """How much faster; where a side could not run, it has proven nothing."""
    return new / old if old else 0.0


def environment(settings: Settings) -> dict[str, str]:
    """The variables by which a process is told."""
    kernels = ",".join(settings.kernels) or "none"
    return {VARIABLE: kernels, FORM_VARIABLE: settings.form, FILE: "none", **settings.buffers}


@contextmanager
def processes(folder: Path, job: Job) -> Iterator[Callable[[Settings], Runner]]:
    """Starts a process for each of the last two settings asked for."""
    running: dict[str, ContenderProcess] = {}

    def start(settings: Settings) -> Runner:
        key = repr(settings)
        if key not in running:
            while len(running) > 1:
                running.pop(next(iter(running))).close()
            with patch.dict("os.environ", environment(settings)):
                running[key] = ContenderProcess(OURS, folder)
            running[key].run(job, 0)
        process = running[key] = running.pop(key)

        def run() -> float:
            figures = process.run(job, 1)
            return 0.0 if figures is None or figures.decode_rate is None else figures.decode_rate

        return run

    with ExitStack() as stack:
        stack.callback(lambda: [process.close() for process in running.values()])
        yield start


def main(arguments: Sequence[str] | None = None) -> int:
    """Tries everything on a size, prints each trial, and keeps the choice."""
    parser = argparse.ArgumentParser(prog="mlx-gemma4 bench --kernels", description=__doc__)
    parser.add_argument("--size", choices=SIZES, default="E2B", help="a published size, with random weights")
    parser.add_argument("--rounds", type=int, default=5, help="measured runs on each side (default 5)")
    parser.add_argument("--shrink", action="store_true", help="the same structure in small, to try this out")
    given = parser.parse_args(arguments)
    config = shrunk(SIZES[given.size]) if given.shrink else SIZES[given.size]
    job = Job("decode", 24, 8) if given.shrink else JOB
    print(f"{given.size}, 4 bits, random weights: {device_name()}, {backend()}")
    with tempfile.TemporaryDirectory() as folder:
        write_random_folder(config, Path(folder), protecting(Packing(4, 64)))
        with processes(Path(folder), job) as start:
            best = choose(backend(), given.rounds, start, _print_trial)
    print(f"best: {', '.join(best.kernels) or 'no kernel'}; step: {best.form or 'as it is'}; {best.buffers or ''}")
    file = settings_file()
    if given.shrink or backend() == "cpu" or file is None:
        print("Nothing is kept: a small model, or a CPU, says nothing about a GPU.")
        return 0
    save(best, file)
    print(f"Kept in {file}")
    return 0


def _print_trial(trial: Trial) -> None:
    verdict = "kept" if trial.is_kept else "left"
    print(
        f"{trial.name:34}{trial.ratio:7.3f} ×   faster in {trial.faster_rounds} of {trial.rounds}   {verdict}",
        flush=True,
    )


if __name__ == "__main__":
    sys.exit(main())
