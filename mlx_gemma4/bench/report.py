"""Runs to medians, ratios and a table."""

import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from mlx_gemma4.bench.contenders import OURS
from mlx_gemma4.bench.jobs import GREEDY_DECODE, PREFILL, SAMPLED_DECODE, Job, RunFigures

Rounds = Mapping[str, Sequence[RunFigures]]


@dataclass(frozen=True)
class Figure:
    """One line of the table: a figure of a job, and whether more of it is better."""

    title: str
    unit: str
    job: Job
    read: Callable[[RunFigures], float | None]
    more_is_better: bool


def in_ms(seconds: float | None) -> float | None:
    """Seconds as milliseconds."""
    return None if seconds is None else seconds * 1e3


FIGURES = (
    Figure("greedy decode", "tok/s", GREEDY_DECODE, lambda run: run.decode_rate, True),
    Figure("decode at T 1, top-k 64, top-p 0.95", "tok/s", SAMPLED_DECODE, lambda run: run.decode_rate, True),
    Figure("prefill", "tok/s", PREFILL, lambda run: run.prefill_rate, True),
    Figure("time to first token", "ms", GREEDY_DECODE, lambda run: run.time_to_first_token * 1e3, False),
    Figure("host processor time per token", "ms", GREEDY_DECODE, lambda run: in_ms(run.host_processor_time), False),
    Figure("host wall time per token", "ms", GREEDY_DECODE, lambda run: in_ms(run.host_wall_time), False),
    Figure("peak memory, decode", "MB", GREEDY_DECODE, lambda run: run.peak_memory / 1e6, False),
    Figure("peak memory, prefill", "MB", PREFILL, lambda run: run.peak_memory / 1e6, False),
)


@dataclass(frozen=True)
class Row:
    """A figure's median per contender, and how many times better ours is than the better peer."""

    title: str
    unit: str
    medians: dict[str, float]
    ratio: float | None


def make_row(figure: Figure, rounds: Rounds) -> Row:
    """Medians over the rounds; the ratio is the median of the ratios within each round, which drift cannot bend."""
    values = {name: [value for run in runs if (value := figure.read(run)) is not None] for name, runs in rounds.items()}
    medians = {name: statistics.median(series) for name, series in values.items() if series}
    peers = {name: median for name, median in medians.items() if name != OURS}
    if OURS not in medians or not peers:
        return Row(figure.title, figure.unit, medians, None)
    better = max if figure.more_is_better else min
    best_peer = better(peers, key=peers.__getitem__)
    ratios = [ours / peer for ours, peer in zip(values[OURS], values[best_peer], strict=True)]
    ratio = statistics.median(ratios)
    return Row(figure.title, figure.unit, medians, ratio if figure.more_is_better else 1 / ratio)


def format_table(rows: Sequence[Row], contenders: Sequence[str]) -> str:
    """The rows as aligned text; `ratio` above 1 means that ours is better than the better peer."""
    lines = [f"{'':36}{'':7}" + "".join(f"{name:>11}" for name in contenders) + f"{'ratio':>9}"]
    for row in rows:
        cells = "".join(f"{_number(row.medians.get(name)):>11}" for name in contenders)
        ratio = f"{row.ratio:.2f}×" if row.ratio is not None else "–"
        lines.append(f"{row.title:36}{row.unit:7}{cells}{ratio:>9}")
    return "\n".join(lines)


def _number(value: float | None) -> str:
    if value is None:
        return "–"
    return f"{value:.0f}" if value >= 100 else f"{value:.2f}"
