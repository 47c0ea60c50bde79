"""What the next question will take is told from those before it."""

from __future__ import annotations

import pytest

from app.state.pace import Timing, seconds_to_first_word


def test_nothing_is_said_until_something_was_measured() -> None:
    assert seconds_to_first_word([], 100, files=False) is None


def test_a_start_and_a_speed_are_told_apart() -> None:
    timings = [Timing(tokens, 0.2 + tokens / 1000, False) for tokens in (100, 400, 1600, 3000)]
    assert seconds_to_first_word(timings, 8000, files=False) == pytest.approx(8.2)
    assert seconds_to_first_word(timings, 10, files=False) == pytest.approx(0.21)


def test_questions_with_files_are_told_from_those_without() -> None:
    timings = [Timing(300, 3.0, True), Timing(300, 0.3, False)]
    assert seconds_to_first_word(timings, 300, files=True) == pytest.approx(3.0)
    assert seconds_to_first_word(timings, 300, files=False) == pytest.approx(0.3)
    assert seconds_to_first_word(timings[:1], 300, files=False) == pytest.approx(3.0)


def test_one_measurement_makes_a_longer_question_longer_and_a_short_one_no_shorter() -> None:
    timings = [Timing(100, 0.5, False)]
    assert seconds_to_first_word(timings, 1000, files=False) == pytest.approx(5.0)
    assert seconds_to_first_word(timings, 5, files=False) == pytest.approx(0.5)
    assert seconds_to_first_word(timings, 1001, files=False) is None, "that would be guessing"


@pytest.mark.parametrize("seconds", [(2.0, 1.0), (0.01, 9.0)])
def test_strange_measurements_never_give_less_than_nothing(seconds: tuple[float, float]) -> None:
    timings = [Timing(100, seconds[0], False), Timing(1000, seconds[1], False)]
    for tokens in (1, 100, 1000, 10_000):
        told = seconds_to_first_word(timings, tokens, files=False)
        assert told is not None and told > 0
