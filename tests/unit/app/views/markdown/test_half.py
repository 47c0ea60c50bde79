"""Half a Markdown text looks like the beginning of the whole: nothing appears that goes away again."""

from __future__ import annotations

import pytest

from app.views.markdown.half import breaking_place, completed
from app.views.markdown.parser import parse


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("a **bold wo", "a **bold wo**"),
        ("a **bold ", "a **bold**"),
        ("a **bold*", "a **bold**"),
        ("a *", "a "),
        ("both ***so", "both ***so***"),
        ("~~gone", "~~gone~~"),
        ("so `cod", "so `cod`"),
        ("so `code` and ", "so `code` and "),
        ("see [the docs](https://exa", "see the docs"),
        ("![a chart](http", "a chart"),
        ("5*3 is", "5*3 is"),
        ("2 * 3", "2 * 3"),
        ("snake_case_na", "snake_case_na"),
        ("text\n-", "text\n"),
        ("text\n1", "text\n"),
        ("text\n##", "text\n"),
        ("- one\n- **tw", "- one\n- **tw**"),
        ("| a | b |", ""),
        ("x\n\n| a | b |\n|--", "x\n\n"),
        ("| a | b |\n|---|---|\n| **c", "| a | b |\n|---|---|\n| **c**"),
        ("the sum \\(a_1 + b_", "the sum "),
        ("all **whole** _here_.", "all **whole** _here_."),
    ],
)
def test_what_is_open_is_closed_and_what_is_undecided_waits(written: str, shown: str) -> None:
    assert completed(written) == shown


def test_words_that_were_shown_stay_where_they_are() -> None:
    text = "We **must** go to `the shop` and *buy* [milk](https://milk.example) for ~~two~~ **three _cats_** now."
    before = ""
    for end in range(1, len(text) + 1):
        shown = "".join(child.content for token in parse(completed(text[:end])) for child in token.children or [])
        shared = max(min(len(before), len(shown)) - 2, 0)
        assert shown[:shared] == before[:shared], text[:end]  # a mark or two may wait at the very end
        assert "*" not in shown and "`" not in shown and "](" not in shown
        before = shown


def test_long_paragraphs_are_cut_where_nothing_is_open() -> None:
    text = "a word and **two bold words** " * 60
    place = breaking_place(text, 200)
    assert 0 < place < len(text) - 200 + 1
    assert text[:place].count("**") % 2 == 0 and text[place].isalpha()
    assert breaking_place("word" * 600, 200) == 0
