"""All contenders over all jobs, in turn, so that a slow minute of the machine falls on all of them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path

from mlx_gemma4.bench.contenders import LOADERS, WITHOUT_SENSES
from mlx_gemma4.bench.jobs import Job, RunFigures
from mlx_gemma4.bench.processes import ContenderProcess

WARM_UP_SEED = 0


def measure(
    folder: Path, jobs: Sequence[Job], rounds: int, contenders: Collection[str] = tuple(LOADERS)
) -> dict[Job, dict[str, list[RunFigures]]]:
    """Runs every job `rounds` times with every contender that can do it, in turn, after one unmeasured run each."""
    processes = [ContenderProcess(name, folder) for name in LOADERS if name in contenders]
    results: dict[Job, dict[str, list[RunFigures]]] = {job: {} for job in jobs}
    for job in jobs:
        able = [process for process in processes if not (job.has_media and process.name in WITHOUT_SENSES)]
        alive = [process for process in able if process.run(job, WARM_UP_SEED) is not None]
        runs: dict[str, list[RunFigures]] = {process.name: [] for process in alive}
        for seed in range(1, rounds + 1):
            for process in alive:
                figures = process.run(job, seed)
                if figures is not None:
                    runs[process.name].append(figures)
        results[job] = {name: series for name, series in runs.items() if len(series) == rounds}
    for process in processes:
        process.close()
    return results
