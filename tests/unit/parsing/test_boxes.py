"""Boxes: reported when their object closes, however the text is cut; broken ones are reported as such."""

from __future__ import annotations

import itertools
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlx_gemma4.parsing.boxes import BoxScanner
from mlx_gemma4.protocol.events import BoxFound, Unparsed

CAT = BoxFound((10, 20, 300, 400), "cat")
DOG = BoxFound((1, 2, 3, 4), "dog")


def scan(text: str, cuts: list[int] | None = None) -> list[BoxFound | Unparsed]:
    scanner = BoxScanner()
    edges = [0, *sorted(cut % (len(text) + 1) for cut in cuts or []), len(text)]
    found = [event for a, b in itertools.pairwise(edges) for event in scanner.feed(text[a:b])]
    return [*found, *scanner.finish()]


@pytest.mark.parametrize(
    "text",
    [
        '```json\n[\n  {"box_2d": [10, 20, 300, 400], "label": "cat"},\n  {"box_2d": [1,2,3,4], "label":"dog"}\n]\n```',
        '[{"box_2d":[10,20,300,400],"label":"cat"},{"box_2d":[1,2,3,4],"label":"dog"}]',
        'Here: {"label":"cat","box_2d":[10,20,300,400]} and {"box_2d":[1,2,3,4],"label":"dog"}.',
        '{"box_2d":\n[300 , 400 , 10 , 20]\n,\n"label" : "cat"}\n{"box_2d":[3,2,1,4],"label":"dog"}',
        '{"objects": [{"box_2d":[10,20,300,400],"label":"cat"},{"box_2d":[1,2,3,4],"label":"dog"}], "n": {"x": 2}}',
        '{"box_2d":[10.2,19.8,300.0,400],"label":"cat"}{"box_2d":[1,2,3,4],"label":"dog","score":0.5}',
        'f() { return "}"; }\n{"box_2d":[10,20,300,400],"label":"cat"} } ] {"box_2d":[1,2,3,4],"label":"dog"}',
        'say "{\n{"box_2d":[10,20,300,400],"label":"cat"},{"box_2d":[1,2,3,4],"label":"dog"}',
    ],
)
def test_every_way_of_writing_a_list_is_read(text: str) -> None:
    assert scan(text) == [CAT, DOG]


def test_a_box_is_reported_with_the_very_character_that_closes_it() -> None:
    scanner = BoxScanner(media_index=2)
    assert scanner.feed('[{"box_2d":[10,20,300,400],"label":"cat"') == []
    assert scanner.feed("}") == [BoxFound(CAT.box, "cat", 2)]


@pytest.mark.parametrize("label", ['a "quoted" {brace}', "back\\slash", "é…", "tab\tand\nline", ""])
def test_labels_may_hold_anything_that_json_can(label: str) -> None:
    assert scan(json.dumps({"box_2d": [1, 2, 3, 4], "label": label})) == [BoxFound((1, 2, 3, 4), label)]


def test_a_label_that_is_missing_or_no_text_does_not_cost_the_box() -> None:
    assert scan('{"box_2d":[1,2,3,4]}{"box_2d":[1,2,3,4],"label":["a",1]}') == [
        BoxFound((1, 2, 3, 4), ""),
        BoxFound((1, 2, 3, 4), '["a", 1]'),
    ]


@pytest.mark.parametrize(
    "broken",
    [
        '{"box_2d":[1,2,3],"label":"x"}',
        '{"box_2d":[1,2,3,"4"],"label":"x"}',
        '{"box_2d":[1,2,3,1001],"label":"x"}',
        '{"box_2d":[-1,2,3,4],"label":"x"}',
        '{"box_2d":[1,2,3,true],"label":"x"}',
        '{"box_2d":[1,2,3,NaN],"label":"x"}',
        '{"box_2d":"1,2,3,4","label":"x"}',
        '{"box_2d":[1,2,3,4] "label":"x"}',
        '{"box_2d":[1,2,3,4,"label":"x"}',
        '{"box_2d":[1,2,3,4],label:x}',
        '{"box_2d":' + "[" * 100_000 + "}",
    ],
)
def test_a_broken_box_is_reported_raw_and_the_next_one_is_still_found(broken: str) -> None:
    assert scan(f'[{broken}, {{"box_2d":[1,2,3,4],"label":"dog"}}]') == [Unparsed("box", broken), DOG]


def test_a_forgotten_quote_costs_one_box_only() -> None:
    assert scan('[{"box_2d":[1,2,3,4],"label":"cat},{"box_2d":[1,2,3,4],"label":"dog"}]') == [
        Unparsed("box", '{"box_2d":[1,2,3,4],"label":"cat},'),
        DOG,
    ]


def test_a_box_that_never_closes_is_reported_at_the_end() -> None:
    cut = '{"box_2d":[1,2,3,4],"lab'
    assert scan(f"[{cut}") == [Unparsed("box", cut)]


@pytest.mark.parametrize(
    "text", ["", "no braces", "a { color: red }", '{"a": 1, "b": "box_2d"}', '{"key": [', "{{{}", '"box_2d"', "}}{"]
)
def test_what_is_no_box_is_passed_over_in_silence(text: str) -> None:
    assert scan(text) == []


pieces = st.sampled_from(
    [*'{}[]",:\n\\ ', '"box_2d"', "[1,2,3,4]", '"label":"x"', '{"box_2d":[1,2,3,4],"label":"x"}', "word", "é"]
)


@given(st.lists(pieces, max_size=40).map("".join), st.lists(st.integers(0, 400), max_size=8))
def test_how_the_text_is_cut_makes_no_difference(text: str, cuts: list[int]) -> None:
    whole = scan(text)
    assert scan(text, cuts) == whole
    assert all(event.text in text for event in whole if isinstance(event, Unparsed))


box_values = st.lists(st.integers(0, 1000), min_size=4, max_size=4)


@given(st.lists(st.tuples(box_values, st.text()), max_size=5), st.sampled_from([None, 2]), st.booleans())
def test_every_well_formed_list_is_read_whole(
    items: list[tuple[list[int], str]], indent: int | None, ascii_only: bool
) -> None:
    text = json.dumps([{"box_2d": b, "label": n} for b, n in items], indent=indent, ensure_ascii=ascii_only)
    found = scan(f"Sure:\n```json\n{text}\n```")
    want = [BoxFound((min(b[0], b[2]), min(b[1], b[3]), max(b[0], b[2]), max(b[1], b[3])), n) for b, n in items]
    assert found == want
