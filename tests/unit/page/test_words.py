"""Words: scored only where both pictures have been read."""

from __future__ import annotations

import pytest

from mlx_gemma4.page.words import likeness


@pytest.mark.parametrize(
    ("words", "others", "alike"),
    [
        (None, None, None),
        ("a", None, None),
        (None, "a", None),
        ("", "", 1.0),
        ("a b", "a  b\n", 1.0),
        ("a b c d", "a b x d", 0.75),
        ("a b", "b a", 0.5),
        ("a", "", 0.0),
    ],
)
def test_words_are_compared_in_order(words: str | None, others: str | None, alike: float | None) -> None:
    assert likeness(words, others) == alike


def test_a_book_is_compared_by_its_beginning() -> None:
    book = " ".join(f"word{number}" for number in range(100_000))
    assert likeness(book, book) == 1.0
