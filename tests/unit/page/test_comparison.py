"""Comparison: the number falls with every edit, the strongest region is the edit, and size and scale do not matter."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import fields, replace

import numpy as np
import pytest
from PIL import Image

from mlx_gemma4.page.comparison import Comparison, compare
from mlx_gemma4.page.fidelity import Figures
from tests.unit.page.drawn_pages import PARTS, Part, draw, with_other, without

Edit = tuple[Sequence[Part], tuple[int, int, int, int]]  # and where it is: top, left, bottom, right
EDITS: dict[str, Edit] = {
    "a colour": (with_other(2, fill="#e44"), PARTS[2].box),
    "a colour of words": (with_other(3, ink="#d22"), PARTS[3].box),
    "a word": (with_other(1, text="Plans begin at one a month"), PARTS[1].box),
    "a size": (with_other(6, size=32), (420, 40, 484, 360)),
    "a place": ([part.moved(across=200 * (part is PARTS[4])) for part in PARTS], (280, 40, 312, 400)),
    "a missing line": (without(3, up=60), PARTS[3].box),
    "a missing button": (without(4, up=60), PARTS[4].box),
    "a missing end": (without(6), PARTS[6].box),
    "a line too much": (
        [*PARTS[:4], Part("Not there", 280), *(p.moved(down=60) for p in PARTS[4:])],
        (280, 40, 312, 200),
    ),
}


def shared(comparison: Comparison, truth: tuple[int, int, int, int]) -> float:
    """The part of the strongest region that lies on the edit."""
    width, height = comparison.difference.size
    y, x = height / 1000, width / 1000
    top, left, bottom, right = comparison.regions[0].box
    region = top * y, left * x, bottom * y, right * x
    down = min(region[2], truth[2]) - max(region[0], truth[0])
    across = min(region[3], truth[3]) - max(region[1], truth[1])
    return max(down, 0) * max(across, 0) / ((region[2] - region[0]) * (region[3] - region[1]))


def values(figures: Figures) -> list[float]:
    return [getattr(figures, field.name) for field in fields(figures)]


@pytest.mark.parametrize("height", [520, 900])
def test_the_same_picture_twice_has_one_throughout_and_no_region(height: int) -> None:
    found = compare(draw(height=height), draw(height=height))
    assert values(found.figures) == [1, 1, 1, 1] and found.figures.fidelity == 1 and not found.regions


@pytest.mark.parametrize("edit", EDITS)
def test_an_edit_makes_the_number_fall_and_is_the_strongest_region(edit: str) -> None:
    parts, place = EDITS[edit]
    found = compare(draw(), draw(*parts))
    assert found.figures.fidelity < 0.999
    assert shared(found, place) > 0.5
    assert list(found.regions) == sorted(found.regions, key=lambda region: -region.strength)


def test_two_edits_are_worse_than_one_and_another_page_is_worst() -> None:
    one, two = with_other(2, fill="#e44"), replace_last(with_other(2, fill="#e44"), text="Imprint and terms")
    other = [Part("Weather", 60, 200, size=24), Part("Sunny and dry", 300, 10), Part("Rain", 400, 300, fill="#182")]
    numbers = [compare(draw(), draw(*parts)).figures.fidelity for parts in (PARTS, one, two, other)]
    assert numbers == sorted(numbers, reverse=True) and len(set(numbers)) == 4
    assert numbers[2] > 0.9 and numbers[3] < numbers[2] - 0.3


def replace_last(parts: list[Part], **changes: str) -> list[Part]:
    return [*parts[:-1], replace(parts[-1], **changes)]


def shown(scale: int, parts: Sequence[Part] = PARTS) -> Image.Image:
    """The page with letters that have the same places at every scale, as browsers set them."""
    return draw(*parts, scale=6).resize((480 * scale, 520 * scale), Image.Resampling.LANCZOS)


@pytest.mark.parametrize(("one", "other"), [(1, 2), (2, 1), (3, 2)])
def test_pixels_to_a_css_pixel_do_not_matter(one: int, other: int) -> None:
    found = compare(shown(one), shown(other))
    assert found.figures.fidelity > 0.97 and not found.regions
    assert found.difference.size == (480 * other, 520 * other)
    parts, place = EDITS["a word"]
    edited = compare(shown(one), shown(other, parts))
    assert edited.figures.fidelity < found.figures.fidelity
    assert shared(edited, tuple(edge * other for edge in place)) > 0.5  # type: ignore[arg-type]


@pytest.mark.parametrize(("height", "other"), [(520, 900), (900, 520), (520, 521)])
def test_another_height_costs_a_little_and_moves_no_region(height: int, other: int) -> None:
    found = compare(draw(height=height), draw(height=other))
    assert 0.85 < found.figures.fidelity < 1 and not found.regions
    edited = compare(draw(height=height), draw(*EDITS["a colour"][0], height=other))
    assert shared(edited, PARTS[2].box) > 0.9


def test_what_a_short_rendering_lacks_at_its_end_is_a_region_at_its_end() -> None:
    found = compare(draw(), draw(height=330))
    assert found.figures.fidelity < 0.95
    assert all(0 <= edge <= 1000 for region in found.regions for edge in region.box)
    assert found.regions[0].box[2] == 1000


def test_what_has_moved_weighs_less_than_what_is_otherwise() -> None:
    parts = [part.moved(across=40 * (part is PARTS[4])) for part in with_other(1, text="Plans begin at two a month")]
    assert shared(compare(draw(), draw(*parts)), PARTS[1].box) > 0.5


@pytest.mark.parametrize("paper", ["#111", "#fee"])
def test_blank_pages_differ_by_their_paper_alone(paper: str) -> None:
    found = compare(Image.new("RGB", (300, 200), "#fff"), Image.new("RGB", (300, 200), paper))
    assert found.figures.colour < 1 and found.figures.layout == 1
    assert [region.box for region in found.regions] == [(0, 0, 1000, 1000)]


@pytest.mark.parametrize("size", [(1, 1), (2, 300), (300, 2), (37, 41)])
def test_any_picture_can_be_compared(size: tuple[int, int]) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (*size[::-1], 3), np.uint8)
    for one, other in ((Image.fromarray(noise), draw()), (draw(), Image.fromarray(noise))):
        found = compare(one, other)
        assert all(0 <= value <= 1 for value in values(found.figures)) and found.difference.size == other.size


def test_the_picture_of_the_difference_is_pale_and_red_where_they_differ() -> None:
    found = np.asarray(compare(draw(), draw(*EDITS["a colour"][0])).difference).astype(int)
    red, green, blue = found[155, 45]
    assert red > 180 and max(green, blue) < 140
    assert found[290, 45].min() > 160, "the other button is pale"


def test_a_high_picture_is_compared_in_bounded_time() -> None:
    noise = np.random.default_rng(0).integers(0, 256, (3000, 320, 3), np.uint8)
    high = Image.fromarray(noise).resize((1280, 12_000), Image.Resampling.NEAREST)
    other = high.transpose(Image.Transpose.FLIP_TOP_BOTTOM)
    began = time.process_time()
    found = compare(high, other)
    assert time.process_time() - began < 6
    assert max(found.difference.size) == 4096
