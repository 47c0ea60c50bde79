"""`make bench`: our decode loop, mlx-lm's and mlx-vlm's in alternating runs; medians and ratios."""

import argparse
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from mlx_gemma4.bench.checkpoints import BenchCheckpoint, available
from mlx_gemma4.bench.contenders import LOADERS
from mlx_gemma4.bench.jobs import JOBS
from mlx_gemma4.bench.report import FIGURES, format_table, make_row
from mlx_gemma4.bench.rounds import measure
from mlx_gemma4.host import slow_reasons


def report(checkpoint: BenchCheckpoint, rounds: int) -> str:
    """Writes the checkpoint into a temporary folder, measures on it, and gives the table."""
    with tempfile.TemporaryDirectory() as folder:
        checkpoint.write(Path(folder))
        results = measure(Path(folder), JOBS, rounds)
    rows = [make_row(figure, results[figure.job]) for figure in FIGURES]
    return f"{checkpoint.name}: {checkpoint.about}\n{format_table(rows, list(LOADERS))}\n"


def main(arguments: Sequence[str] | None = None) -> int:
    """Measures the chosen checkpoints and prints a table for each."""
    checkpoints = {checkpoint.name: checkpoint for checkpoint in available()}
    parser = argparse.ArgumentParser(prog="python -m mlx_gemma4.bench", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5, help="measured runs of each contender (default 5)")
    parser.add_argument(
        "checkpoints", nargs="*", metavar="CHECKPOINT", help=f"of {', '.join(checkpoints)}; all if none"
    )
    options = parser.parse_args(arguments)
    if unknown := set(options.checkpoints) - set(checkpoints):
        parser.error(f"no checkpoint named {', '.join(sorted(unknown))}")
    for reason in slow_reasons():
        print(reason, file=sys.stderr)
    for name in options.checkpoints or checkpoints:
        print(report(checkpoints[name], options.rounds), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
