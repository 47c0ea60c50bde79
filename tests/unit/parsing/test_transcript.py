"""Transcript: overlaps are joined without repeats and without loss, sentences split without loss."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlx_gemma4.parsing.transcript import (
    drop_echo,
    hold_back,
    join_overlap,
    last_words,
    split_sentences,
    split_translation,
)

JOINS = {
    "plain": ("we went to the old house", "the old house by the sea", "we went to the old house by the sea"),
    "case and punctuation": ("He said: The end.", "the end, my friend", "He said: The end, my friend"),
    "a full stop that is none": (
        "and we went home.",
        "went home, because it rained",
        "and we went home, because it rained",
    ),
    "a torn last word": ("the transcrip", "transcription is good", "the transcription is good"),
    "a torn last word in a run": ("of the transcrip", "the transcription is good", "of the transcription is good"),
    "a torn first word": ("transcription is", "ription is good", "transcription is good"),
    "a last word misheard": ("over the lazy dock", "the lazy dog sleeps", "over the lazy dog sleeps"),
    "a first word misheard": ("over the lazy dog", "bee lazy dog sleeps", "over the lazy dog sleeps"),
    "repeated words": ("oh no no no", "no no no way", "oh no no no way"),
    "more of a repeated word": ("he said no no", "no no no way", "he said no no no way"),
    "everything is there already": ("one two three", "one two three", "one two three"),
    "what only the torn end has heard": ("one two three four", "two three", "one two three"),
    "no overlap": ("we went home", "it was raining", "we went home it was raining"),
    "a common word is no overlap": ("he took the big one", "because the rain had stopped long before", None),
    "nothing before": ("", "hello there", "hello there"),
    "nothing after": ("hello there", "", "hello there"),
    "Chinese": ("今天天气很好", "天气很好，我们去公园", "今天天气很好，我们去公园"),
    "Chinese without overlap": ("今天天气很好", "我们去公园", "今天天气很好我们去公园"),
    "Thai": ("สวัสดีครับ", "ดีครับผม", "สวัสดีครับผม"),
    "accents": ("das war schön", "schön, nicht wahr", "das war schön, nicht wahr"),
    "numbers": ("it costs 1.7", "costs 1.7 euros", "it costs 1.7 euros"),
    "only punctuation": ("…", "– well", "… – well"),
}


@pytest.mark.parametrize("case", JOINS)
def test_overlaps_are_joined_without_repeats(case: str) -> None:
    before, after, joined = JOINS[case]
    assert join_overlap(before, after) == (joined or f"{before} {after}")


words = st.lists(st.text("abcdefghij", min_size=4, max_size=7), min_size=2, max_size=30, unique=True)


@given(words, st.data())
def test_a_text_cut_in_two_with_an_overlap_comes_back_whole(text: list[str], data: st.DataObject) -> None:
    end = data.draw(st.integers(1, len(text)))
    start = data.draw(st.integers(0, end - 1))
    assert join_overlap(" ".join(text[:end]), " ".join(text[start:])) == " ".join(text)


@given(words, words)
def test_without_an_equal_word_nothing_is_left_out(before: list[str], after: list[str]) -> None:
    after = [word.upper().translate(str.maketrans("ABCDEFGHIJ", "KLMNOPQRST")) for word in after]
    assert join_overlap(" ".join(before), " ".join(after)) == " ".join(before + after)


@given(st.text(max_size=200), st.floats(0, 1))
def test_what_is_held_back_and_what_is_not_are_the_text(text: str, share: float) -> None:
    told, held = hold_back(text, share)
    assert "".join((told + held).split()) == "".join(text.split())


def test_words_are_held_back_by_their_number() -> None:
    assert hold_back("one, two three four.", 0.5) == ("one, two", "three four.")
    assert hold_back("one two", 1.0) == ("one two", "") and hold_back("one two", 0.0) == ("", "one two")
    assert hold_back("", 0.5) == ("", "")


def test_the_last_words_are_a_context() -> None:
    assert last_words("One, two. Three four!", 2) == "Three four!"
    assert last_words("One two", 5) == "One two" and last_words("", 5) == ""
    assert last_words("今天天气", 2) == "天气"


def test_a_context_that_the_model_repeats_is_no_speech() -> None:
    assert drop_echo("the end of the story", "The end of the story. And then") == "And then"
    assert drop_echo("the end of the story", "the end of it") == "the end of it"
    assert drop_echo("no no no", "no no no more") == "no no no more", "people do say such things"
    assert drop_echo("", "anything") == "anything"


@pytest.mark.parametrize(
    ("answer", "text", "translation"),
    [
        ("Guten Tag.\nEnglish: Good day.", "Guten Tag.", "Good day."),
        ("Guten\nTag.\n\n**English:** Good\nday.", "Guten Tag.", "Good day."),
        ("Guten Tag.\nenglish : Good day.", "Guten Tag.", "Good day."),
        ("Guten Tag.", "Guten Tag.", None),
        ("Er sagte English: das ist gut.", "Er sagte English: das ist gut.", None),
        ("English: Good day.", "", "Good day."),
        ("Guten Tag.\nEnglish:", "Guten Tag.", ""),
        ("", "", None),
    ],
)
def test_a_translation_is_told_from_what_was_said(answer: str, text: str, translation: str | None) -> None:
    assert split_translation(answer, "English") == (text, translation)


SENTENCES = {
    "It rained. We went home! Did we?": ["It rained. We went home!", "Did we?"],
    'He said: "It is late now." Then he left the room.': ['He said: "It is late now."', "Then he left the room."],
    "It costs 1.7 million, or 3.5 with taxes.": ["It costs 1.7 million, or 3.5 with taxes."],
    "Dr. Smith came in. Nobody had expected him.": ["Dr. Smith came in.", "Nobody had expected him."],
    "今天天气非常好，我们一起去公园玩吧。然后我们大家一起回家吃晚饭。": [
        "今天天气非常好，我们一起去公园玩吧。",
        "然后我们大家一起回家吃晚饭。",
    ],
    "": [],
    "no end": ["no end"],
}


@pytest.mark.parametrize("text", SENTENCES)
def test_sentences_are_split_where_they_end(text: str) -> None:
    assert split_sentences(text) == SENTENCES[text]


def test_a_long_sentence_is_split_at_a_comma_near_its_middle_or_between_words() -> None:
    clause = "this is the first half of something long that goes on and on"
    assert split_sentences(f"{clause}, {clause}") == [f"{clause},", clause]
    parts = split_sentences(" ".join(["word"] * 60))
    assert max(map(len, parts)) <= 100 and " ".join(parts) == " ".join(["word"] * 60)
    assert max(map(len, split_sentences("天" * 350))) <= 100
    assert split_sentences("x" * 350) == ["x" * 350], "one word is not torn"


@given(st.text(max_size=500))
def test_sentences_lose_nothing_but_spaces(text: str) -> None:
    assert "".join("".join(split_sentences(text)).split()) == "".join(text.split())
