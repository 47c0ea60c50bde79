"""Pages, frames and parts as files: the right one, upright, at the right size, cut at the right pixels."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from mlx_gemma4.engine.probe import probe_media
from mlx_gemma4.engine.showing import pixel_part, show_media
from mlx_gemma4.protocol.cost import page_pixels
from mlx_gemma4.protocol.errors import MediaError, RequestError
from mlx_gemma4.protocol.events import MediaShown
from mlx_gemma4.protocol.requests import ProbeMedia, ShowMedia
from tests.unit.media_files import frame_pixels, write_clip

ORIENTATION = 0x0112
COLOURS = ("red", "green", "blue")


def colours(shown: MediaShown) -> list[tuple[int, ...]]:
    """Upper left, upper right, lower left, lower right."""
    with Image.open(shown.display) as picture:
        right, low = picture.width - 1, picture.height - 1
        return [picture.getpixel(at) for at in ((0, 0), (right, 0), (0, low), (right, low))]  # type: ignore[misc]


def test_a_page_is_shown_by_its_number_and_in_points(tmp_path: Path) -> None:
    pages = [Image.new("RGB", (300 + 50 * number, 400), colour) for number, colour in enumerate(COLOURS)]
    pages[0].save(tmp_path / "a.pdf", save_all=True, append_images=pages[1:])
    shown = show_media(ShowMedia("1", str(tmp_path / "a.pdf"), page=2), tmp_path)
    assert (shown.width, shown.height) == (350, 400)
    with Image.open(shown.display) as picture:
        assert picture.size == page_pixels(350, 400) and max(picture.size) == 2048
        assert picture.getpixel((5, 5)) == pytest.approx((0, 128, 0), abs=3)
    with pytest.raises(MediaError, match="no page 4"):
        show_media(ShowMedia("1", str(tmp_path / "a.pdf"), page=4), tmp_path)


def test_a_part_of_a_page_is_sharper_than_the_page(tmp_path: Path) -> None:
    Image.new("RGB", (400, 400), "red").save(tmp_path / "a.pdf")
    shown = show_media(ShowMedia("1", str(tmp_path / "a.pdf"), box=(0, 0, 500, 500)), tmp_path)
    assert (shown.width, shown.height) == (2048, 2048)
    shown = show_media(ShowMedia("1", str(tmp_path / "a.pdf"), box=(0, 0, 10, 10)), tmp_path)
    assert shown.width == pytest.approx(4 * 2048 / 100, abs=1), "not without end"


def test_a_frame_is_shown_by_the_times_that_the_probe_gives(tmp_path: Path) -> None:
    file = write_clip(tmp_path / "a.mp4", frames=100, rate=10)
    probed = probe_media(ProbeMedia("1", str(file)), tmp_path)
    assert len(probed.moments) == 32 and probed.moments[0] == 0.0 and probed.moments[31] == pytest.approx(9.6)
    for number in (0, 7, 31):
        shown = show_media(ShowMedia("1", str(file), seconds=probed.moments[number]), tmp_path)
        wanted = frame_pixels(round(probed.moments[number] * 10), 96, 64)
        with Image.open(shown.display) as picture:
            assert picture.size == (96, 64)
            assert picture.getpixel((48, 32)) == pytest.approx(tuple(wanted[32, 48]), abs=24)
    last = show_media(ShowMedia("1", str(file), seconds=99.0), tmp_path)
    assert (last.width, last.height) == (96, 64)


def test_a_part_of_a_picture_on_its_side_is_cut_from_the_upright_picture(tmp_path: Path) -> None:
    stored = Image.new("RGB", (80, 40), "red")
    stored.paste("blue", (40, 0, 80, 40))
    exif = Image.Exif()
    exif[ORIENTATION] = 6  # to be turned right: red is above, blue below
    stored.save(tmp_path / "a.png", exif=exif)
    lower = show_media(ShowMedia("1", str(tmp_path / "a.png"), box=(500, 0, 1000, 1000)), tmp_path)
    assert (lower.width, lower.height) == (40, 40) and set(colours(lower)) == {(0, 0, 255)}
    middle = show_media(ShowMedia("1", str(tmp_path / "a.png"), box=(250, 0, 750, 500)), tmp_path)
    assert colours(middle) == [(255, 0, 0), (255, 0, 0), (0, 0, 255), (0, 0, 255)]


def test_a_large_picture_is_whole_if_nobody_limits_it(tmp_path: Path) -> None:
    Image.new("RGB", (5000, 100), "red").save(tmp_path / "a.png")
    for longest, width in ((None, 5000), (4096, 4096), (100, 100)):
        shown = show_media(ShowMedia("1", str(tmp_path / "a.png"), longest=longest), tmp_path)
        with Image.open(shown.display) as picture:
            assert picture.width == width and shown.width == 5000


@pytest.mark.parametrize("box", [(0, 0, 0, 10), (0, 5, 10, 5), (-1, 0, 10, 10), (0, 0, 10, 1001)])
def test_a_part_without_area_or_beyond_the_picture_is_refused(box: tuple[float, float, float, float]) -> None:
    with pytest.raises(RequestError):
        ShowMedia("1", "a.png", box=box)


def test_the_smallest_part_is_a_pixel() -> None:
    assert pixel_part((999.9, 999.9, 1000, 1000), 10, 10) == (9, 9, 10, 10)
    assert pixel_part((0, 0, 1000, 1000), 7, 5) == (0, 0, 7, 5)
