"""A process for every contender: it loads a checkpoint once and then runs jobs when it is told to.

Processes are kept apart because what is compared is kept per process: MLX's peak memory, its buffer cache, its
compiled functions, and whatever the other libraries patch on import. They stay alive through all rounds and run one
at a time in turn, so that a slow minute of the machine falls on all of them.
"""

import multiprocessing
from multiprocessing.connection import Connection
from pathlib import Path

from mlx_gemma4.bench.jobs import Job, RunFigures


def _serve(connection: Connection, contender: str, folder: Path) -> None:
    """The child: answers every (job, seed) with figures until the other end is closed."""
    from mlx_gemma4.bench.contenders import LOADERS
    from mlx_gemma4.bench.measure import run_once
    from mlx_gemma4.bench.prompts import read_config

    config, generate = read_config(folder), LOADERS[contender](folder)
    while True:
        try:
            job, seed = connection.recv()
        except EOFError:
            return
        connection.send(run_once(generate, job, seed, config))


class ContenderProcess:
    """A running contender with one checkpoint loaded."""

    def __init__(self, contender: str, folder: Path) -> None:
        context = multiprocessing.get_context("spawn")
        self.name = contender
        self._connection, theirs = context.Pipe()
        self._process = context.Process(target=_serve, args=(theirs, contender, folder), daemon=True)
        self._process.start()
        theirs.close()

    def run(self, job: Job, seed: int) -> RunFigures | None:
        """Figures of one run, or None when the process ended; its reason then stands on stderr."""
        try:
            self._connection.send((job, seed))
            return self._connection.recv()
        except (EOFError, BrokenPipeError, ConnectionResetError):
            return None

    def close(self) -> None:
        """Ends the process."""
        self._connection.close()
        self._process.join()
