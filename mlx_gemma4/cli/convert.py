"""`mlx-gemma4 convert SOURCE TARGET`: a checkpoint folder to a quantized copy that this package and its peers read."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

BAR_WIDTH = 30


def add_convert(commands: Any) -> None:
    """Add the command to `argparse`'s subcommands."""
    parser = commands.add_parser(
        "convert",
        help="quantize a checkpoint",
        description="Write a quantized copy of a checkpoint. Picture and sound towers, router and norms are protected.",
    )
    parser.add_argument("source", type=Path, metavar="SOURCE", help="a checkpoint in bfloat16, float16 or float32")
    parser.add_argument("target", type=Path, metavar="TARGET", help="the folder to write; it must not exist")
    parser.add_argument("--bits", type=int, metavar="4|8", help="bits a weight (default: 4, or what the mode has)")
    parser.add_argument("--group-size", type=int, metavar="N", help="weights that share a scale (default: 64)")
    parser.add_argument("--mode", default="affine", metavar="MODE", help="affine (default), mxfp4, mxfp8 or nvfp4")
    parser.set_defaults(command=_convert)


def _convert(options: argparse.Namespace) -> None:
    from mlx_gemma4.weights.conversion import plan_quantized
    from mlx_gemma4.weights.recipe import protecting, read_packing

    packing = read_packing(options.mode, options.bits, options.group_size)
    copy = plan_quantized(options.source, options.target, protecting(packing))
    done = 0
    for written in copy.write_new():
        done += written
        _show_progress(done, copy.nbytes)
    before, after = copy.source.nbytes, copy.nbytes
    print(f"{options.target}: {after / 1e9:.2f} GB, {after / before:.0%} of the original")


def _show_progress(done: int, total: int) -> None:
    """A bar on a terminal; nothing elsewhere."""
    if sys.stderr.isatty():
        filled = round(BAR_WIDTH * done / total)
        end = "\n" if done == total else ""
        print(
            f"\r{'█' * filled}{'░' * (BAR_WIDTH - filled)} {done / 1e9:6.2f} GB", end=end, file=sys.stderr, flush=True
        )
