"""Asks the tour model about pages that a real browser shows, and counts what is right.

PYTHONPATH=packaging:. python -m tour_model.pages.evaluate --seed 20260101
"""

import argparse
import difflib
import json
import re
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import html5lib
import numpy as np
from PIL import Image
from tour_model.evaluate import answer
from tour_model.pages.browser import Browser, Element
from tour_model.pages.compose import random_page
from tour_model.pages.draw import draw
from tour_model.pages.page import Page, write_html
from tour_model.pages.questions import ask_elements, ask_fix, ask_page
from tour_model.pages.samples import PAGES_BUDGET
from tour_model.pages.score import TextBlock, compare
from tour_model.pages.theme import UNSEEN_FONT, random_theme, unseen_theme
from tour_model.scoring import Box, matches, parse_boxes

from mlx_gemma4 import load
from mlx_gemma4.gemma import Gemma

UNSEEN = 0.3  # how many pages have the font, and as many the look, that training never saw
LONGEST_ANSWER = 1000
TAGS = {
    "h1": "heading", "h2": "heading", "p": "paragraph", "ul": "list", "ol": "list", "button": "button",
    "input": "input", "a": "link", "svg": "icon",
}  # fmt: skip
CLASSES = {"img": "picture", "card": "card"}


@dataclass
class Counts:
    """Sums of what was measured, by name; `figures` are their means."""

    values: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))

    def add(self, **values: float) -> None:
        """One measurement of each."""
        for name, value in values.items():
            self.values[name].append(float(value))

    def figures(self) -> dict[str, float]:
        """The means."""
        return {name: round(float(np.mean(values)), 4) for name, values in self.values.items()}


class Judge:
    """A model and a browser; each job asks and counts."""

    def __init__(self, gemma: Gemma, browser: Browser, rng: np.random.Generator, folder: Path) -> None:
        self.gemma, self.browser, self.rng, self.folder = gemma, browser, rng, folder

    def page(self) -> tuple[Page, bool]:
        """A page, and whether its font is one that training never saw."""
        strange = self.rng.random() < UNSEEN
        font = UNSEEN_FONT if strange else None
        theme = random_theme(self.rng, font)
        if self.rng.random() < UNSEEN:
            theme = unseen_theme(theme.font)
        return random_page(self.rng, theme), strange

    def shown(self, page: Page, name: str = "page", least: int = 1) -> tuple[Path, Image.Image, list[Element]]:
        """A file with what the browser shows of a page."""
        picture, elements = self.browser.render(write_html(page, exact_font=True), page.width, least)
        file = self.folder / f"{name}.png"
        picture.save(file, compress_level=1)
        return file, picture, elements

    def words(self, picture: Image.Image) -> list[TextBlock]:
        """Text of the page rendered last, in parts of its picture."""
        wide, high = picture.size
        return [
            TextBlock(w.text, (w.box[0] / wide, w.box[1] / high, w.box[2] / wide, w.box[3] / high), w.colour)
            for w in self.browser.words()
        ]

    def elements(self, counts: Counts) -> None:
        """Boxes of everything on a page."""
        page, _ = self.page()
        file, picture, elements = self.shown(page)
        case = ask_elements(self.rng, page, draw(page)[1], picture.height, unseen=True)
        given = parse_boxes(self.ask([file], case.question)) or []
        wanted = [
            (_box_1000(element, picture), kind)
            for element in elements
            if (kind := CLASSES.get(element.css_class) or TAGS.get(element.tag))
        ]
        found = _found(given, wanted)
        counts.values["recall"] += [1.0] * found + [0.0] * (len(wanted) - found)
        counts.values["precision"] += [1.0] * found + [0.0] * (len(given) - found)

    def html(self, counts: Counts) -> None:
        """The page rebuilt from its picture."""
        page, strange = self.page()
        file, picture, _ = self.shown(page)
        truth = self.words(picture)
        made = html_in(self.ask([file], ask_page(self.rng, page, draw(page)[1], unseen=True).question))
        counts.add(valid=made is not None and is_strict(made))
        if made is None:
            counts.add(block=0, position=0, colour=0, **{f"text_{_font_name(strange)}": 0})
            return
        again, _ = self.browser.render(made, page.width, picture.height)
        score = compare(truth, self.words(again))
        counts.add(block=score.block, position=score.position, colour=score.colour)
        counts.add(**{f"text_{_font_name(strange)}": score.text})

    def fix(self, counts: Counts) -> None:
        """The fix round: is the fault gone, and all else as it was?"""
        page, _ = self.page()
        case, fault = ask_fix(self.rng, page, unseen=True)
        high = max(draw(page)[0].height, draw(fault.page)[0].height)
        files = [self.shown(page, "wanted", high)[0], self.shown(fault.page, "made", high)[0]]
        made = html_in(self.ask(files, case.question))
        repaired, unbroken = judge_fix(write_html(fault.page), write_html(page), made or "")
        counts.add(repaired=repaired, unbroken=unbroken)

    def ask(self, files: list[Path], question: str) -> str:
        """The raw text of a greedy answer."""
        return answer(self.gemma, files, question, max_soft_tokens=PAGES_BUDGET, max_tokens=LONGEST_ANSWER)


def html_in(text: str) -> str | None:
    """The last fenced HTML file of an answer."""
    found = re.findall(r"```html\n(.*?)\n```", text, re.DOTALL)
    return found[-1] if found else None


def is_strict(html: str) -> bool:
    """Whether a strict parser finds no fault and every tag is closed."""
    try:
        html5lib.HTMLParser(strict=True).parse(html)
    except html5lib.html5parser.ParseError:
        return False
    return all(len(re.findall(rf"<{t}[ >]", html)) == html.count(f"</{t}>") for t in set(re.findall(r"</(\w+)>", html)))


def judge_fix(faulty: str, right: str, made: str) -> tuple[bool, bool]:
    """(repaired, nothing else broken): lines in which the faulty page differed are right, all others as they were."""
    before, wanted, after = faulty.split("\n"), right.split("\n"), made.split("\n")
    changed = {line for line in difflib.ndiff(before, wanted) if line[:2] in ("+ ", "- ")}
    gone = [line[2:] for line in changed if line[0] == "-"]
    new = [line[2:] for line in changed if line[0] == "+"]
    repaired = all(line in after for line in new) and all(after.count(line) <= wanted.count(line) for line in gone)
    kept = [line for line in wanted if line not in new]
    return repaired, all(line in after for line in kept) and len(after) <= len(wanted) + 1


def _font_name(strange: bool) -> str:
    return "unseen_font" if strange else "seen_font"


def _box_1000(element: Element, picture: Image.Image) -> tuple[float, float, float, float]:
    x, y, wide, high = element.box
    across, down = 1000 / picture.width, 1000 / picture.height
    return y * down, x * across, (y + high) * down, (x + wide) * across


def _found(given: list[tuple[Box, str]], wanted: list[tuple[Box, str]]) -> int:
    """How many boxes hit a wanted one of their kind."""
    kinds = {kind for _, kind in wanted}
    return sum(
        len(list(matches([box for box, label in given if label == kind], [box for box, k in wanted if k == kind])))
        for kind in kinds
    )


def jobs(sizes: dict[str, int]) -> Iterator[tuple[str, int, Callable[[Judge, Counts], None]]]:
    """What is measured, how often, and how."""
    for name, run in (("elements", Judge.elements), ("html", Judge.html), ("fix", Judge.fix)):
        if sizes[name]:
            yield name, sizes[name], run


def main() -> None:
    """Parses the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--elements", type=int, default=300)
    parser.add_argument("--html", type=int, default=200)
    parser.add_argument("--fix", type=int, default=200)
    parser.add_argument("--seed", type=int, default=int(time.time()), help="default: a new one every time")
    parser.add_argument("--checkpoint", default="tour")
    args = parser.parse_args()
    print(f"seed {args.seed}")
    with Browser() as browser, tempfile.TemporaryDirectory() as folder:
        judge = Judge(load(args.checkpoint), browser, np.random.default_rng(args.seed), Path(folder))
        for name, size, run in jobs(vars(args)):
            began, counts = time.monotonic(), Counts()
            for _ in range(size):
                run(judge, counts)
            print(f"{name:9} {size:4} {time.monotonic() - began:5.0f} s", json.dumps(counts.figures()), flush=True)


if __name__ == "__main__":
    main()
