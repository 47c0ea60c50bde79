"""CSS sizes of screenshots."""

import pytest

from app.page.render import PageSize
from app.page.sizes import DESKTOP, PHONE, screenshot_size, view_size


@pytest.mark.parametrize(
    ("pixels", "size"),
    [
        ((1280, 800), PageSize(1280, 800, 1.0)),
        ((2000, 1200), PageSize(2000, 1200, 1.0)),
        ((2880, 1801), PageSize(1440, 900, 2.0)),
        ((2881, 1800), PageSize(2881, 1800, 1.0)),  # not two pixels to one
        ((390, 12_000), PageSize(390, 12_000, 1.0)),
        ((2400, 1), PageSize(1200, 1, 2.0)),
    ],
)
def test_a_wide_even_screenshot_has_two_pixels_to_a_css_pixel(pixels: tuple[int, int], size: PageSize) -> None:
    assert screenshot_size(*pixels) == size


def test_the_width_to_look_at_it_in_is_the_persons() -> None:
    assert view_size("screenshot", (2880, 1800)) == PageSize(1440, 900, 2.0)
    assert view_size("phone", (2880, 1800)) == PHONE
    assert view_size("desktop", (10, 10)) == DESKTOP
