"""Recomputes the reference live and holds the stored arrays and our model against it: `make parity`.

Needs torch and transformers beside MLX. Prints one line per checkpoint, case, path and form; exits with 1 if a
difference is over its tolerance.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import get_args

import numpy as np
import transformers
from numpy.typing import NDArray

from mlx_gemma4.generation.steps import Form
from tests.parity.cases import CASES, GREEDY_CASES, GREEDY_LENGTH
from tests.parity.export_reference import compute
from tests.parity.fixtures import compiled_steps, reference_arrays, tiny_model
from tests.parity.paths import PATHS, Prompt, greedy_tokens, largest_difference, without_cache
from tests.parity.tiny_checkpoints import CONFIGS

STORED_TOLERANCE = 1e-4  # the reference itself differs by this much between processors


@dataclass(frozen=True)
class Line:
    """One comparison: what was compared, the largest difference, and how many rows have the same argmax."""

    checkpoint: str
    case: str
    path: str
    difference: float
    agreeing: int
    rows: int
    tolerance: float

    @property
    def is_good(self) -> bool:
        """Within the tolerance and of one mind about the best token."""
        return self.difference <= self.tolerance and self.agreeing == self.rows

    def __str__(self) -> str:
        agreement = f"{self.agreeing}/{self.rows}"
        verdict = "" if self.is_good else "  FAILED"
        head = f"{self.checkpoint:9} {self.case:32} {self.path:31}"
        return f"{head} {self.difference:9.1e} {agreement:>8} {self.tolerance:9.0e}{verdict}"


def compare(name: str) -> Iterator[Line]:
    """All comparisons of one tiny checkpoint."""
    live = compute(name)
    yield _stored_beside_live(name, live)
    for case in CASES[name]:
        reference_LV = live[f"logits.{case.name}"]
        whole = largest_difference(iter(enumerate(without_cache(tiny_model(name), case))), reference_LV)
        yield Line(name, case.name, "no cache", *whole, case.tolerance)
        for path in PATHS:
            for form in get_args(Form):
                rows = path.rows(tiny_model(name), compiled_steps(name, form), Prompt.of(case))
                found = largest_difference(rows, reference_LV)
                yield Line(name, case.name, f"{path.name}, {form}", *found, case.tolerance)
    for case in GREEDY_CASES[name]:
        for form in get_args(Form):
            ids = greedy_tokens(tiny_model(name), compiled_steps(name, form), case, GREEDY_LENGTH)
            equal = int((np.array(ids) == live[f"greedy.{case.name}"]).sum())
            yield Line(name, case.name, f"greedy tokens, {form}", 0.0, equal, GREEDY_LENGTH, 0.0)


def _stored_beside_live(name: str, live: dict[str, NDArray]) -> Line:
    """The arrays in the repository against those just computed."""
    stored = reference_arrays(name)
    if stored.keys() != live.keys() or stored["weights_digest"] != live["weights_digest"]:
        raise SystemExit(f"The stored arrays of {name} are of other weights or cases: export them anew.")
    names = [key for key in live if key != "weights_digest"]
    difference = max(float(np.abs(stored[key] - live[key]).max()) for key in names)
    equal = sum(np.array_equal(stored[key].argmax(-1), live[key].argmax(-1)) for key in names)
    return Line(
        name, "all stored arrays", "reference, stored and live", difference, equal, len(names), STORED_TOLERANCE
    )


def main() -> int:
    """Print the table; 0 if everything is within its tolerance."""
    print(f"Reference: transformers {transformers.__version__}, float32, eager attention, no cache.")
    print(f"{'weights':9} {'case':32} {'path':31} {'max diff':>9} {'argmax':>8} {'allowed':>9}")
    failed = 0
    for name in CONFIGS:
        for line in compare(name):
            print(line, flush=True)
            failed += not line.is_good
    print("All within tolerance." if not failed else f"{failed} comparisons failed.")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
