"""Pictures from the screenshot go where the page has left room for them, and nowhere else."""

from __future__ import annotations

from xml.etree.ElementTree import Element

from app.page.addresses import NO_PICTURE
from app.page.assets import has_placeholders, put_pictures
from app.page.crops import Crop
from app.page.rewrite import rewrite
from app.state.page import PageElement, Rendering
from tests.unit.app.page.hostile import PICTURE
from tests.unit.app.page.judge import faults, name_of, tree_of

WIDTH = 400
Box = tuple[float, float, float, float]


def crop_at(x: float, y: float, wide: float, high: float, name: str = "AAAA") -> Crop:
    """A picture at a place in CSS pixels of a page as wide as the screenshot."""
    return Crop((x / WIDTH, y / WIDTH, wide / WIDTH, high / WIDTH), f"data:image/png;base64,{name}")


def rendered(*elements: tuple[str, Box]) -> Rendering:
    """A rendering of these elements, outer HTML and box."""
    return Rendering(
        "", WIDTH, 300, tuple(PageElement(html[1:].split()[0].rstrip(">"), html, box) for html, box in elements)
    )


def images(html: str) -> list[Element]:
    return [node for node in tree_of(html).iter() if name_of(node) == "img"]


TOUR_BOX = '<div class="img" style="width:120px;height:80px;background:#ccc"></div>'
TOUR = rewrite(f"<h1>Title</h1>\n{TOUR_BOX}\n<p>Text</p>").html
TOUR_RENDERED = rendered(
    ("<h1>Title</h1>", (10, 10, 100, 30)), (TOUR_BOX, (10, 50, 120, 80)), ("<p>Text</p>", (10, 140, 90, 20))
)


def test_the_box_of_the_tour_is_filled_and_keeps_its_size() -> None:
    html = put_pictures(TOUR, TOUR_RENDERED, [crop_at(12, 52, 118, 78)])
    (image,) = images(html)
    assert image.get("src") == "data:image/png;base64,AAAA"
    assert "width:100%;height:100%" in image.get("style", "") and "border-radius:inherit" in image.get("style", "")
    assert TOUR_BOX.removesuffix("</div>") in html
    assert faults(html) == [] and rewrite(html).html == html


def test_an_image_keeps_its_size_its_words_and_its_class() -> None:
    source = '<img src="logo.png" width="90" height="30" alt="Acme" class="round" style="border-radius:9px">'
    html = rewrite(source).html
    outer = f'<img src="{NO_PICTURE}" width="90" height="30" alt="Acme" class="round" style="border-radius:9px">'
    (image,) = images(put_pictures(html, rendered((outer, (0, 0, 90, 30))), [crop_at(0, 0, 90, 30)]))
    assert dict(image.items()) == {
        "src": "data:image/png;base64,AAAA",
        "width": "90",
        "height": "30",
        "alt": "Acme",
        "class": "round",
        "style": "border-radius:9px",
    }


def test_an_image_that_says_no_size_gets_the_picture_s() -> None:
    html = rewrite('<img src="a.png" alt="A">').html
    outer = f'<img src="{NO_PICTURE}" alt="A">'
    (image,) = images(put_pictures(html, rendered((outer, (10, 10, 1, 1))), [crop_at(12, 12, 60, 40)]))
    assert (image.get("width"), image.get("height"), image.get("alt")) == ("60", "40", "A")


def test_pictures_go_where_they_cover_most_whatever_their_order() -> None:
    boxes = [f'<div class="photo" id="{name}"></div>' for name in "abc"]
    html = rewrite("".join(boxes)).html
    shown = rendered(*((box, (10 + 130 * i, 10, 120, 80)) for i, box in enumerate(boxes)))
    crops = [crop_at(272, 12, 118, 78, "CCCC"), crop_at(12, 8, 118, 78, "AAAA"), crop_at(140, 12, 118, 78, "BBBB")]
    assert [image.get("src", "")[-4:] for image in images(put_pictures(html, shown, crops))] == ["AAAA", "BBBB", "CCCC"]


def test_a_place_that_has_shifted_takes_the_nearest_picture_of_its_size() -> None:
    crops = [crop_at(10, 135, 120, 80, "NEAR"), crop_at(300, 290, 90, 90, "FARR")]
    assert [image.get("src", "")[-4:] for image in images(put_pictures(TOUR, TOUR_RENDERED, crops))] == ["NEAR"]
    assert put_pictures(TOUR, TOUR_RENDERED, [crop_at(300, 250, 90, 40)]) == TOUR
    assert put_pictures(TOUR, TOUR_RENDERED, [crop_at(60, 142, 10, 10)]) == TOUR


def test_a_box_without_a_name_has_to_be_covered_well() -> None:
    box = '<div style="height:80px;background:#eee"></div>'
    html, shown = rewrite(box).html, rendered((box, (10, 10, 120, 80)))
    assert images(put_pictures(html, shown, [crop_at(12, 12, 118, 78)]))
    assert put_pictures(html, shown, [crop_at(70, 12, 118, 78)]) == html


def test_text_is_never_replaced_unless_it_says_that_it_stands_for_a_picture() -> None:
    for inner, put in (("Image", True), ("300 × 200", True), ("", True), ("Welcome", False), ("<b>Image</b>", False)):
        box = f'<div class="hero">{inner}</div>'
        html = rewrite(box).html
        html = put_pictures(html, rendered((box, (0, 0, 300, 200))), [crop_at(0, 0, 300, 200)])
        assert bool(images(html)) == put, inner
        assert (inner in html) != put or not inner


def test_boxes_that_are_not_shown_are_skipped() -> None:
    hidden, shown = '<div class="img" hidden></div>', '<div class="img"></div>'
    html = put_pictures(rewrite(hidden + shown).html, rendered((shown, (0, 0, 80, 80))), [crop_at(0, 0, 80, 80)])
    assert '<div class="img" hidden></div><div class="img"><img' in html


def test_every_picture_and_every_place_is_used_once() -> None:
    crops = [crop_at(10, 50, 120, 80, "AAAA"), crop_at(12, 52, 120, 80, "BBBB")]
    assert len(images(put_pictures(TOUR, TOUR_RENDERED, crops))) == 1
    twice = rewrite(TOUR_BOX + TOUR_BOX).html
    shown = rendered((TOUR_BOX, (10, 50, 120, 80)), (TOUR_BOX, (10, 130, 120, 80)))
    assert len(images(put_pictures(twice, shown, crops[:1]))) == 1


def test_of_equal_boxes_the_one_under_the_picture_is_filled() -> None:
    shown = rendered((TOUR_BOX, (10, 10, 120, 80)), (TOUR_BOX, (10, 190, 120, 80)))
    html = put_pictures(rewrite(TOUR_BOX + TOUR_BOX).html, shown, [crop_at(10, 190, 120, 80)])
    assert TOUR_BOX + TOUR_BOX.removesuffix("</div>") + "<img" in html


def test_without_pictures_or_rendering_the_page_stays() -> None:
    assert put_pictures(TOUR, TOUR_RENDERED, []) is TOUR
    assert put_pictures(TOUR, Rendering("", 0, 0), [crop_at(10, 50, 120, 80)]) is TOUR


def test_a_picture_of_the_page_s_own_is_no_placeholder() -> None:
    outer = f'<img src="data:image/png;base64,{PICTURE}" width="90" height="90">'
    html = rewrite(outer).html
    assert not has_placeholders(html)
    assert put_pictures(html, rendered((outer, (0, 0, 90, 90))), [crop_at(0, 0, 90, 90)]) == html


def test_placeholders_are_told_from_the_code() -> None:
    assert has_placeholders(TOUR)
    assert has_placeholders(rewrite("<img src=http://x>").html)
    assert has_placeholders(rewrite('<div class="hero-image"></div>').html)
    assert not has_placeholders(rewrite('<p class="imagine">Text</p><div class="line"></div>').html)
