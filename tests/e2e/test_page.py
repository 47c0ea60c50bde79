"""A screenshot that another program drags in becomes a page, is edited by hand, corrected, compared, and saved."""

from __future__ import annotations

import shutil
import subprocess
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TypeAlias, cast

import numpy as np
import pytest
from PIL import Image

from tests.e2e.display import Display
from tests.e2e.page_steps import (
    SCREENSHOT,
    begin_page,
    heard,
    needs_a_model_that_writes_pages,
    save_page,
    settled,
    wait_for_version,
)
from tests.e2e.pixels import difference
from tests.e2e.swipe import drag_line, line_at
from tests.e2e.window import Scheme, Window, wait_until

TYPED = "<style>body{background:#fda}</style>"
ASIDE = 150  # pixels of the window
LEAST_LIKENESS = 0.98
Keep: TypeAlias = Callable[[str], Image.Image]
BROWSER = ("--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--font-render-hinting=none")


def keep_picture(window: Window, pictures: Path, scheme: Scheme, state: str) -> Image.Image:
    """The window as it is now, which is also saved."""
    picture = window.grab().picture
    picture.save(pictures / f"page-{state}-{scheme}.png", optimize=True)
    return picture


def make_page(display: Display, window: Window, keep: Keep) -> None:
    """Drags the screenshot in and makes its page."""
    began = begin_page(display, window)
    wait_until(lambda: len(heard(window, "rendered", "first")) >= 3, 90, "the page is seen as it grows")
    assert not heard(window, "ready", "first"), "too little was shown before the page was complete"
    keep("streaming")
    ready = wait_for_version(window, "ready", "first")
    rendered = [entry.at for entry in heard(window, "rendered", "first") if entry.at < ready.at]
    assert len(rendered) <= 5 * (ready.at - began) + 1
    settled(window, "first")
    keep("made")


def edit_by_hand(display: Display, window: Window) -> None:
    """Opens the code, types at its end, and applies it."""
    window.press("ctrl+u")
    time.sleep(0.5)
    grab = window.grab().picture
    display.do("mousemove", *on_screen(window, (grab.width * 3 // 4, int(grab.height * 0.72))))  # the code
    display.do("click", 1)
    window.press("ctrl+End")
    window.type(TYPED)
    window.press("ctrl+Return")
    settled(window, "edit 1")


def on_screen(window: Window, at: tuple[int, int]) -> tuple[int, int]:
    """A place in the window on the screen."""
    return window.box[0] + at[0], window.box[1] + at[1]


def see_both_sides(display: Display, window: Window, keep: Keep) -> None:
    """Drags the line of the swipe to and fro; asserts that the screenshot is to its left and the page to its right."""
    half = keep("edited")
    x, y = line_at(half)
    drag_line(display, window, (x, y), x + ASIDE)
    screenshot = keep("swipe-screenshot")
    assert line_at(screenshot)[0] == pytest.approx(x + ASIDE, abs=2)
    drag_line(display, window, (x + ASIDE, y), x - ASIDE)
    page = keep("swipe-page")
    assert line_at(page)[0] == pytest.approx(x - ASIDE, abs=2)
    top, bottom = y - 60, y - 30  # of a stripe that the handle does not reach
    before, behind = (x - ASIDE + 6, top, x - 6, bottom), (x + 6, top, x + ASIDE - 6, bottom)
    assert difference(half.crop(before), screenshot.crop(before)) < 0.01
    assert difference(half.crop(behind), page.crop(behind)) < 0.01
    for stripe in (before, behind):
        assert difference(screenshot.crop(stripe), page.crop(stripe)) > 0.3, "the edit changed the page's ground"
    drag_line(display, window, (x - ASIDE, y), x)


def in_browser(display: Display, page: Path, size: tuple[int, int], target: Path) -> Image.Image:
    """What Chromium shows of a file."""
    chromium = shutil.which("chromium")
    assert chromium is not None
    places = [f"--screenshot={target}", f"--user-data-dir={target.parent / 'profile'}"]
    command = [chromium, *BROWSER, f"--window-size={size[0]},{size[1]}", *places, page.as_uri()]
    subprocess.run(command, env=display.environment, check=True, capture_output=True, timeout=60)
    return read(target)


def read(file: Path) -> Image.Image:
    """The pixels of a picture file."""
    with Image.open(file) as picture:
        return picture.convert("RGB")


def likeness(one: Image.Image, other: Image.Image) -> float:
    """Structural similarity of two pictures, 1 for the same."""
    from skimage.metrics import structural_similarity

    a, b = (np.asarray(picture.convert("L")) for picture in (one, other))
    return cast(float, structural_similarity(a, b))


@needs_a_model_that_writes_pages
@pytest.mark.full
@pytest.mark.skipif(shutil.which("chromium") is None, reason="the saved page is opened in Chromium")
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_screenshot_becomes_a_page_that_is_edited_corrected_and_saved(
    display: Display, tmp_path: Path, pictures: Path, scheme: Scheme
) -> None:
    with Window(display, tmp_path, scheme) as window:
        keep = partial(keep_picture, window, pictures, scheme)
        window.wait_for("ModelReady", 20)
        make_page(display, window, keep)
        edit_by_hand(display, window)
        see_both_sides(display, window, keep)
        window.press("ctrl+shift+f")
        wait_until(lambda: heard(window, "rendered", "fix 1"), 90, "the corrected page is seen as it grows")
        keep("fixing")
        window.wait_for("page remark", 90)
        settled(window, "fix 1")
        keep("fixed")
        assert [entry.facts["title"] for entry in window.happened("page version")] == ["first", "edit 1", "fix 1"]
        shown = window.happened("page shown")[-1].facts["title"]
        preview = read(Path(wait_for_version(window, "measured", shown).facts["picture"]))
        save_page(window, tmp_path / "saved.html")
    assert preview.size >= read(SCREENSHOT).size
    browser = in_browser(display, tmp_path / "saved.html", preview.size, tmp_path / "browser.png")
    browser.save(pictures / f"page-in-browser-{scheme}.png", optimize=True)
    assert likeness(preview, browser) >= LEAST_LIKENESS
