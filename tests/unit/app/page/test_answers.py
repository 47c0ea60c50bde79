"""Pages and faults in answers, however they are cut."""

import pytest

from app.page.answers import MOST_FAULTS, faults_in, page_in
from app.state.answer_blocks import AnswerSplitter
from mlx_gemma4.protocol.page_answers import PageAnswer

PAGE = "<!doctype html>\n<html>\n\n<body>Hi</body>\n</html>"


def read(text: str, *, over: bool = True) -> tuple[PageAnswer | None, tuple[str, ...]]:
    splitter = AnswerSplitter()
    for start in range(0, len(text), 7):
        splitter.feed(text[start : start + 7])
    if over:
        splitter.finish()
    return page_in(text, splitter.blocks), faults_in(splitter.blocks)


def test_the_page_is_what_stands_between_the_fences() -> None:
    assert read(f"Here:\n```html\n{PAGE}\n```\nDone.")[0] == PageAnswer(PAGE, True)
    assert read(f"```html\n{PAGE}\n```")[0] == PageAnswer(PAGE, True)
    assert read(f"```\n{PAGE}\n```\n")[0] == PageAnswer(PAGE, True)


def test_a_page_without_fences_counts() -> None:
    assert read(f"\n{PAGE}\n")[0] == PageAnswer(PAGE, True)
    assert read("<html><body>Hal")[0] == PageAnswer("<html><body>Hal", False)


@pytest.mark.parametrize("over", [False, True])
def test_a_page_that_breaks_off_is_as_much_as_there_is(over: bool) -> None:
    assert read("```html\n<p>one\n<p>tw", over=over)[0] == PageAnswer("<p>one\n<p>tw", False)
    assert read("```html\n", over=over)[0] is None


def test_what_is_no_page_is_none() -> None:
    assert read("")[0] is None
    assert read("I cannot do that.")[0] is None
    assert read("```python\nprint(1)\n```")[0] is None
    assert read('```json\n[{"box_2d": [1, 2, 3, 4], "label": "a"}]\n```')[0] is None


def test_every_beginning_of_an_answer_can_be_read() -> None:
    text = f"- The title is 24px.\n```html\n{PAGE}\n```\nThat is all."
    for end in range(len(text)):
        page, _ = read(text[:end], over=False)
        assert page is None or PAGE.startswith(page.html) or page.html.startswith(PAGE)


def test_faults_are_the_lines_before_the_code_without_their_signs() -> None:
    text = "What differs:\n\n- The gap is 8px; it should be 16px.\n* Too dark\n3. `red`\n12) Last\nPlain.\n"
    faults = ("The gap is 8px; it should be 16px.", "Too dark", "`red`", "Last", "Plain.")
    assert read(f"{text}```html\n{PAGE}\n```\n- not this")[1] == faults
    assert read(f"```html\n{PAGE}\n```\n- not this")[1] == ()
    assert len(read("- fault\n" * 50)[1]) == MOST_FAULTS
