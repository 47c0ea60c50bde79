"""Display: colours as the profile means them, sides no longer than asked, every kind of pixel."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageCms

from mlx_gemma4.media.display import load_display


def swapped_profile() -> bytes:
    """The profile of sRGB with red and blue in each other's place."""
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    return srgb.replace(b"rXYZ", b"?", 1).replace(b"bXYZ", b"rXYZ", 1).replace(b"?", b"bXYZ", 1)


def test_without_a_profile_pixels_stay_as_they_are(tmp_path: Path) -> None:
    picture = Image.effect_noise((60, 40), 80).convert("RGB")
    picture.save(tmp_path / "a.png")
    shown, size = load_display(tmp_path / "a.png", 4096)
    assert size == (60, 40) and shown.mode == "RGB"
    assert shown.tobytes() == picture.tobytes()


@pytest.mark.parametrize("size", [(60, 40), (1500, 900)])
@pytest.mark.parametrize("mode", ["RGB", "RGBA", "P"])
def test_a_profile_is_applied_also_in_strips(tmp_path: Path, mode: str, size: tuple[int, int]) -> None:
    picture = Image.new("RGB", size, (255, 0, 0)).convert(mode)
    picture.save(tmp_path / "a.png", icc_profile=swapped_profile())
    shown, _ = load_display(tmp_path / "a.png", 4096)
    assert np.abs(np.asarray(shown).astype(int) - (0, 0, 255)).max() <= 2


def test_an_srgb_profile_changes_nothing_to_speak_of(tmp_path: Path) -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    picture = Image.effect_noise((60, 40), 80).convert("RGB")
    picture.save(tmp_path / "a.png", icc_profile=profile)
    shown, _ = load_display(tmp_path / "a.png", 4096)
    assert np.abs(np.asarray(shown).astype(int) - np.asarray(picture)).max() <= 2


def test_a_broken_profile_is_as_good_as_none(tmp_path: Path) -> None:
    Image.new("RGB", (8, 8), "red").save(tmp_path / "a.png", icc_profile=b"no profile at all")
    shown, _ = load_display(tmp_path / "a.png", 4096)
    assert shown.getpixel((0, 0)) == (255, 0, 0)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16", "CMYK"])
def test_every_kind_of_pixel_is_shown_as_rgb_and_fits(tmp_path: Path, mode: str) -> None:
    file = tmp_path / ("a.tif" if mode == "CMYK" else "a.png")
    Image.new(mode, (400, 100)).save(file)
    shown, size = load_display(file, 200)
    assert (shown.mode, shown.size, size) == ("RGB", (200, 50), (400, 100))


def test_what_is_transparent_is_white(tmp_path: Path) -> None:
    Image.new("RGBA", (8, 8), (0, 0, 0, 0)).save(tmp_path / "a.png")
    assert load_display(tmp_path / "a.png", 4096)[0].getpixel((0, 0)) == (255, 255, 255)
