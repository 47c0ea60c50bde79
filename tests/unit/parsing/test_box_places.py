"""Which page or frame a box is on: read from fields and from words above, never guessed."""

from __future__ import annotations

import pytest

from mlx_gemma4.parsing.boxes import BoxScanner
from mlx_gemma4.protocol.events import BoxFound

BOX = '"box_2d": [1, 2, 3, 4], "label": "x"'


def places(text: str, step: int = 0) -> list[tuple[int | None, float | None]]:
    scanner = BoxScanner()
    pieces = [text] if not step else [text[at : at + step] for at in range(0, len(text), step)]
    found = [event for piece in pieces for event in scanner.feed(piece)] + scanner.finish()
    return [(event.sheet, event.seconds) for event in found if isinstance(event, BoxFound)]


@pytest.mark.parametrize(
    ("field", "place"),
    [
        ('"page": 2', (2, None)),
        ('"page_number": "2"', (2, None)),
        ('"page": "page 2 of the file"', (2, None)),
        ('"frame": 3.0', (3, None)),
        ('"image": 4', (4, None)),
        ('"time": "00:03"', (None, 3.0)),
        ('"timestamp": "1:02:03"', (None, 3723.0)),
        ('"seconds": 2.5', (None, 2.5)),
        ('"time": "4.5 s"', (None, 4.5)),
        ('"page": 0', (None, None)),
        ('"page": "2 or 3"', (None, None)),
        ('"page": true', (None, None)),
        ('"time": "soon"', (None, None)),
        ('"page": -1', (None, None)),
    ],
)
def test_a_field_of_the_box_says_it(field: str, place: tuple[int | None, float | None]) -> None:
    assert places(f"[{{{BOX}, {field}}}]") == [place]
    assert places(f"[{{{field}, {BOX}}}]", step=3) == [place]


def test_an_object_around_the_boxes_says_it_for_all_of_them() -> None:
    page_1 = f'{{"page": 1, "boxes": [{{{BOX}}}, {{{BOX}, "page": 9}}, {{{BOX}}}]}}'
    page_2 = f'{{"page": 2, "boxes": [{{{BOX}}}]}}'
    assert [sheet for sheet, _ in places(f'{{"pages": [{page_1}, {page_2}], "n": 2}}')] == [1, 9, 1, 2]


@pytest.mark.parametrize(
    ("words", "place"),
    [
        ("Page 2:", (2, None)),
        ("**Page 2**", (2, None)),
        ("### On page no. 2 there is this:\n", (2, None)),
        ("Frame 3 (00:07):", (3, 7.0)),
        ("At 01:10 one sees:", (None, 70.0)),
        ("After 2.5 seconds:", (None, 2.5)),
        ("Pages: page 1 and page 2:", (None, None)),
        ("Between 00:01 and 00:04:", (None, None)),
        ("Page 2 is dull.\nHere they are:", (None, None)),
        ("Webpage 2000 of 12000 and homepage 2", (None, None)),
    ],
)
@pytest.mark.parametrize("fence", ["", "```json\n"])
def test_the_line_above_a_list_says_it_for_the_whole_list(
    words: str, place: tuple[int | None, float | None], fence: str
) -> None:
    assert places(f"{words}\n{fence}[\n  {{{BOX}}},\n  {{{BOX}}}\n]", step=5) == [place, place]


def test_each_list_has_its_own_line() -> None:
    text = f"Page 1:\n```json\n[{{{BOX}}}]\n```\n\nPage 3:\n```json\n[{{{BOX}}}]\n```\nAnd more:\n[{{{BOX}}}]"
    assert [sheet for sheet, _ in places(text)] == [1, 3, None]
