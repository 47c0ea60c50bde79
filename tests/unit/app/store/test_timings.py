"""How fast this machine is stays known, and a damaged file counts as none."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.state.pace import Timing
from app.store.timings import FILE, Timings


def test_timings_are_kept_by_model_and_the_oldest_go(tmp_path: Path) -> None:
    timings = Timings(tmp_path)
    for number in range(1, 40):
        timings.add("a", Timing(number, 0.5, False))
    timings.add("a", Timing(7, 0.25, True))
    timings.add("b", Timing(9, 1.0, False))
    again = Timings(tmp_path)
    assert again.of("a") == timings.of("a")
    assert [timing.tokens for timing in again.of("a") if not timing.files] == list(range(16, 40))
    assert Timing(7, 0.25, True) in again.of("a")
    assert again.of("b") == [Timing(9, 1.0, False)]
    assert again.of("c") == []


@pytest.mark.parametrize(
    "text", ["", "[]", '{"a": 1}', '{"a": [[1]]}', '{"a": [["x", 1, true]]}', '{"a": [[0, 1, true]]}']
)
def test_a_damaged_file_counts_as_none(tmp_path: Path, text: str) -> None:
    (tmp_path / FILE).write_text(text)
    assert Timings(tmp_path).of("a") == []


def test_where_nothing_can_be_written_it_is_known_until_the_end(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    timings = Timings(tmp_path / "file")
    timings.add("a", Timing(1, 0.5, False))
    assert timings.of("a") == [Timing(1, 0.5, False)]
