"""Stop strings: the answer ends before them, nothing else is lost, and how text is cut makes no difference."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlx_gemma4.parsing.stop_strings import StopStrings


def let_through(pieces: list[str], stops: list[str]) -> tuple[str, bool]:
    strings = StopStrings(stops)
    text = "".join(strings.feed(piece) for piece in pieces)
    return text + strings.flush(), strings.found


@pytest.mark.parametrize(
    ("pieces", "stops", "text", "found"),
    [
        (["one END two"], ["END"], "one ", True),
        (["one E", "N", "D two"], ["END"], "one ", True),
        (["one EN", "ough"], ["END"], "one ENough", False),
        (["one EN"], ["END"], "one EN", False),
        (["E", "E", "N", "D"], ["END"], "E", True),
        (["abcd"], ["abcd", "bc"], "a", True),
        (["xaab"], ["aab", "ab"], "x", True),
        (["a\n", "\nb"], ["\n\n"], "a", True),
        (["END"], ["END"], "", True),
        (["anything"], [], "anything", False),
    ],
)
def test_text_ends_before_the_first_stop_string(pieces: list[str], stops: list[str], text: str, found: bool) -> None:
    assert let_through(pieces, stops) == (text, found)


def test_only_what_may_begin_a_stop_string_is_held_back() -> None:
    strings = StopStrings(["END"])
    assert [strings.feed(piece) for piece in ("one", " E", "x", "EN")] == ["one", " ", "Ex", ""]
    assert strings.flush() == "EN"
    assert strings.flush() == ""


def test_nothing_is_let_through_after_a_stop_string() -> None:
    strings = StopStrings(["END"])
    assert strings.feed("aENDb") == "a"
    assert strings.feed("c") + strings.flush() == ""


def first_stop(text: str, stops: list[str]) -> tuple[str, bool]:
    """By the definition: the shortest beginning of the text that ends in a stop string, without the longest such."""
    for end in range(1, len(text) + 1):
        ended = [len(stop) for stop in stops if text[:end].endswith(stop)]
        if ended:
            return text[: end - max(ended)], True
    return text, False


letters = st.text("ab\n", max_size=12)


@given(st.lists(letters, max_size=5), st.lists(st.text("ab\n", min_size=1, max_size=4), max_size=3))
def test_how_text_is_cut_makes_no_difference(pieces: list[str], stops: list[str]) -> None:
    assert let_through(pieces, stops) == first_stop("".join(pieces), stops)
