"""Models in the real window: the sheet, a download from a Hub on this machine, and an answer by what came."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.display import Display
from tests.e2e.window import ROOT, Scheme, Window, wait_until
from tests.unit.engine.hub_server import ScriptedHub, serving

TOUR = ROOT / "resources" / "tour"
SECONDS = 30.0


@pytest.fixture
def hub() -> Iterator[tuple[ScriptedHub, str]]:
    """Whatever model Prism offers here, its repository holds the bundled one, in LFS and not at once."""
    files = {file.name: file.read_bytes() for file in TOUR.iterdir()}
    hub = ScriptedHub("", files, bytes_per_second=12_000_000)
    with serving(hub) as address:
        yield hub, address


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.full
def test_a_model_is_offered_downloaded_used_and_asked(
    display: Display, tmp_path: Path, hub: tuple[ScriptedHub, str], pictures: Path, scheme: Scheme
) -> None:
    served, address = hub
    home = tmp_path / "home"
    more = {"HF_ENDPOINT": address, "PRISM_HOME": str(home), "HF_HOME": str(tmp_path / "hf")}
    with Window(display, tmp_path, scheme, more=more) as window:
        window.wait_for("ModelsFound", 20)
        open_sheet(window)
        window.grab().picture.save(pictures / f"models-{scheme}.png")
        window.reach("Download")  # the recommended one is the first
        window.press("space")
        began = window.wait_for("DownloadProgress", SECONDS)
        time.sleep(0.8)
        window.grab().picture.save(pictures / f"models-downloading-{scheme}.png")
        window.wait_for("DownloadFinished", SECONDS, since=began.at)
        time.sleep(0.3)
        window.grab().picture.save(pictures / f"models-downloaded-{scheme}.png")
        assert any(sentence.endswith("is here.") for sentence in window.sentences())
        window.press("Escape")
        came = list((home / "models").rglob("model.safetensors"))
        assert len(came) == 1 and came[0].read_bytes() == (TOUR / "model.safetensors").read_bytes()
        assert served.sent("README.md") == 0
        used = window.wait_for("ModelsFound", SECONDS, since=began.at)
        open_sheet(window)
        window.grab().picture.save(pictures / f"models-again-{scheme}.png")
        window.reach("Use: ")
        window.press("space")
        window.wait_for("ModelReady", SECONDS, since=used.at)
        window.ask("Hello")
        window.wait_for("TurnFinished", SECONDS, since=used.at)
    again = tmp_path / "again"
    again.mkdir()
    with Window(display, again, scheme, more=more) as window:  # it is the one from now on
        window.wait_for("ModelReady", SECONDS)
        time.sleep(0.5)
        window.grab().picture.save(pictures / f"models-chosen-{scheme}.png")
    assert str(came[0].parent) in (home / "model.json").read_text()


@pytest.mark.full
def test_a_download_goes_on_after_the_app_was_killed(
    display: Display, tmp_path: Path, hub: tuple[ScriptedHub, str], pictures: Path
) -> None:
    served, address = hub
    served.bytes_per_second = 6_000_000
    home = tmp_path / "home"
    more = {"HF_ENDPOINT": address, "PRISM_HOME": str(home), "HF_HOME": str(tmp_path / "hf")}
    with Window(display, tmp_path, more=more) as window:
        window.wait_for("ModelsFound", 20)
        open_sheet(window)
        window.reach("Download")
        window.press("space")
        window.wait_for("DownloadProgress", SECONDS)
        wait_until(lambda: part_of(home) > 3_000_000, SECONDS, "some of it is here")
        window.process.kill()
        window.process.wait(10)
    time.sleep(1.0)  # the engine and what it has started leave by themselves
    came = part_of(home)
    asked = len(served.requests)
    with Window(display, tmp_path, more=more) as window:
        window.wait_for("ModelsFound", 20, since=window.started)
        assert came, "what had come is gone"
        open_sheet(window)
        window.grab().picture.save(pictures / "models-resume.png")
        window.reach("Resume")
        window.press("space")
        window.wait_for("DownloadFinished", SECONDS, since=window.started)
    ranges = [asked_for for method, path, asked_for in served.requests[asked:] if asked_for and method == "GET"]
    assert ranges and max(int(text.removeprefix("bytes=").removesuffix("-")) for text in ranges) >= came // 2
    (file,) = (home / "models").rglob("model.safetensors")
    assert file.read_bytes() == (TOUR / "model.safetensors").read_bytes()


def open_sheet(window: Window) -> None:
    """With the models in it, and drawn."""
    window.press("ctrl+shift+m")
    window.wait_for_keyboard("Models")
    time.sleep(0.3)


def part_of(home: Path) -> int:
    """Bytes of downloads that are not over."""
    return sum(file.stat().st_size for file in (home / "models").rglob("*.part"))
