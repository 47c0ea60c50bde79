"""Loop guard: an answer without end is noticed, and long lists, tables and pages are left alone."""

from __future__ import annotations

import json
import random
import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlx_gemma4.generation.loop_guard import LoopDetector
from mlx_gemma4.protocol.errors import RequestError
from mlx_gemma4.protocol.requests import DEFAULT_LOOP_GUARD, LoopGuard


def noticed_after(tokens: list[int], guard: LoopGuard = DEFAULT_LOOP_GUARD) -> int | None:
    detector = LoopDetector(guard)
    return next((number for number, token in enumerate(tokens, 1) if detector.feed(token)), None)


@pytest.mark.parametrize("period", [1, 2, 7, 30, 256])
def test_a_loop_is_noticed_as_soon_as_it_is_long_enough(period: int) -> None:
    before = list(range(1000, 1100))
    want = max(DEFAULT_LOOP_GUARD.tokens, DEFAULT_LOOP_GUARD.repeats * period)
    assert noticed_after(before + list(range(period)) * 600) == len(before) + want


def test_longer_n_grams_than_asked_for_are_no_loop() -> None:
    assert noticed_after(list(range(257)) * 40) is None


def as_tokens(text: str, pattern: str = r"\w+|\W") -> list[int]:
    """Words and single marks: shorter than real tokens, so that there are more repeats."""
    return [hash(piece) for piece in re.findall(pattern, text, re.DOTALL)]


def box_list(count: int) -> str:
    draw = random.Random(1)
    boxes = [{"box_2d": [draw.randrange(1000) for _ in range(4)], "label": "star"} for _ in range(count)]
    return f"```json\n{json.dumps(boxes)}\n```"


def table(rows: int) -> str:
    cells = "".join(f"    <tr>\n      <td>{row}</td>\n{'      <td></td>' * 7}\n    </tr>\n" for row in range(rows))
    return f'<table class="t">\n  <tbody>\n{cells}  </tbody>\n</table>'


LEGITIMATE = {
    "boxes": box_list(400),
    "boxes in a row": json.dumps([{"box_2d": [10, x, 20, x + 4], "label": "key"} for x in range(0, 900, 3)]),
    "html": table(200),
    "empty rows": "<tr><td></td><td></td><td></td><td></td></tr>\n" * 31,
    "a rule": "-" * 500,
    "a table's rule": "|" + "---|" * 60,
    "zeros": json.dumps([[0] * 28 for _ in range(28)]),
    "numbered": "".join(f"{number}. The same words in every line.\n" for number in range(1, 300)),
    "spaces": " " * 500 + "x",
    "verse": "Row, row, row your boat, gently down the stream.\n" * 20,
}


@pytest.mark.parametrize("name", LEGITIMATE)
@pytest.mark.parametrize("pattern", [r"\w+|\W", ".{1,3}", "."])
def test_lists_tables_and_pages_are_left_alone(name: str, pattern: str) -> None:
    """However they are cut into tokens, up to one a character."""
    assert noticed_after(as_tokens(LEGITIMATE[name], pattern)) is None


def test_the_same_box_again_and_again_is_a_loop() -> None:
    assert noticed_after(as_tokens('{"box_2d": [1, 2, 3, 4], "label": "a"},\n ' * 200)) is not None


def is_loop(tokens: list[int], guard: LoopGuard) -> bool:
    """By the definition."""
    for period in range(1, guard.longest + 1):
        length = max(guard.tokens, guard.repeats * period)
        tail = tokens[-length:]
        if len(tokens) >= length and all(tail[i] == tail[i - period] for i in range(period, length)):
            return True
    return False


@given(st.lists(st.integers(0, 2), max_size=60), st.integers(2, 4), st.integers(1, 9), st.integers(1, 5))
def test_what_is_noticed_is_what_the_guard_says(tokens: list[int], repeats: int, least: int, longest: int) -> None:
    guard = LoopGuard(repeats, least, longest)
    want = next((end for end in range(1, len(tokens) + 1) if is_loop(tokens[:end], guard)), None)
    assert noticed_after(tokens, guard) == want


def test_watching_costs_little() -> None:
    detector = LoopDetector(DEFAULT_LOOP_GUARD)
    started = time.process_time()
    for token in range(20_000):
        detector.feed(token)
    assert (time.process_time() - started) / 20_000 < 100e-6, "seconds a token"


@pytest.mark.parametrize(("settings", "words"), [((1, 9, 9), "repeats"), ((2, 0, 9), "tokens"), ((2, 9, 0), "1 to")])
def test_a_guard_without_a_meaning_is_refused(settings: tuple[int, int, int], words: str) -> None:
    with pytest.raises(RequestError, match=words):
        LoopGuard(*settings)
