"""The tour model's tokenizer gives whole tokens for what it writes and says, and any text comes back as it was."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tour_model import tokenizer as recipe

TOKENIZER = recipe.build_tokenizer()
PAGE_WORDS = (
    "weekly report sales went up send sign in email password welcome home about contact price total order search "
    "settings help"
)
SPEECH_WORDS = (
    "open close the red blue green door window at seven call send report tomorrow please meeting start stop left right"
)


def tokens(text: str) -> list[str]:
    return TOKENIZER.encode(text, add_special_tokens=False).tokens


def test_the_bundled_file_is_what_the_recipe_builds(repository: Path) -> None:
    bundled = json.loads((repository / "resources" / "tour" / "tokenizer.json").read_text(encoding="utf-8"))
    assert bundled == json.loads(TOKENIZER.to_str())


@pytest.mark.parametrize("word", f"{PAGE_WORDS} {SPEECH_WORDS}".split())
def test_words_of_later_jobs_are_single_tokens(word: str) -> None:
    assert tokens(f" {word}") == [f"▁{word}"]


def test_a_box_costs_eighteen_tokens() -> None:
    one = '```json\n[\n  {"box_2d": [171, 75, 245, 308], "label": "red circle"}\n]\n```'
    two = one.replace("\n]", ',\n  {"box_2d": [171, 75, 245, 308], "label": "grey arrow"}\n]')
    assert len(tokens(two)) - len(tokens(one)) == 18


def test_numbers_are_split_into_digits() -> None:
    assert tokens("1024")[-4:] == ["1", "0", "2", "4"]


@pytest.mark.parametrize("piece", ["</div>", '<div style="', "display:flex", "padding:", "border-radius:", "px;"])
def test_pieces_of_pages_are_few_tokens(piece: str) -> None:
    assert len(tokens(piece)) <= 2


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="▁")))
def test_any_text_comes_back(text: str) -> None:
    ids = TOKENIZER.encode(text, add_special_tokens=False).ids
    if not any(token in text for token in recipe.SPECIAL_TOKENS):
        assert TOKENIZER.decode(ids, skip_special_tokens=False) == text
        assert TOKENIZER.token_to_id("<unk>") not in ids
