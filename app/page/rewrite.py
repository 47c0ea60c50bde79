"""HTML as a model wrote it → one HTML document that runs nothing and fetches nothing.

The text is read by Lexbor, a parser that follows the HTML standard as browsers do; what is listed in `markup` is
written anew, and nothing else. The result is read and written again until it stays as it is: what a browser reads is
what has been looked through here, so that no element can change its meaning on the way (“mutation”).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from selectolax.lexbor import LexborHTMLParser

from app.page.attributes import escaped, without_controls
from app.page.limits import CUT_LONG, readable_part
from app.page.writer import Writer
from app.words import tr

MOST_WORDS = 100_000  # characters of a page of which only the text is left
TEXT_ONLY = tr("The page cannot be read twice in the same way; only its text is shown.")


@dataclass(frozen=True)
class Rewritten:
    """A safe page.

    Attributes:
        html: the whole document.
        notices: what was left out that a person would miss, a sentence each.
    """

    html: str
    notices: tuple[str, ...] = ()


def rewrite(html: str) -> Rewritten:
    """Make any text a safe page that looks like what it was meant to be.

    Takes 1 to 5 ms for a page of 5 kB, up to 100 ms for one of 200 kB and, since it reads no more than `limits` allow,
    well under a second for the most hostile ones: it may be called on the GUI thread.
    Never raises. Rewriting the result again gives the same text.
    """
    page = _once(html)
    notices = list(page.notices)
    for _ in range(3):
        again = _once(page.html)
        if again.html == page.html:
            return Rewritten(page.html, tuple(dict.fromkeys(notices)))
        page = again
        notices += page.notices
    return Rewritten(_words_only(html), (TEXT_ONLY,))


def _once(html: str) -> Rewritten:
    text = without_controls(html.replace("\r\n", "\n").replace("\r", "\n").encode("utf-8", "ignore").decode())
    part = readable_part(text)
    tree = LexborHTMLParser(f"<!DOCTYPE html>{part}")
    writer = Writer()
    if part is not text:
        writer.notices.append(CUT_LONG)
    return Rewritten(writer.document(tree), tuple(writer.notices))


def _words_only(html: str) -> str:
    """A page that holds nothing but the text of one, at most its beginning."""
    tree = LexborHTMLParser(readable_part(html.encode("utf-8", "ignore").decode()))
    words = tree.body.text(separator=" ") if tree.body is not None else ""
    plain = re.sub(r"\s+", " ", without_controls(words)).strip()[:MOST_WORDS]
    return _once(f"<body><p>{escaped(plain)}</p>").html
