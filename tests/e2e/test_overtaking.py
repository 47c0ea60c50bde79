"""A short form of `make soak`: a queue of pictures is worked on, and urgent questions come in between."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.soak.overtaking import LATER_SECONDS, run
from tests.unit.engine.live_engine import require_tour


@pytest.mark.full
def test_questions_begin_at_once_and_the_queue_says_what_it_would_have(tmp_path: Path) -> None:
    require_tour()
    result = run(30, 5, tmp_path)
    print(f"{result.seconds:.0f} s; at most {result.latest:.2f} s later than alone")
    assert not result.differing
    assert result.latest <= LATER_SECONDS
