"""How well the engine's fidelity number and regions judge pages whose HTML is known, as Chromium shows them.

`correlation`: pages and worse and worse variants of them; the number, from pixels alone, beside Design2Code's measures,
for which the browser says the words and where they are. `edits`: pages with one thing changed at one place.

PYTHONPATH=packaging:. python -m tour_model.pages.fidelity_study --seed 20260101
"""

import argparse
import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from PIL import Image
from scipy.stats import spearmanr
from tour_model.pages.browser import Browser, Element
from tour_model.pages.compose import random_page
from tour_model.pages.edits import Rectangle, edited
from tour_model.pages.faults import plant_local_fault
from tour_model.pages.page import Page, write_html
from tour_model.pages.score import TextBlock, compare
from tour_model.pages.variants import variants

from mlx_gemma4.page.comparison import Comparison
from mlx_gemma4.page.comparison import compare as compare_pixels

DRAWS = 200
NOTICEABLE = 0.001  # a tenth of a percent, the least that is shown


@dataclass(frozen=True)
class Judged:
    """A page or a variant of it, judged twice: by Design2Code's measures, and by the number from pixels."""

    page: int
    kind: str
    measures: tuple[float, float, float, float]
    found: Comparison

    @property
    def truth(self) -> float:
        """The mean of block, text, position and colour."""
        return float(np.mean(self.measures))


class Chromium:
    """Shows pages."""

    def __init__(self, browser: Browser) -> None:
        self._browser = browser

    def shown(self, page: Page, least: int = 1, scale: float = 1.0) -> tuple[Image.Image, list[Element]]:
        """The picture of a page and its elements."""
        return self._browser.render(write_html(page, exact_font=True), page.width, least, scale)

    def words(self, picture: Image.Image) -> list[TextBlock]:
        """Text of the page shown last, in parts of its picture."""
        wide, high = picture.size
        return [
            TextBlock(w.text, (w.box[0] / wide, w.box[1] / high, w.box[2] / wide, w.box[3] / high), w.colour)
            for w in self._browser.words()
        ]


def judge_variants(chromium: Chromium, rng: np.random.Generator, pages: int) -> Iterator[Judged]:
    """Every variant of so many pages."""
    for number in range(pages):
        page = random_page(rng)
        wanted, _ = chromium.shown(page)
        truth = chromium.words(wanted)
        for kind, variant in variants(rng, page):
            made, _ = chromium.shown(variant, wanted.height)
            score = compare(truth, chromium.words(made))
            measures = score.block, score.text, score.position, score.colour
            yield Judged(number, kind, measures, compare_pixels(wanted, made))


def print_correlation(judged: list[Judged]) -> None:
    """Rank correlations over all variants, over one of each page, and within pages; and means by kind."""
    ours = np.array([case.found.figures.fidelity for case in judged])
    truth = np.array([case.truth for case in judged])
    pages = np.array([case.page for case in judged])
    draws = np.random.default_rng(0)
    single = []
    for _ in range(DRAWS):
        chosen = [draws.choice(np.flatnonzero(pages == page)) for page in np.unique(pages)]
        single.append(spearmanr(ours[chosen], truth[chosen]).statistic)
    within = [spearmanr(ours[pages == page], truth[pages == page]).statistic for page in np.unique(pages)]
    print(f"rank correlation, all {len(judged)} variants: {spearmanr(ours, truth).statistic:.3f}")
    print(f"one variant of each of {len(within)} pages: mean {np.mean(single):.3f} of {DRAWS} draws", end="")
    print(f", 5 % of them below {np.quantile(single, 0.05):.3f}")
    print(f"the variants of one page, mean over pages: {np.nanmean(within):.3f}")
    print(f"{'':28} ours  layout position colour edges | truth block text position colour")
    by_kind: dict[str, list[Judged]] = defaultdict(list)
    for case in judged:
        by_kind[case.kind].append(case)
    for kind, cases in by_kind.items():
        figures = [case.found.figures for case in cases]
        left = np.mean([(f.fidelity, f.layout, f.position, f.colour, f.edges) for f in figures], axis=0)
        right = np.mean([(case.truth, *case.measures) for case in cases], axis=0)
        print(f"{kind:28}", *(f"{value:.3f}" for value in left), "|", *(f"{value:.3f}" for value in right))


def study_edits(chromium: Chromium, rng: np.random.Generator, pages: int, scale: float) -> None:
    """Pages with one edit: does the number fall, and is the strongest region on the edit?"""
    falls, anywhere, mostly, untouched = [], [], [], []
    while len(falls) < pages:
        page = random_page(rng)
        fault = plant_local_fault(rng, page)
        if fault is None:
            continue
        wanted, _ = chromium.shown(page, scale=scale)
        same, before = chromium.shown(page)
        made, after = chromium.shown(fault.page, same.height)
        unedited = compare_pixels(wanted, same)
        found = compare_pixels(wanted, made)
        falls.append(unedited.figures.fidelity - found.figures.fidelity)
        part = _part_on(found, edited(before, after), made)
        anywhere.append(part > 0)
        mostly.append(part >= 0.5)
        untouched.append((unedited.figures.fidelity, len(unedited.regions)))
        if part < 0.5:
            print(f"  {part:.2f} of the strongest region is on the edit: {fault.sentence}")
    print(f"{pages} edits, screenshots at {scale:g}×: the number falls in {np.mean(np.array(falls) > 0):.1%}", end="")
    print(f", by {NOTICEABLE} or more in {np.mean(np.array(falls) >= NOTICEABLE):.1%} (median {np.median(falls):.4f})")
    print(f"the strongest region overlaps the edit in {np.mean(anywhere):.1%}, at least half of it in", end=" ")
    print(f"{np.mean(mostly):.1%}; without the edit: {np.min(untouched, axis=0)[0]:.3f} or more,", end=" ")
    print(f"{int(np.max(untouched, axis=0)[1])} regions or fewer")


def _part_on(found: Comparison, truth: list[Rectangle], made: Image.Image) -> float:
    """The part of the strongest region that lies on the edit."""
    if not found.regions:
        return 0.0
    y, x = made.height / 1000, made.width / 1000
    top, left, bottom, right = found.regions[0].box
    top, left, bottom, right = top * y, left * x, bottom * y, right * x
    shared = [
        max(min(right, box[2]) - max(left, box[0]), 0) * max(min(bottom, box[3]) - max(top, box[1]), 0) for box in truth
    ]
    return max(shared, default=0) / ((bottom - top) * (right - left))


def main() -> None:
    """Parses the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--correlation", type=int, default=100, metavar="PAGES")
    parser.add_argument("--edits", type=int, default=50, metavar="PAGES")
    parser.add_argument("--seed", type=int, default=int(time.time()), help="default: a new one every time")
    args = parser.parse_args()
    print(f"seed {args.seed}")
    rng = np.random.default_rng(args.seed)
    with Browser() as browser:
        chromium = Chromium(browser)
        if args.correlation:
            print_correlation(list(judge_variants(chromium, rng, args.correlation)))
        for scale in (1.0, 2.0):
            if args.edits:
                study_edits(chromium, rng, args.edits, scale)


if __name__ == "__main__":
    main()
