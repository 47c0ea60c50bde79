"""What is asked about pages, and the answers that the tour model is to give."""

from dataclasses import dataclass

import numpy as np
from tour_model.pages.faults import Fault, plant_fault
from tour_model.pages.layout import Block
from tour_model.pages.page import Button, Icon, Link, Page, write_html
from tour_model.questions import LEADS, VERBS, ask_sentence, fenced_boxes, listed

BOXED = ("heading", "paragraph", "list", "button", "input", "link", "picture", "icon", "card")
COLOURED = ("button", "icon")
ORDINALS = ("first", "second", "third", "fourth", "fifth")
ALL_ELEMENTS = (
    "all elements", "every element", "all page elements", "the elements of this page", "all parts of the page",
    "everything on this page", "each element", "every part of the page", "all the elements on the page",
    "all user interface elements",
)  # fmt: skip
ASK_PAGE = (
    "Write HTML code for this page.", "Write the HTML of this page.", "Write HTML for this screenshot.",
    "Make this page.", "Make a page like this.", "Build this page.", "Build this page in HTML.", "Rebuild this page.",
    "Turn this screenshot into HTML.", "Turn this into a web page.", "Code this page.", "Recreate this page in HTML.",
    "Give me the HTML of this page.", "Create this web page.", "HTML for this page, please.", "Page to HTML.",
    "Convert this screenshot to HTML.", "Convert the picture into a page.", "Copy this page as HTML.",
    "Write this page as one HTML file.", "Generate the HTML.", "I want this page as HTML.",
    "Return the HTML of the page.",
)  # fmt: skip
ASK_FIX = (
    "Fix what differs.", "Fix the page.", "Correct the page.", "Make the second picture like the first.",
    "What differs? Fix it.", "Find the faults and correct the HTML.", "List what differs, then fix it.",
    "Compare and correct the page.", "The second picture is what this HTML gives. Fix what differs.",
    "Repair the HTML so that it looks like the screenshot.", "Correct what is different.",
)  # fmt: skip
UNSEEN_ELEMENTS = (
    "Mark what this page is made of.", "Give boxes for the page elements.", "Which elements are on the page? Box them.",
    "Detect the page elements.", "Show each part of this page with its box.",
)  # fmt: skip
UNSEEN_PAGE = (
    "Please write the code of this page.", "Can you make this as HTML?", "Rebuild the screenshot as a web page.",
    "One HTML file of this page, please.", "Give me code that looks like this page.",
)  # fmt: skip
UNSEEN_FIX = (
    "Please correct the page.",
    "Fix the differences.",
    "Make it like the screenshot.",
    "Find and fix the fault.",
)
THOUGHTS = (
    "A page of {parts}. I write it from top to bottom.", "I see {parts}. Now the HTML.",
    "The page has {parts}; I write them in order.",
)  # fmt: skip


@dataclass(frozen=True)
class PageExample:
    """A question about one page, or two pictures of it, and its answer.

    Attributes:
        task: elements, one, absent, html or fix.
        question: after the pictures.
        answer: of the model.
        pages: what the pictures show, in order.
        blocks: that the boxes of an answer are about.
        thought: before the answer, where thinking is on.
    """

    task: str
    question: str
    answer: str
    pages: tuple[Page, ...]
    blocks: tuple[Block, ...] = ()
    thought: str = ""


def elements(blocks: list[Block]) -> list[Block]:
    """The blocks that are asked for, in the order of the page."""
    return [block for block in blocks if block.kind in BOXED]


def box_1000(block: Block, width: float, height: float) -> tuple[int, int, int, int]:
    """(ymin, xmin, ymax, xmax) on a grid of 0–1000 along each side of a page."""
    y, x = 1000 / height, 1000 / width
    edges = block.y * y, block.x * x, (block.y + block.height) * y, (block.x + block.width) * x
    return tuple(min(1000, max(0, round(edge))) for edge in edges)  # type: ignore[return-value]


def boxes_answer(blocks: list[Block], width: int, height: int) -> str:
    """The fenced JSON list of Gemma 4's detection answers, an element a line."""
    return fenced_boxes((box_1000(block, width, height), block.kind) for block in blocks)


def html_answer(page: Page) -> str:
    """A page as the model writes it: one fenced file."""
    return f"```html\n{write_html(page)}\n```"


def thought_about(rng: np.random.Generator, blocks: list[Block]) -> str:
    """What a page is made of, counted, in a sentence."""
    return str(rng.choice(THOUGHTS)).format(parts=_counted(blocks))


def ask_elements(rng: np.random.Generator, page: Page, blocks: list[Block], height: int, unseen: bool) -> PageExample:
    """Boxes of everything."""
    text = str(rng.choice(UNSEEN_ELEMENTS)) if unseen else _imperative(rng, str(rng.choice(ALL_ELEMENTS)))
    found = elements(blocks)
    return PageExample("elements", text, boxes_answer(found, page.width, height), (page,), tuple(found))


def ask_one(rng: np.random.Generator, page: Page, blocks: list[Block], height: int, absent: bool) -> PageExample:
    """Boxes of what a description means: a kind, a colour and kind, a place in the order, or the words on it."""
    words, found = _described(rng, page, elements(blocks), absent)
    task = "one" if found else "absent"
    text = _imperative(rng, words) if rng.random() < 0.8 else f"Where is {words}?"
    return PageExample(task, text, boxes_answer(found, page.width, height), (page,), tuple(found))


def ask_page(rng: np.random.Generator, page: Page, blocks: list[Block], unseen: bool) -> PageExample:
    """The HTML of a screenshot."""
    text = str(rng.choice(UNSEEN_PAGE if unseen else ASK_PAGE))
    return PageExample("html", text, html_answer(page), (page,), thought=thought_about(rng, blocks))


def ask_fix(rng: np.random.Generator, page: Page, unseen: bool) -> tuple[PageExample, Fault]:
    """The screenshot, then the picture of a page with a fault and its HTML: the fault in words, then the right HTML."""
    fault = plant_fault(rng, page)
    ask = str(rng.choice(UNSEEN_FIX if unseen else ASK_FIX))
    text = f"{html_answer(fault.page)}\n{ask}"
    answer = f"- {fault.sentence}\n\n{html_answer(page)}"
    return PageExample("fix", text, answer, (page, fault.page)), fault


def ask_what(rng: np.random.Generator, page: Page, blocks: list[Block]) -> PageExample:
    """What is on the page, in a sentence."""
    return PageExample("sentence", ask_sentence(rng), f"This is a page with {_counted(blocks)}.", (page,))


def _counted(blocks: list[Block]) -> str:
    counts: dict[str, int] = {}
    for block in elements(blocks):
        counts[block.kind] = counts.get(block.kind, 0) + 1
    names = [f"{number} {kind}{'s' if number > 1 else ''}" for kind, number in counts.items()]
    return listed(names)


def _imperative(rng: np.random.Generator, thing: str) -> str:
    verb = VERBS[rng.integers(len(VERBS))]
    if rng.random() < 0.5:
        return f"Detect {thing}." if rng.random() < 0.4 else f"{verb} {thing}."
    lead = LEADS[rng.integers(len(LEADS))]
    return (
        f"{lead}{verb[0].lower() + verb[1:] if lead else verb} {thing}{rng.choice(('.', '', ', please.', ' as JSON.'))}"
    )


def _colour_of(block: Block, page: Page) -> str:
    """The name of the colour of a button or icon, empty for others."""
    match block.part:
        case Button(_, colour):
            return (colour or page.theme.accent)[0]
        case Icon(_, _, colour):
            return colour[0]
        case _:
            return ""


def _text_of(block: Block) -> str:
    return block.part.text if isinstance(block.part, Button | Link) else ""


def _described(rng: np.random.Generator, page: Page, found: list[Block], absent: bool) -> tuple[str, list[Block]]:
    """Words for some elements, and those elements; none where something absent is wanted."""
    present = {block.kind for block in found}
    if absent or not found:
        missing = [kind for kind in BOXED if kind not in present]
        coloured = [
            (name, kind) for kind in COLOURED for name in ("red", "orange", "yellow", "green", "blue", "purple")
        ]
        free = [
            pair for pair in coloured if not any(b.kind == pair[1] and _colour_of(b, page) == pair[0] for b in found)
        ]
        if missing and (rng.random() < 0.5 or not free):
            return f"{rng.choice(('the', 'all', 'every'))} {rng.choice(missing)}", []
        colour, kind = free[rng.integers(len(free))]
        return f"the {colour} {kind}", []
    wanted = found[rng.integers(len(found))]
    same = [block for block in found if block.kind == wanted.kind]
    form = rng.random()
    if _text_of(wanted) and form < 0.3:
        text = _text_of(wanted)
        return f'the {wanted.kind} "{text}"', [block for block in same if _text_of(block) == text]
    if _colour_of(wanted, page) and form < 0.6:
        colour = _colour_of(wanted, page)
        matches = [block for block in same if _colour_of(block, page) == colour]
        return f"the {colour} {wanted.kind}{'s' if len(matches) > 1 else ''}", matches
    place = same.index(wanted)
    if len(same) > 1 and place < len(ORDINALS) and form < 0.8:
        return f"the {ORDINALS[place]} {wanted.kind}", [wanted]
    return f"{rng.choice(('the', 'all'))} {wanted.kind}{'s' if len(same) > 1 else ''}", same
