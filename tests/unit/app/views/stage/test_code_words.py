"""Lines of HTML, CSS and scripts, each knowing where the one before it ended."""

import pytest

from app.views.stage.code_words import LONGEST_LINE, START, Kind, State, line_words


def words(text: str) -> list[list[tuple[str, Kind]]]:
    """The coloured words of every line."""
    result, state = [], START
    for line in text.split("\n"):
        found, state = line_words(line, state)
        result.append([(line[start : start + length], kind) for start, length, kind in found])
    return result


def state_after(text: str) -> State:
    state = START
    for line in text.split("\n"):
        state = line_words(line, state)[1]
    return state


def test_a_tag_with_an_attribute() -> None:
    assert [word for word in words('<a href="x">b</a>')[0] if word[1] is not Kind.MARK] == [
        ("a", Kind.TAG), ("href", Kind.NAME), ('"x"', Kind.VALUE), ("a", Kind.TAG)
    ]  # fmt: skip


def test_css_begins_and_ends_with_its_element_whatever_line_they_are_on() -> None:
    for text in ("<style>\nb { color: red; }\n</style>\n<b>x</b>", "<style>b { color: red; }</style><b>x</b>"):
        flat = [word for line in words(text) for word in line]
        assert ("color", Kind.NAME) in flat and ("red", Kind.VALUE) in flat
        assert flat.count(("b", Kind.TAG)) == 3
        assert state_after(text) == START


def test_scripts_are_told_from_both() -> None:
    assert ("if", Kind.NAME) in words("<script>\nif (a) {}\n</script>")[1]


def test_a_tag_over_two_lines() -> None:
    assert ("id", Kind.NAME) in words('<b class="x"\n  id="y">z</b>')[1]


def test_a_style_that_is_still_being_written_stays_css() -> None:
    assert state_after("<html>\n<style>\nb { color:")[0] == "css"
    assert ("margin", Kind.NAME) in words("<style>\nb { color: red;\nmargin: 0")[2]


@pytest.mark.parametrize(
    "text", ["<", "<a", '<a href="', "&", "</", "<!--", "<style", "</style>", "\x00", "<" * 50, "é" * 9]
)
def test_nothing_broken_breaks_it(text: str) -> None:
    assert len(words(f"{text}\n{text}")) == 2


def test_a_line_of_a_megabyte_is_left_plain() -> None:
    assert line_words("<b>" * LONGEST_LINE, START) == ([], START)
