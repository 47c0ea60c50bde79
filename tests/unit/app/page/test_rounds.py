"""The rules of rounds of correction."""

from app.page.rounds import Rounds


def run(wanted: int, start: float | None, *figures: float | None) -> tuple[int, int, str]:
    """How many rounds were run, the one that is kept, and the remark."""
    rounds = Rounds(wanted, start)
    for figure in figures:
        rounds.begin()
        if not rounds.judge(figure):
            break
    return rounds.number, rounds.kept, rounds.remark


def test_all_rounds_run_as_long_as_the_number_rises() -> None:
    assert run(3, 0.5, 0.6, 0.7, 0.8, 0.9) == (3, 3, "3 rounds: from 50.0 % to 80.0 %.")
    assert run(1, 0.5, 0.6) == (1, 1, "One round: from 50.0 % to 60.0 %.")


def test_an_engine_that_never_improves_ends_it_after_one_round_with_the_first_page_kept() -> None:
    for figure in (0.5, 0.4, 0.0):
        number, kept, remark = run(5, 0.5, figure, figure, figure)
        assert (number, kept) == (1, 0)
        assert remark.startswith("Round 1 came no nearer to the screenshot") and "50.0 %" in remark


def test_the_first_round_that_does_not_rise_ends_it_and_the_best_is_kept() -> None:
    number, kept, remark = run(5, 0.5, 0.6, 0.55, 0.9)
    assert (number, kept) == (2, 1)
    assert "55.0 % after 60.0 %" in remark


def test_the_last_round_wanted_can_be_the_one_that_does_not_rise() -> None:
    assert run(2, 0.5, 0.6, 0.6)[:2] == (2, 1)


def test_rounds_that_cannot_be_measured_are_not_repeated() -> None:
    assert run(5, 0.5, None, 0.9)[:2] == (1, 0)
    assert run(5, None, 0.9, 0.95)[:2] == (1, 1)  # nothing to compare it with: what the person asked for is shown
    assert run(5, None, None)[:2] == (1, 1)


def test_a_round_that_breaks_off_leaves_the_best_so_far() -> None:
    rounds = Rounds(3, 0.5)
    rounds.begin()
    assert rounds.judge(0.6)
    rounds.begin()
    rounds.break_off("Stopped in round 2.")
    assert (rounds.kept, rounds.remark) == (1, "Stopped in round 2. The best page so far is shown.")
