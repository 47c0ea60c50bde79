"""How a page is asked for: its HTML from a screenshot, a fix round, and a change of one element."""

from __future__ import annotations

from mlx_gemma4.protocol.parts import ImagePart, Message, TextPart

LONGEST_PAGE = 16_384
"""Tokens of the longest answer that writes a page."""
PAGE_BUDGET, PAGE_BUDGET_IN_FULL = 280, 1120
"""Soft tokens of a screenshot: what the tour model is taught pages with, and the most there is."""
MAKE_PAGE = "Turn this screenshot into HTML."
FIX_PAGE = "List what differs, then fix it."
IN_FULL = (
    "Write one self-contained HTML file with inline CSS and no scripts. Copy every text exactly as it is written. "
    "Match layout, sizes, colours, fonts and spacing. Use empty boxes of the right size and colour for photographs."
)
FIX_IN_FULL = (
    "The first picture is the screenshot to match. The second is what this HTML gives. "
    "First list what differs, a line each. Then write the whole corrected HTML file."
)


def page_words(*, in_full: bool = True) -> str:
    """What is said about a screenshot to get its page; `in_full` False is for the tour model: it knows short ones."""
    return f"{MAKE_PAGE} {IN_FULL}" if in_full else MAKE_PAGE


def page_budget(*, in_full: bool = True) -> int:
    """Soft tokens that a screenshot is looked at with; `in_full` as for `page_words`."""
    return PAGE_BUDGET_IN_FULL if in_full else PAGE_BUDGET


def page_message(screenshot: str, *, in_full: bool = True, budget: int | None = None) -> Message:
    """The request for the page of a screenshot file; `in_full` as for `page_words`, `budget` None as is good for it."""
    picture = ImagePart(screenshot, budget or page_budget(in_full=in_full))
    return Message("user", (picture, TextPart(page_words(in_full=in_full))))


def fix_message(screenshot: str, rendering: str, html: str, *, in_full: bool = True) -> Message:
    """The request to list the faults of a page and to correct them.

    Args:
        screenshot: picture file that is to be matched.
        rendering: picture file of what the HTML gives.
        html: of the page.
        in_full: False is for the tour model.
    """
    words = f"{FIX_IN_FULL} {IN_FULL}" if in_full else FIX_PAGE
    pictures = (ImagePart(path, page_budget(in_full=in_full)) for path in (screenshot, rendering))
    return Message("user", (*pictures, TextPart(f"```html\n{html}\n```\n{words}")))


def change_message(screenshot: str, html: str, element: str, wish: str, *, in_full: bool = True) -> Message:
    """The request to change one element of a page, by its outer HTML, as a person has said; `in_full` as above."""
    words = f"```html\n{html}\n```\nChange this element:\n```html\n{element}\n```\n{wish}\nWrite the whole HTML file."
    return Message("user", (ImagePart(screenshot, page_budget(in_full=in_full)), TextPart(words)))
