"""The fonts that pages are measured with, or a test that is left out for want of them."""

import pytest
from tour_model.pages.fonts import font
from tour_model.pages.theme import FONTS


def require_fonts() -> None:
    """Leave out tests of pages where a font is missing."""
    try:
        for face in FONTS:
            font(face.regular, 16)
            font(face.bold, 16)
    except OSError as error:
        pytest.skip(f"{error} As root, `make -B setup` installs it.")
