"""An element of the rendered page is found in code that does not read the same."""

from app.state.page import PageElement, Rendering
from app.views.stage.element_source import element_span

CODE = """<style>p { color: red } /* <p> */</style>
<!-- <p>not this</p> -->
<div class='a'>
  <p>one</p><p>two <p>
</div>
<DIV CLASS="a"><div class="b">x</div></DIV>
<img src="cat.png"><img src="dog.png">"""


def element(tag: str, html: str) -> PageElement:
    return PageElement(tag, html, (0, 0, 10, 10))


OUTER, ONE, TWO = element("div", '<div class="a">…</div>'), element("p", "<p>one</p>"), element("p", "<p>two </p>")
SECOND, INNER = element("div", '<div class="a"><div…'), element("div", '<div class="b">x</div>')
CAT, DOG = element("img", '<img src="data:1">'), element("img", '<img src="data:2" alt="">')
PAGE = Rendering("", 100, 100, (OUTER, ONE, TWO, SECOND, INNER, CAT, DOG))


def found(which: PageElement, code: str = CODE) -> str:
    span = element_span(which, PAGE, code)
    return code[span[0] : span[0] + span[1]] if span else ""


def test_elements_that_read_alike_are_counted() -> None:
    assert found(ONE) == "<p>one</p>"
    assert element_span(TWO, PAGE, CODE) == (CODE.index("<p>two"), len("<p>"))  # nobody has closed it


def test_quotes_case_and_nesting_do_not_matter() -> None:
    assert found(OUTER).startswith("<div class='a'>") and found(OUTER).endswith("</div>")
    assert found(SECOND) == '<DIV CLASS="a"><div class="b">x</div></DIV>'
    assert found(INNER) == '<div class="b">x</div>'


def test_a_rewritten_address_is_found_by_the_tags_place() -> None:
    assert [found(CAT), found(DOG)] == ['<img src="cat.png">', '<img src="dog.png">']


def test_what_is_not_there_is_not_found() -> None:
    assert element_span(element("table", "<table></table>"), PAGE, CODE) is None
    assert element_span(DOG, PAGE, "<p>nothing</p>") is None
    assert element_span(element("p", "not even a tag"), PAGE, "") is None
