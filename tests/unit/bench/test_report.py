"""Medians and ratios, worked out by hand."""

import pytest

from mlx_gemma4.bench.jobs import GREEDY_DECODE, RunFigures
from mlx_gemma4.bench.report import FIGURES, Figure, Row, format_table, make_row


def run(rate: float | None = 100.0, first: float = 0.5) -> RunFigures:
    return RunFigures(
        prompt_tokens=100,
        time_to_first_token=first,
        decode_rate=rate,
        host_processor_time=1e-3,
        host_wall_time=2e-3,
        peak_memory=10**6,
    )


RATE = Figure("decode", "tok/s", GREEDY_DECODE, lambda figures: figures.decode_rate, True)
FIRST = Figure("first token", "ms", GREEDY_DECODE, lambda figures: figures.time_to_first_token * 1e3, False)


def test_the_ratio_is_taken_to_the_better_peer_within_each_round() -> None:
    rounds = {
        "ours": [run(200), run(100), run(300)],
        "mlx-lm": [run(100), run(50), run(100)],  # the machine was slow in the second round
        "mlx-vlm": [run(80), run(40), run(90)],
    }
    row = make_row(RATE, rounds)
    assert row.medians == {"ours": 200, "mlx-lm": 100, "mlx-vlm": 80}
    assert row.ratio == 2.0


def test_a_ratio_above_one_means_better_also_where_less_is_better() -> None:
    rounds = {"ours": [run(first=0.1)], "mlx-lm": [run(first=0.4)], "mlx-vlm": [run(first=0.2)]}
    assert make_row(FIRST, rounds).ratio == pytest.approx(2.0)


def test_a_peer_that_could_not_run_leaves_the_other_to_compare_with() -> None:
    assert make_row(RATE, {"ours": [run(200)], "mlx-lm": [run(100)]}).ratio == 2.0
    assert make_row(RATE, {"ours": [run(200)]}).ratio is None
    assert make_row(RATE, {"mlx-lm": [run(200)]}) == Row("decode", "tok/s", {"mlx-lm": 200}, None)


def test_a_figure_that_a_run_does_not_have_is_left_out() -> None:
    assert make_row(RATE, {"ours": [run(rate=None)], "mlx-lm": [run(rate=None)]}).medians == {}


def test_the_table_shows_every_contender_and_a_dash_for_what_is_missing() -> None:
    text = format_table(
        [Row("decode", "tok/s", {"ours": 200.0, "mlx-lm": 12.345}, 16.2)], ["ours", "mlx-lm", "mlx-vlm"]
    )
    header, line = text.splitlines()
    assert header.split() == ["ours", "mlx-lm", "mlx-vlm", "ratio"]
    assert line.split() == ["decode", "tok/s", "200", "12.35", "–", "16.20×"]


def test_prefill_rate_counts_the_whole_prompt() -> None:
    assert run(first=0.5).prefill_rate == 200.0
    assert len({figure.title for figure in FIGURES}) == len(FIGURES)
