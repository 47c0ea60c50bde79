"""Where an element of the rendered page stands in the code that it came from."""

from __future__ import annotations

import re

from app.state.page import PageElement, Rendering

_OPENING = re.compile(r"<[^<>]*>")
_NOT_ELEMENTS = re.compile(r"<!--.*?-->|<style\b.*?</style\s*>|<script\b.*?</script\s*>", re.DOTALL | re.IGNORECASE)

_EMPTY = frozenset("area base br col embed hr img input link meta source track wbr".split())


def element_span(element: PageElement, rendering: Rendering, html: str) -> tuple[int, int] | None:
    """Start and length of the element in the code, or of its opening tag; None if it cannot be told.

    What was rendered has been rewritten, so that only tags of one name, or opening tags that read alike, are counted.
    """
    code = _NOT_ELEMENTS.sub(lambda found: " " * len(found.group()), html)
    opening = _opening(element)
    alike = [other for other in rendering.elements if _opening(other) == opening]
    places = [found for found in _OPENING.finditer(code) if _squeezed(found.group()) == opening]
    if len(places) < len(alike):
        alike = [other for other in rendering.elements if other.tag == element.tag]
        places = list(re.finditer(rf"<{re.escape(element.tag)}\b[^<>]*>", code, re.IGNORECASE))
    number = next((index for index, other in enumerate(alike) if other is element), None)
    if number is None:
        number = alike.index(element) if element in alike else len(places)
    if number >= len(places):
        return None
    start = places[number].start()
    return start, _length(code, element.tag, places[number].end()) - start


def _length(code: str, tag: str, behind: int) -> int:
    """Where the element ends: behind the closing tag that belongs to the opening one, or behind that itself."""
    if tag in _EMPTY:
        return behind
    depth = 1
    for found in re.finditer(rf"<(/?){re.escape(tag)}\b[^<>]*>", code[behind:], re.IGNORECASE):
        depth += -1 if found.group(1) else 1
        if depth == 0:
            return behind + found.end()
    return behind


def _opening(element: PageElement) -> str:
    found = _OPENING.match(element.html)
    return _squeezed(found.group()) if found else f"<{element.tag}>"


def _squeezed(tag: str) -> str:
    return " ".join(tag.replace("'", '"').split()).lower()
