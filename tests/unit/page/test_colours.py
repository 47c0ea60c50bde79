"""Colours: Lab and CIEDE2000 are scikit-image's, in single precision."""

from __future__ import annotations

import numpy as np
import pytest

from mlx_gemma4.page.colours import difference, to_lab

skimage_color = pytest.importorskip("skimage.color")


def test_lab_is_that_of_scikit_image() -> None:
    rgb = np.random.default_rng(1).integers(0, 256, (64, 64, 3), np.uint8)
    assert to_lab(rgb).dtype == np.float32
    np.testing.assert_allclose(to_lab(rgb), skimage_color.rgb2lab(rgb), atol=2e-2)


def test_differences_are_those_of_scikit_image_for_any_two_colours() -> None:
    rgb = np.random.default_rng(2).integers(0, 256, (2, 40_000, 3), np.uint8)
    rgb[:, :256] = np.arange(256, dtype=np.uint8)[:, None]  # greys have no hue
    rgb[1, 256:10_000] = np.clip(rgb[0, 256:10_000].astype(int) + rgb[1, 256:10_000] % 7 - 3, 0, 255)  # near ones
    one, other = to_lab(rgb)
    np.testing.assert_allclose(difference(one, other), skimage_color.deltaE_ciede2000(one, other), atol=5e-3)


# from the table in Sharma, Wu and Dalal, "The CIEDE2000 Color-Difference Formula", 2005
@pytest.mark.parametrize(
    ("one", "other", "apart"),
    [
        ((50, 2.6772, -79.7751), (50, 0, -82.7485), 2.0425),
        ((50, -1, 2), (50, 0, 0), 2.3669),
        ((50, 2.49, -0.001), (50, -2.49, 0.0009), 7.1792),
        ((50, 2.49, -0.001), (50, -2.49, 0.0011), 7.2195),
        ((50, 2.5, 0), (73, 25, -18), 27.1492),
        ((60.2574, -34.0099, 36.2677), (60.4626, -34.1751, 39.4387), 1.2644),
        ((22.7233, 20.0904, -46.694), (23.0331, 14.973, -42.5619), 2.0373),
        ((2.0776, 0.0795, -1.135), (0.9033, -0.0636, -0.5514), 0.9082),
    ],
)
def test_differences_are_those_of_the_paper(one: tuple[float, ...], other: tuple[float, ...], apart: float) -> None:
    assert difference(np.array(one), np.array(other)) == pytest.approx(apart, abs=1e-4)


def test_black_and_white_are_a_hundred_apart_and_nothing_is_apart_from_itself() -> None:
    black, white = to_lab(np.array(((0, 0, 0), (255, 255, 255)), np.uint8))
    assert difference(black, white) == pytest.approx(100, abs=1e-3)
    rgb = to_lab(np.random.default_rng(3).integers(0, 256, (500, 3), np.uint8))
    assert not difference(rgb, rgb).any()
