"""Recomputes the reference live and holds the stored arrays and our model against it: `make parity`.

Needs torch and transformers beside MLX. Prints one line per checkpoint, case, path and form, and writes docs/PARITY.md;
exits with 1, leaving the page as it was, if a difference is over its tolerance.
"""

from __future__ import annotations

import sys

import transformers

from tests.parity.comparisons import Line, compare
from tests.parity.export_reference import compute
from tests.parity.report import write_report
from tests.parity.tiny_checkpoints import CONFIGS


def main() -> int:
    """Print the lines; 0 if everything is within its tolerance."""
    print(f"Reference: transformers {transformers.__version__}, float32, eager attention, no cache.")
    print(f"{'weights':9} {'case':32} {'path':48} {'max diff':>9} {'argmax':>8} {'allowed':>9}")
    lines: list[Line] = []
    for name in CONFIGS:
        for line in compare(name, compute(name)):
            print(line, flush=True)
            lines.append(line)
    failed = sum(not line.is_good for line in lines)
    print("All within tolerance." if not failed else f"{failed} comparisons failed.")
    if not failed:
        write_report(lines)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
