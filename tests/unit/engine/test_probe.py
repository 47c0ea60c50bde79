"""Probe: facts of the original, cost by the budget, and two files that show it as it should look."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from mlx_gemma4.engine.probe import probe_media
from mlx_gemma4.prompt.checkpoint_files import PromptDefaults
from mlx_gemma4.prompt.media_segments import MediaOpener
from mlx_gemma4.prompt.segments import SoftSegment
from mlx_gemma4.protocol.cost import MediaBudgets, fit_picture
from mlx_gemma4.protocol.errors import MediaError, PrismError
from mlx_gemma4.protocol.parts import VideoPart
from mlx_gemma4.protocol.requests import ProbeMedia
from tests.unit.media_files import write_clip


def save(picture: Image.Image, file: Path, **options: object) -> Path:
    picture.save(file, **options)
    return file


@pytest.mark.parametrize("budget", [None, 70, 1120])
def test_size_and_cost_are_those_of_the_original(tmp_path: Path, budget: int | None) -> None:
    file = save(Image.new("RGB", (640, 480), "red"), tmp_path / "a.png")
    probed = probe_media(ProbeMedia("1", str(file), budget), tmp_path)
    assert (probed.kind, probed.width, probed.height) == ("picture", 640, 480)
    assert probed.soft_tokens == fit_picture(640, 480, budget or 280).soft_tokens


def test_small_pictures_are_shown_exactly_and_large_ones_smaller(tmp_path: Path) -> None:
    small = save(Image.effect_noise((300, 200), 90).convert("RGB"), tmp_path / "small.png")
    probed = probe_media(ProbeMedia("1", str(small)), tmp_path)
    with Image.open(small) as original, Image.open(probed.display) as shown:
        assert shown.format == "PNG" and shown.tobytes() == original.tobytes()
    large = save(Image.new("RGB", (6000, 3000), "blue"), tmp_path / "large.jpg")
    probed = probe_media(ProbeMedia("2", str(large)), tmp_path)
    assert (probed.width, probed.height) == (6000, 3000)
    with Image.open(probed.display) as shown, Image.open(probed.thumbnail) as thumbnail:
        assert shown.size == (4096, 2048) and shown.format == "JPEG"
        assert thumbnail.size == (256, 128)


def test_a_picture_on_its_side_is_shown_upright(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    file = save(Image.new("RGB", (300, 100)), tmp_path / "a.jpg", exif=exif)
    probed = probe_media(ProbeMedia("1", str(file)), tmp_path)
    with Image.open(probed.display) as shown:
        assert (probed.width, probed.height) == shown.size == (100, 300)
        assert not shown.getexif()


def test_two_pictures_have_files_of_their_own(tmp_path: Path) -> None:
    file = save(Image.new("RGB", (64, 64)), tmp_path / "a.png")
    one, other = (probe_media(ProbeMedia(name, str(file)), tmp_path) for name in "ab")
    assert len({one.display, one.thumbnail, other.display, other.thumbnail}) == 4


def test_a_file_that_is_no_picture_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_text("words")
    with pytest.raises(MediaError, match="neither a picture"):
        probe_media(ProbeMedia("1", str(tmp_path / "a.png")), tmp_path)


def test_a_folder_that_cannot_be_written_is_said_to_be_the_matter(tmp_path: Path) -> None:
    file = save(Image.new("RGB", (64, 64)), tmp_path / "a.png")
    with pytest.raises(PrismError, match="preview") as caught:
        probe_media(ProbeMedia("1", str(file)), tmp_path / "gone")
    assert caught.value.code == "engine.disk"


HEARS = MediaBudgets(picture=70, sound="mel")


def test_a_clip_shows_its_first_frame_and_costs_its_frames_and_its_sound(tmp_path: Path) -> None:
    file = write_clip(tmp_path / "a.mp4", frames=40, rotation=90, sound_seconds=2)
    probed = probe_media(ProbeMedia("1", str(file), budgets=HEARS), tmp_path)
    assert (probed.kind, probed.width, probed.height, probed.pages) == ("clip", 64, 96, 0)
    assert (
        probed.has_sound
        and not probe_media(ProbeMedia("2", str(write_clip(tmp_path / "b.mp4", frames=3))), tmp_path).has_sound
    )
    assert probed.seconds == pytest.approx(1.6, abs=0.05)
    prepared = list(MediaOpener(PromptDefaults(70, sound="mel")).open(VideoPart(str(file))))
    soft = [segment.item.soft_tokens for segment in prepared if isinstance(segment, SoftSegment)]
    assert len(soft) == 33 and probed.soft_tokens == pytest.approx(sum(soft), abs=soft[-1] // 4)
    with Image.open(probed.display) as shown, Image.open(probed.thumbnail) as thumbnail:
        assert shown.size == thumbnail.size == (64, 96)


def test_a_sound_has_a_length_and_a_cost_and_nothing_to_see(tmp_path: Path) -> None:
    file = write_clip(tmp_path / "a.mkv", frames=0, sound_seconds=2)
    probed = probe_media(ProbeMedia("1", str(file), budgets=HEARS), tmp_path)
    assert (probed.kind, probed.thumbnail, probed.display) == ("sound", "", "")
    assert probed.seconds == pytest.approx(2, abs=0.05) and probed.soft_tokens == pytest.approx(50, abs=1)
    assert probe_media(ProbeMedia("1", str(file)), tmp_path).soft_tokens == 0, "nobody hears it"


def test_a_document_shows_its_first_page_and_costs_all(tmp_path: Path) -> None:
    pages = [Image.new("RGB", size, "red") for size in ((300, 400), (400, 300), (500, 500))]
    pages[0].save(tmp_path / "a.pdf", save_all=True, append_images=pages[1:])
    probed = probe_media(ProbeMedia("1", str(tmp_path / "a.pdf"), 140), tmp_path)
    assert (probed.kind, probed.width, probed.height, probed.pages) == ("document", 300, 400, 3)
    assert probed.soft_tokens == sum(fit_picture(*page.size, 140).soft_tokens for page in pages)
    with Image.open(probed.display) as shown:
        assert max(shown.size) == pytest.approx(2048, abs=2) and shown.width < shown.height


def test_an_animated_picture_is_a_picture(tmp_path: Path) -> None:
    file = write_clip(tmp_path / "a.gif", "gif", frames=5, pixels="rgb8")
    assert probe_media(ProbeMedia("1", str(file)), tmp_path).kind == "picture"
