"""At which size a page is rendered."""

from __future__ import annotations

from app.page.render import PageSize
from app.state.page import PageWidth

WIDEST_AT_ONE = 2000  # wider screenshots come from screens with two pixels to a CSS pixel
DESKTOP = PageSize(1280, 800)
PHONE = PageSize(390, 844, scale=2.0)


def screenshot_size(width: int, height: int) -> PageSize:
    """The CSS size of a screenshot of so many pixels, and a scale that gives a picture of the same pixels."""
    scale = 2 if width > WIDEST_AT_ONE and width % 2 == 0 else 1
    return PageSize(width // scale, max(height // scale, 1), float(scale))


def view_size(width: PageWidth, pixels: tuple[int, int]) -> PageSize:
    """The size that a page is looked at in; `pixels` are the screenshot's."""
    match width:
        case "phone":
            return PHONE
        case "desktop":
            return DESKTOP
        case "screenshot":
            return screenshot_size(*pixels)
