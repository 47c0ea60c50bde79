"""Real pictures in place of a page's placeholders.

The model says where on the screenshot logos and photos are; the rendering says where the page has left room for them.
A picture goes into the place that it covers best, and one that covers none into the nearest of about its size. Without
the model's boxes placeholders stay as they are: to cut out what lies under a placeholder would paste text and edges of
neighbours into the page wherever its layout is off, and make the page look nearer to the screenshot than it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from math import hypot

from selectolax.lexbor import LexborHTMLParser, LexborNode

from app.page.addresses import NO_PICTURE
from app.page.crops import Crop, Rectangle, overlap
from app.page.rewrite import rewrite
from app.page.writer import Writer
from app.state.page import PageElement, Rendering

COVERS = 0.1  # least overlap of a picture and the placeholder it goes into
COVERS_ANY_BOX = 0.5  # where nothing else says that a box is one
NEAR = 0.25  # of the page's width, from middle to middle
ABOUT_AS_LARGE = 4  # times the area
LEAST_SIDE = 8  # CSS pixels of a box that may be a placeholder
MOST_CANDIDATES = 300
LONGEST_HTML = 2000  # characters of an element that may be one

_NAMED = re.compile(
    r"(?:^|[\s_-])(?:img|image|picture|pic|photo|placeholder|avatar|logo|thumb|thumbnail|hero|banner|cover|media|figure)"
    r"(?:$|[\s_-])",
    re.IGNORECASE,
)
_SAYS_SO = re.compile(r"(?:image|photo|picture|img|logo|avatar|placeholder|\d+\s*[x×]\s*\d+)?", re.IGNORECASE)
_BOX_TAGS = frozenset("div span figure section a p td li header aside article".split())
FILLS = "width:100%;height:100%;display:block;object-fit:cover;border-radius:inherit"


@dataclass(frozen=True)
class Placeholder:
    """Room that a page leaves for a picture.

    Attributes:
        key: of its node in the parsed page.
        image: whether it is an `img`; otherwise a box that one is put into.
        named: whether its tag, class or id says what it is for.
        sized: whether the page says how large it is.
        place: on the page, in widths of the page.
    """

    key: int
    image: bool
    named: bool
    sized: bool
    place: Rectangle


def has_placeholders(html: str) -> bool:
    """Whether a page that `rewrite` has made leaves room for pictures that can be told from its code."""
    return any(_is_named(node) for node in _candidates(LexborHTMLParser(html)))


def put_pictures(html: str, rendering: Rendering, crops: Sequence[Crop]) -> str:
    """A page with pictures in its placeholders.

    Args:
        html: of a page that `rewrite` has made.
        rendering: of that page.
        crops: from the screenshot that the page is rebuilt from.

    Returns:
        The page, rewritten again; the same text if nothing is put in. Sizes, classes, texts for those who cannot see a
        picture, and corners stay.
    """
    tree = LexborHTMLParser(html)
    places = list(_placed(tree, rendering))
    pictures = {}
    for place, chosen in pair(places, crops):
        attributes = {"src": chosen.uri}
        if not place.image:
            attributes |= {"alt": "", "style": FILLS}
        elif not place.sized:
            wide, high = (round(side * rendering.width) for side in chosen.place[2:])
            attributes |= {"width": str(wide), "height": str(high)}
        pictures[place.key] = attributes
    return rewrite(Writer(pictures=pictures).document(tree)).html if pictures else html


def pair(places: Sequence[Placeholder], crops: Sequence[Crop]) -> list[tuple[Placeholder, Crop]]:
    """Which picture goes where, each at most once: those that overlap most first, then the nearest."""
    pairs: list[tuple[Placeholder, Crop]] = []
    for score in (_covering, _nearness):
        scored = [(score(place, crop), i, j) for i, place in enumerate(places) for j, crop in enumerate(crops)]
        for value, i, j in sorted(scored, key=lambda entry: (-entry[0], entry[1], entry[2])):
            place, chosen = places[i], crops[j]
            if value > 0 and all(place is not p and chosen is not c for p, c in pairs):
                pairs.append((place, chosen))
    return pairs


def _covering(place: Placeholder, crop: Crop) -> float:
    share = overlap(place.place, crop.place)
    return share if share >= (COVERS if place.named else COVERS_ANY_BOX) else 0.0


def _nearness(place: Placeholder, crop: Crop) -> float:
    """From 1 at the same middle to 0 where it is too far, or another size."""
    if not place.named:
        return 0.0
    (x, y, wide, high), (left, top, width, height) = place.place, crop.place
    areas = sorted((wide * high, width * height))
    if place.sized and areas[1] > ABOUT_AS_LARGE * areas[0]:
        return 0.0
    return max(0.0, 1 - hypot(x + wide / 2 - left - width / 2, y + high / 2 - top - height / 2) / NEAR)


def _candidates(tree: LexborHTMLParser) -> Iterator[LexborNode]:
    """Pictures without a source and boxes without content, in the order of the page."""
    if tree.body is None:
        return
    for node in tree.body.traverse():
        if node.tag == "img":
            if node.attributes.get("src") in (None, NO_PICTURE):
                yield node
        elif node.tag in _BOX_TAGS and next(node.iter(), None) is None and _SAYS_SO.fullmatch(_words(node)):
            yield node


def _words(node: LexborNode) -> str:
    return (node.text(deep=True) or "").strip()


def _is_named(node: LexborNode) -> bool:
    attributes = node.attributes
    names = f"{attributes.get('class') or ''} {attributes.get('id') or ''}"
    return node.tag in ("img", "figure") or bool(_NAMED.search(names))


def _placed(tree: LexborHTMLParser, rendering: Rendering) -> Iterator[Placeholder]:
    """Candidates that the rendering shows, with where it does: both lists have them in the order of the page."""
    shown = [(_read(element.html), element.box) for element in rendering.elements if _may_be_one(element)]
    at = 0
    for node in islice(_candidates(tree), MOST_CANDIDATES):
        wanted = _signature(node)
        found = next((i for i in range(at, len(shown)) if shown[i][0] == wanted), None)
        if found is None:
            continue
        at = found + 1
        x, y, wide, high = shown[found][1]
        image = node.tag == "img"
        sized = min(wide, high) >= LEAST_SIDE
        if image or sized:
            unit = max(rendering.width, 1)
            place = (x / unit, y / unit, wide / unit, high / unit)
            yield Placeholder(node.mem_id, image, _is_named(node), sized, place)


def _may_be_one(element: PageElement) -> bool:
    return (element.tag == "img" or element.tag in _BOX_TAGS) and len(element.html) < LONGEST_HTML


def _signature(node: LexborNode | None) -> tuple[str | None, Mapping[str, str], str] | None:
    """What tells an element from others: tag, attributes and text."""
    if node is None:
        return None
    return node.tag, {name: value or "" for name, value in node.attributes.items()}, _words(node)


def _read(html: str) -> tuple[str | None, Mapping[str, str], str] | None:
    """The signature of an element by its outer HTML."""
    if html.startswith("<td"):
        return _signature(LexborHTMLParser(f"<table><tr>{html}").css_first("td"))
    body = LexborHTMLParser(f"<body>{html}").body
    return _signature(body.first_child if body is not None else None)
