"""Small pages: what is written, laid out, drawn and asked fits together; and a real browser agrees."""

import shutil
from html.parser import HTMLParser

import numpy as np
import pytest
from tour_model.architecture import token_id
from tour_model.conversations import conversation, tokenizer
from tour_model.pages.browser import Browser
from tour_model.pages.compose import HIGHEST, random_page
from tour_model.pages.draw import draw
from tour_model.pages.faults import plant_fault
from tour_model.pages.layout import NAMES, place
from tour_model.pages.page import Page, write_html
from tour_model.pages.questions import ask_elements, ask_fix, ask_one, ask_page
from tour_model.pages.samples import make_page_batch
from tour_model.talk import DECLINE, outside, tool_call

from mlx_gemma4.parsing.tool_calls import parse_tool_calls
from tests.unit.packaging.tour_model.page_fonts import require_fonts

VOID = {"meta", "input", "br", "img"}


def pages(count: int, seed: int = 1) -> list[Page]:
    require_fonts()
    rng = np.random.default_rng(seed)
    return [random_page(rng) for _ in range(count)]


class Balance(HTMLParser):
    """Raises where a tag is closed that is not the last opened."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: object) -> None:
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: object) -> None:
        pass

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_every_page_is_balanced_html_and_fits_its_view() -> None:
    for page in pages(60):
        balance = Balance()
        balance.feed(write_html(page))
        assert balance.open == []
        blocks, height = place(page)
        assert height <= HIGHEST * page.width
        for block in blocks:
            assert block.x >= 0 and block.x + block.width <= page.width + 0.5
            assert block.y >= 0 and block.y + block.height <= height + 0.5


@pytest.mark.skipif(shutil.which("chromium") is None, reason="Chromium lays out the truth (apt-get install chromium)")
def test_a_browser_puts_everything_where_the_layout_does() -> None:
    off: list[float] = []
    with Browser() as browser:
        for page in pages(40, seed=2):
            picture, blocks = draw(page)
            shown, elements = browser.render(write_html(page, exact_font=True), page.width, picture.height)
            assert shown.size == picture.size
            elements = [e for e in elements if e.tag not in ("li", "circle", "rect", "path")]
            assert len(elements) == len(blocks)
            for block, element in zip(blocks, elements, strict=True):
                box = (block.x, block.y, block.width, block.height)
                off.append(max(abs(a - b) for a, b in zip(box, element.box, strict=True)))
    assert np.median(off) < 1 and np.mean(np.array(off) < 6) > 0.98


def test_a_fault_changes_the_page_and_the_answer_says_how_it_should_be() -> None:
    rng = np.random.default_rng(4)
    for page in pages(30, seed=3):
        fault = plant_fault(rng, page)
        assert fault.page != page and fault.sentence.endswith(".")
        assert write_html(fault.page) != write_html(page)
    case, fault = ask_fix(rng, page, unseen=False)
    assert write_html(fault.page) in case.question and case.answer.endswith(f"{write_html(page)}\n```")


def test_descriptions_mean_what_they_are_answered_with() -> None:
    rng = np.random.default_rng(5)
    for page in pages(40, seed=6):
        _, blocks = draw(page)
        everything = ask_elements(rng, page, blocks, 500, unseen=False)
        assert len(everything.blocks) == sum(block.kind != "row" for block in blocks)
        one, none = (ask_one(rng, page, blocks, 500, absent=absent) for absent in (False, True))
        assert one.blocks and one.answer.count("box_2d") == len(one.blocks)
        assert {block.kind for block in one.blocks} <= set(NAMES.values()) and len({b.kind for b in one.blocks}) == 1
        assert none.answer == "```json\n[]\n```"
        assert ask_page(rng, page, blocks, unseen=False).answer == f"```html\n{write_html(page)}\n```"


def test_a_batch_holds_pages_twins_and_talk() -> None:
    pages(1)
    batch = make_page_batch(np.random.default_rng(8), 4, budget=70)
    soft = batch.columns * batch.rows
    assert {group.pictures.shape[1] for group in batch.groups} >= {0, 1}
    for group in batch.groups:
        shown = (group.tokens == token_id("<|image|>")).sum(1)
        assert (shown == soft * group.pictures.shape[1]).all()
        assert group.pictures.max(initial=0) < len(batch.patches)
    assert len(batch.truth.words) > 4 and batch.truth.words[:, 0].max() < len(batch.patches) * soft


def test_a_thought_stands_before_the_answer_and_a_call_can_be_read() -> None:
    codec = tokenizer()
    talk = conversation("Make this page.", "Done.", thinking=True, thought="A page.")
    said = [i for i, answer in zip(talk.ids, talk.answers, strict=True) if answer]
    assert said[0] == token_id("<|channel>") and token_id("<|think|>") in talk.ids
    assert codec.decode(said).endswith("Done.")
    call = tool_call(np.random.default_rng(3))
    said = [i for i, answer in zip(call.ids, call.answers, strict=True) if answer]
    assert said[0] == token_id("<|tool_call>") and said[-1] == token_id("<|tool_response>")
    text = "".join("\ud800" if i == token_id('<|"|>') else codec.decode([i]) for i in said)
    assert len(parse_tool_calls(text, complete=True)[0]) == 1
    assert outside(np.random.default_rng(1)) and "Gemma 4" in DECLINE
