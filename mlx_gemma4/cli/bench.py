"""`mlx-gemma4 bench`: what a token costs the machine, counted or measured."""

from __future__ import annotations

import argparse
from typing import Any

from mlx_gemma4.protocol.errors import PromptError

_SIZES = ("E2B", "E4B", "12B", "26B-A4B", "31B")


def add_bench(commands: Any) -> None:
    """Add the command to `argparse`'s subcommands."""
    parser = commands.add_parser(
        "bench",
        help="count what a token costs",
        description="Count kernels per token, as a Mac would start them, on any machine.",
    )
    parser.add_argument("--launches", action="store_true", help="count launches per token and per picture layer")
    parser.add_argument("--size", choices=_SIZES, action="append", help="a published size; all if none")
    parser.set_defaults(command=_bench)


def _bench(options: argparse.Namespace) -> None:
    if not options.launches:
        raise PromptError("There is nothing to do.", "Say what to count: mlx-gemma4 bench --launches")

    from mlx_gemma4.bench.launches import report

    print(report(options.size or _SIZES))
