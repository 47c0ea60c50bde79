"""The page in an answer: fenced, bare, cut off, or not there."""

from __future__ import annotations

import time

import pytest

from mlx_gemma4.protocol.events import CodeBlock
from mlx_gemma4.protocol.page_answers import PageAnswer, begins_like_html, page_answer

PAGE = "<!DOCTYPE html>\n<html><body>Hi</body></html>"


@pytest.mark.parametrize(
    ("text", "blocks", "page"),
    [
        ("…", [CodeBlock("html", PAGE)], PageAnswer(PAGE, True)),
        ("…", [CodeBlock("", PAGE), CodeBlock("css", "a{}")], PageAnswer(PAGE, True)),
        ("…", [CodeBlock("html", "<p>old"), CodeBlock("html", "<p>new")], PageAnswer("<p>new", True)),
        ("…", [CodeBlock("html", "<p>Hi", closed=False)], PageAnswer("<p>Hi", False)),
        (f"\n{PAGE}\n", [], PageAnswer(PAGE, True)),
        ("<!-- mine --><HTML><p>Hi", [], PageAnswer("<!-- mine --><HTML><p>Hi", False)),
        ("I cannot see a page.", [], None),
        ("<p>Hi</p> is HTML.", [], None),
        ("…", [CodeBlock("html", " \n")], None),
        ("…", [CodeBlock("json", '[{"box_2d": [1, 2, 3, 4]}]')], None),
        (PAGE, [CodeBlock("css", "a{}")], None),
        ("", [], None),
    ],
)
def test_the_page_in_an_answer(text: str, blocks: list[CodeBlock], page: PageAnswer | None) -> None:
    assert page_answer(text, blocks) == page


def test_comments_before_a_page_are_read_once() -> None:
    began = time.monotonic()
    assert not begins_like_html("<!-- a -->" * 5_000 + "no page")
    assert not begins_like_html("<!-- " * 5_000)
    assert begins_like_html("<!-- a -->\n<!-- <p> --> <html>")
    assert time.monotonic() - began < 1
