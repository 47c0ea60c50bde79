"""`python -m app` and `prism`; with `--engine`, the engine's process, without a window toolkit in it."""

from __future__ import annotations

import sys


def main() -> int:
    """Run the engine if asked to, and Prism otherwise; returns the exit code."""
    if sys.argv[1:2] == ["--engine"]:
        from mlx_gemma4.engine import stdio

        return stdio.main()

    from mlx_gemma4.cli import tour

    return tour.main()


if __name__ == "__main__":
    sys.exit(main())
