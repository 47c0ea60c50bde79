"""Recomputes the reference live and holds the stored arrays and our model against it: `make parity`.

Needs torch and transformers beside MLX. Prints one line per checkpoint, case, path and form, and writes docs/PARITY.md;
exits with 1, leaving the page as it was, if a difference is over its tolerance.
"""

from __future__ import annotations

import sys

import transformers

from tests.parity.comparisons import Line, compare
from tests.parity.export_reference import compute
from tests.parity.live_peers import mlx_lm_lines, mlx_vlm_lines
from tests.parity.report import write_report
from tests.parity.tiny_checkpoints import CONFIGS


def main() -> int:
    """Print the lines; 0 if everything is within its tolerance."""
    print(f"Reference: transformers {transformers.__version__}, float32, eager attention, no cache.")
    print(f"{'weights':9} {'case':32} {'path':48} {'max diff':>9} {'argmax':>8} {'allowed':>9}")
    lines: list[Line] = []
    mlx_vlm: list[Line] = []
    mlx_lm: list[Line] = []
    for name in CONFIGS:
        live = compute(name)
        for line in compare(name, live):
            print(line, flush=True)
            lines.append(line)
        mlx_vlm += mlx_vlm_lines(name, live)
        mlx_lm += mlx_lm_lines(name, live)
    failed = sum(not line.is_good for line in lines)
    print("All within tolerance." if not failed else f"{failed} comparisons failed.")
    if not failed:
        write_report(lines, mlx_vlm, mlx_lm)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
