"""An answer cut into prose, code and boxes: how it streams makes no difference, and no character is lost."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.state.answer_blocks import AnswerSplitter, BlockKind

BOX = '{"box_2d": [1, 2, 3, 4], "label": "a"}'
PIECES = ["```", "```json\n", "\n", "[", "]", "{", "}", BOX, '"box_2d"', "Words. ", "  ", '[{"x": 1}]', "`", "{ ", "\r"]


def split(text: str, cuts: list[int] | None = None) -> list[tuple[str, str]]:
    splitter = AnswerSplitter()
    ends = sorted(set(cuts if cuts is not None else range(1, len(text) + 1)) | {len(text)})
    start = 0
    for end in ends:
        splitter.feed(text[start:end])
        start = max(start, end)
    splitter.finish()
    return [(block.kind.value, block.text) for block in splitter.blocks]


@given(st.lists(st.sampled_from(PIECES)).map("".join), st.data())
def test_no_character_is_lost_and_cuts_make_no_difference(text: str, data: st.DataObject) -> None:
    cuts = data.draw(st.lists(st.integers(0, len(text))))
    blocks = split(text, cuts)
    assert "".join(words for _, words in blocks) == text
    assert blocks == split(text)


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("Only words.", ["prose"]),
        (f"Here:\n```json\n[{BOX}]\n```\nDone.", ["prose", "boxes", "prose"]),
        (f"```json\n[\n  {BOX},\n  {BOX}\n]\n```", ["boxes"]),
        (f"[{BOX},\n {BOX}]\nDone.", ["boxes", "prose"]),
        (f"Here:\n\n[\n  {BOX},\n  {BOX}\n]\n\nDone.", ["prose", "boxes", "prose"]),
        (BOX, ["boxes"]),
        ('```json\n{"name": "Ann", "age": 3}\n```', ["code"]),
        ("```python\nprint(1)\n```\nThat was code.", ["code", "prose"]),
        ("[1] is a footnote.", ["prose"]),
        ("{braces} in words", ["prose"]),
        ("Words with ```json in them", ["prose"]),
        (f"```json\n[{BOX},", ["boxes"]),
        ("```", ["code"]),
        ("`", ["prose"]),
    ],
)
def test_pieces_are_told_apart(text: str, kinds: list[str]) -> None:
    blocks = split(text)
    assert [kind for kind, _ in blocks] == kinds
    assert "".join(words for _, words in blocks) == text


def test_a_fenced_list_counts_as_boxes_from_its_fence_on_until_it_proves_to_be_something_else() -> None:
    splitter = AnswerSplitter()
    (block,) = splitter.feed("```json\n[\n")
    assert block.kind is BlockKind.BOXES
    splitter.feed('{"name": "a", "age": 1}, ' * 10)
    assert block.kind is BlockKind.CODE


def test_words_are_shown_as_they_come_and_not_held_back_to_the_end_of_their_line() -> None:
    splitter = AnswerSplitter()
    splitter.feed("There is a red sta")
    assert splitter.blocks[0].text == "There is a red sta"
    splitter.feed("r")
    assert splitter.blocks[0].text == "There is a red star"


def test_a_key_that_is_cut_in_two_is_counted_once() -> None:
    splitter = AnswerSplitter()
    splitter.feed('```json\n[{"box')
    splitter.feed('_2d": [1, 2, 3, 4]')
    splitter.feed("}")
    assert splitter.blocks[0].expected_boxes == 1
