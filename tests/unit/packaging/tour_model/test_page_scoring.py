"""How pages are judged: Design2Code's measures, repairs, and what counts as sound HTML."""

import numpy as np
import pytest
from tour_model.evaluate_talk import prompts
from tour_model.pages.compose import random_page
from tour_model.pages.evaluate import html_in, is_strict, judge_fix
from tour_model.pages.faults import plant_fault
from tour_model.pages.page import write_html
from tour_model.pages.score import PageScore, TextBlock, compare
from tour_model.talk import OUTSIDE, OUTSIDE_PICTURE

from tests.unit.packaging.tour_model.page_fonts import require_fonts

HELLO = TextBlock("Hello world", (0.1, 0.1, 0.4, 0.1), (0, 0, 0))
SEND = TextBlock("Send", (0.1, 0.5, 0.2, 0.1), (255, 255, 255))


def test_a_page_is_like_itself_and_unlike_an_empty_one() -> None:
    assert compare([HELLO, SEND], [SEND, HELLO]) == PageScore(1.0, 1.0, 1.0, 1.0)
    assert compare([HELLO], []) == PageScore(0.0, 0.0, 0.0, 0.0)
    assert compare([], []) == PageScore(1.0, 1.0, 1.0, 1.0)


def test_each_measure_falls_with_its_own_fault() -> None:
    moved = TextBlock("Hello world", (0.2, 0.1, 0.4, 0.1), (0, 0, 0))
    assert compare([HELLO], [moved]).position == pytest.approx(0.9)
    white = TextBlock("Hello world", HELLO.box, (255, 255, 255))
    assert compare([HELLO], [white]).colour == pytest.approx(0.0, abs=0.01)
    assert compare([HELLO], [TextBlock("Hello word", HELLO.box, (0, 0, 0))]).text == pytest.approx(20 / 21)
    assert compare([HELLO, SEND], [HELLO]).block == pytest.approx(0.08 / 0.10)


def test_a_repair_is_told_from_a_page_left_alone_or_broken_elsewhere() -> None:
    require_fonts()
    rng = np.random.default_rng(2)
    for _ in range(20):
        page = random_page(rng)
        wrong, right = write_html(plant_fault(rng, page).page), write_html(page)
        assert judge_fix(wrong, right, right) == (True, True)
        assert not judge_fix(wrong, right, wrong)[0]
        assert not judge_fix(wrong, right, right.replace("</head>", ""))[1]


def test_every_page_we_write_is_strict_html_and_a_torn_one_is_not() -> None:
    require_fonts()
    rng = np.random.default_rng(3)
    for _ in range(20):
        html = write_html(random_page(rng))
        assert is_strict(html)
        assert not is_strict(html.replace("</body>", "</div></body>"))
    assert html_in(f"- one\n```html\n{html}\n```") == html and html_in("no page") is None


def test_evaluation_has_a_hundred_prompts_of_each_kind_that_training_does_not_write() -> None:
    for name in ("unseen_outside.txt", "unseen_inside.txt"):
        lines = prompts(name)
        assert len(lines) == len(set(lines)) == 100
        assert not {line.removeprefix("+ ").partition(" ")[2] for line in lines} & {*OUTSIDE, *OUTSIDE_PICTURE}
