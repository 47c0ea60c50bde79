"""Where one edit of a page is, from what the browser says about its elements before and after."""

from collections.abc import Sequence
from difflib import SequenceMatcher

from tour_model.pages.browser import Element

Rectangle = tuple[float, float, float, float]  # left, top, right, bottom in CSS pixels


def edited(before: Sequence[Element], after: Sequence[Element]) -> list[Rectangle]:
    """The rectangles, before and after, of elements that say or look otherwise now, and of those that are gone.

    What has only moved is not edited, nor is an element around one that is.
    """
    one, other = [_signature(e) for e in before], [_signature(e) for e in after]
    found: list[Rectangle] = []
    for tag, i, i2, j, j2 in SequenceMatcher(None, one, other, autojunk=False).get_opcodes():
        if tag != "equal":
            gone, come = _innermost(before[i:i2]), _innermost(after[j:j2])
            whole = not (gone and come)  # a part that is missing counts as a whole
            found += [_around(before[i:i2])] if whole and gone else gone
            found += [_around(after[j:j2])] if whole and come else come
    return found


def _signature(element: Element) -> tuple[str, str, str, str]:
    return element.tag, element.css_class, element.text, element.look


def _innermost(elements: Sequence[Element]) -> list[Rectangle]:
    boxes = [_rectangle(element) for element in elements]
    return [box for box in boxes if not any(_inside(other, box) for other in boxes if other != box)]


def _around(elements: Sequence[Element]) -> Rectangle:
    lefts, tops, rights, bottoms = zip(*map(_rectangle, elements), strict=True)
    return min(lefts), min(tops), max(rights), max(bottoms)


def _rectangle(element: Element) -> Rectangle:
    x, y, width, height = element.box
    return x, y, x + width, y + height


def _inside(inner: Rectangle, outer: Rectangle) -> bool:
    return inner[0] >= outer[0] and inner[1] >= outer[1] and inner[2] <= outer[2] and inner[3] <= outer[3]
