"""Pictures of pages and what is asked about them, with the truth that each soft token can be taught directly."""

import math

import numpy as np
from PIL import Image
from tour_model.batches import Batch, Truth, cell_at, choose_grid, grids, group, read_at
from tour_model.conversations import Conversation, conversation, tokenizer
from tour_model.pages.compose import random_page
from tour_model.pages.draw import draw
from tour_model.pages.fonts import text_width
from tour_model.pages.layout import Block
from tour_model.pages.page import Page
from tour_model.pages.questions import (
    BOXED,
    PageExample,
    ask_elements,
    ask_fix,
    ask_one,
    ask_page,
    ask_what,
    box_1000,
    elements,
)
from tour_model.talk import DECLINE, OUTSIDE_PICTURE, outside, words_only

SCALES = (1.0, 1.0, 1.25, 1.5, 2.0)
Asked = tuple[tuple[str, float], ...]
ASKED: tuple[Asked, ...] = (  # what each conversation about a page is likely to be
    (("html", 1.0),),
    (("elements", 0.42), ("one", 0.36), ("absent", 0.13), ("sentence", 0.05), ("outside", 0.04)),
)
FIXED = 0.25  # how many of the pages also come with a faulty twin and the fix round
TALK = 0.4  # exchanges without a picture, as a part of the pages
FLATTEST = 2.2  # of a page's sides
LONGEST = 1600  # tokens of a conversation; a longer one is drawn anew
PAGES_BUDGET = 280  # soft tokens of a page


def make_page_batch(rng: np.random.Generator, size: int, budget: int = PAGES_BUDGET) -> Batch:
    """Draws `size` pages of one randomly chosen grid, some with a faulty twin, and holds conversations about each."""
    by_grid = grids(budget, FLATTEST)
    columns, rows = choose_grid(rng, by_grid)
    soft = columns * rows
    pictures: list[np.ndarray] = []
    seen = _Seen(columns, rows)
    talks: list[Conversation] = [words_only(rng) for _ in range(math.ceil(size * TALK))]
    for _ in range(size):
        page, picture, blocks = page_of_aspect(rng, by_grid[columns, rows])
        index, scale = len(pictures), picture.width / page.width
        height = picture.height / scale
        pictures.append(read_at(picture, columns, rows))
        seen.add(index, page, blocks, height)
        for asked in ASKED:
            talks.append(as_conversation(rng, ask(rng, asked, page, blocks, round(height)), (index,), soft))
        if rng.random() < FIXED and (twin := faulty(rng, page, round(height), scale)):
            talks.append(as_conversation(rng, twin[0], (index, index + 1), soft))
            pictures.append(read_at(twin[1], columns, rows))
    talks = [talk for talk in talks if len(talk.ids) <= LONGEST]
    return Batch(columns, rows, np.stack(pictures), seen.truth(len(pictures)), group(talks, count=3))


class _Seen:
    """Collects what the soft tokens of a batch show."""

    def __init__(self, columns: int, rows: int) -> None:
        self.columns, self.rows = columns, rows
        self.things: list[tuple[int, tuple[int, int, int, int], int]] = []
        self.words: list[tuple[int, int]] = []

    def add(self, index: int, page: Page, blocks: list[Block], height: float) -> None:
        """The elements and words of one page."""
        for block in elements(blocks):
            box = box_1000(block, page.width, height)
            cell = cell_at(index, (box[0] + box[2]) / 2, (box[1] + box[3]) / 2, self.columns, self.rows)
            self.things.append((cell, box, BOXED.index(block.kind)))
        for word, x, y in words_on(page, blocks):
            cell = cell_at(index, 1000 * y / height, 1000 * x / page.width, self.columns, self.rows)
            self.words.append((cell, tokenizer().encode_text(word)[0]))

    def truth(self, pictures: int) -> Truth:
        """All of it as arrays."""
        cells = np.array([cell for cell, *_ in self.things], np.int64)
        present = np.zeros(pictures * self.columns * self.rows, np.float32)
        present[cells] = 1
        boxes = np.array([box for _, box, _ in self.things], np.float32).reshape(-1, 4) / 1000
        kinds = np.array([kind for *_, kind in self.things], np.int64)
        return Truth(present, cells, boxes, {"element": kinds}, np.array(self.words, np.int64).reshape(-1, 2))


def page_of_aspect(
    rng: np.random.Generator, aspects: list[float], tolerance: float = 0.03
) -> tuple[Page, Image.Image, list[Block]]:
    """A page shown at about one of these aspect ratios (width over height), its picture and its blocks.

    A page that is less high than the view is shown with empty room below it, as in a window.
    """
    while True:
        page = random_page(rng)
        wanted = aspects[rng.integers(len(aspects))]
        view = round(page.width / wanted)
        picture, blocks = draw(page, float(rng.choice(SCALES)), height=view)
        if abs(math.log(picture.width / picture.height / wanted)) < tolerance:
            return page, picture, blocks


def ask(rng: np.random.Generator, asked: Asked, page: Page, blocks: list[Block], height: int) -> PageExample:
    """One question about a page shown at `height` CSS pixels."""
    names, odds = zip(*asked, strict=True)
    match names[rng.choice(len(names), p=odds)]:
        case "html":
            return ask_page(rng, page, blocks, unseen=False)
        case "elements":
            return ask_elements(rng, page, blocks, height, unseen=False)
        case "sentence":
            return ask_what(rng, page, blocks)
        case "outside":
            return PageExample("outside", outside(rng, OUTSIDE_PICTURE), DECLINE, (page,))
        case task:
            return ask_one(rng, page, blocks, height, absent=task == "absent")


def as_conversation(rng: np.random.Generator, case: PageExample, pictures: tuple[int, ...], soft: int) -> Conversation:
    """The conversation of an example; some of those with a thought have thinking on."""
    thinking = bool(case.thought) and rng.random() < 0.3
    return conversation(case.question, case.answer, pictures, soft, thinking=thinking, thought=case.thought)


def faulty(rng: np.random.Generator, page: Page, height: int, scale: float) -> tuple[PageExample, Image.Image] | None:
    """The fix round about a page, and the picture of its faulty twin; None where the twin is higher than the view."""
    case, fault = ask_fix(rng, page, unseen=False)
    picture, _ = draw(fault.page, scale, height=height)
    return (case, picture) if picture.height <= round(height * scale) else None


def words_on(page: Page, blocks: list[Block]) -> list[tuple[str, float, float]]:
    """Every word on a page with its middle (x, y) in CSS pixels; the first of a line without a space before it."""
    found: list[tuple[str, float, float]] = []
    for block in blocks:
        file = page.theme.font.bold if block.bold else page.theme.font.regular
        for line in block.lines:
            if line.x < 0:
                continue
            x = block.x + line.x
            y = block.y + line.y + block.line_height / 2
            for index, word in enumerate(line.text.split()):
                width = text_width(file, block.size, word)
                found.append((word if index == 0 else f" {word}", x + width / 2, y))
                x += width + text_width(file, block.size, " ")
    return found
