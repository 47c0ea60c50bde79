"""Page requests: every picture has a budget that pages can be read at."""

from __future__ import annotations

import pytest

from mlx_gemma4.protocol.page_requests import change_message, fix_message, page_message
from mlx_gemma4.protocol.parts import ImagePart, TextPart


@pytest.mark.parametrize(("in_full", "budget"), [(True, 1120), (False, 280)])
def test_pictures_of_pages_have_a_budget_of_their_own(in_full: bool, budget: int) -> None:
    page = page_message("a.png", in_full=in_full)
    fix = fix_message("a.png", "b.png", "<p>", in_full=in_full)
    change = change_message("a.png", "<p>", "<p>", "Red.", in_full=in_full)
    assert page.parts[0] == change.parts[0] == ImagePart("a.png", budget)
    assert fix.parts[:2] == (ImagePart("a.png", budget), ImagePart("b.png", budget))
    assert page_message("a.png", in_full=in_full, budget=70).parts[0] == ImagePart("a.png", 70)


def test_the_tour_model_is_asked_in_few_words() -> None:
    assert page_message("a.png", in_full=False).parts[1] == TextPart("Turn this screenshot into HTML.")
