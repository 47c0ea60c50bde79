"""`mlx-gemma4 bench`: what a token costs the machine, counted or measured."""

from __future__ import annotations

import argparse
import subprocess
import sys
from typing import Any

from mlx_gemma4.protocol.errors import PromptError

_SIZES = ("E2B", "E4B", "12B", "26B-A4B", "31B")


def add_bench(commands: Any) -> None:
    """Add the command to `argparse`'s subcommands."""
    parser = commands.add_parser(
        "bench",
        help="count or measure what a token costs",
        description="Count kernels per token, as a Mac would start them; or find out what makes this machine faster.",
    )
    parser.add_argument("--launches", action="store_true", help="count launches per token and per picture layer")
    parser.add_argument(
        "--kernels", action="store_true", help="try kernels and settings on this machine, keep the best"
    )
    parser.add_argument("--rounds", type=int, default=5, help="of --kernels (default: 5)")
    parser.add_argument("--shrink", action="store_true", help="--kernels on a small model, to see how it goes")
    parser.add_argument("--size", choices=_SIZES, action="append", help="a published size; all if none")
    parser.set_defaults(command=_bench)


def _bench(options: argparse.Namespace) -> None:
    if not options.launches and not options.kernels:
        raise PromptError("There is nothing to do.", "Say what to do: mlx-gemma4 bench --launches, or --kernels")
    if options.launches:
        from mlx_gemma4.bench.launches import report

        print(report(options.size or _SIZES))
    for size in (options.size or ["E2B"]) if options.kernels else ():
        _try_kernels(size, options)


def _try_kernels(size: str, options: argparse.Namespace) -> None:
    """In a program of its own: it measures as it measures other implementations, of which a command knows nothing."""
    if options.rounds < 1:
        raise PromptError("There must be a round.", "Give --rounds 1 or more.")
    command = [sys.executable, "-m", "mlx_gemma4.bench.kernel_trials", "--size", size, "--rounds", str(options.rounds)]
    subprocess.run(command + ["--shrink"] * options.shrink, check=False)
