"""The engine process compares pages: without a model, beside an answer, stopped at once, with clear errors."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image, ImageDraw

from mlx_gemma4.protocol.events import EngineFailed, Event, ModelLoading, PagesCompared, TurnFinished
from mlx_gemma4.protocol.requests import ComparePages, Load
from tests.unit.engine.live_engine import LiveEngine, require_tour

STOP_SECONDS = 0.2


@pytest.fixture(scope="module")
def engine() -> Iterator[LiveEngine]:
    """An engine without a model."""
    engine = LiveEngine()
    yield engine
    engine.client.close()


@pytest.fixture
def pages(tmp_path: Path) -> tuple[str, str]:
    """Two pictures that differ in one button."""
    names = []
    for name, colour in (("wanted", "blue"), ("made", "red")):
        picture = Image.new("RGB", (320, 400), "white")
        pen = ImageDraw.Draw(picture)
        pen.rectangle((20, 20, 200, 60), fill="black")
        pen.rectangle((20, 300, 120, 340), fill=colour)
        picture.save(tmp_path / f"{name}.png")
        names.append(str(tmp_path / f"{name}.png"))
    return names[0], names[1]


def compared(engine: LiveEngine, request: ComparePages) -> Event:
    engine.send(request)
    return engine.end_of(request.id)[1]


def test_pages_are_compared_without_a_model(engine: LiveEngine, pages: tuple[str, str]) -> None:
    same = compared(engine, ComparePages("same", pages[0], pages[0]))
    assert isinstance(same, PagesCompared) and same.fidelity == 1 and not same.regions and same.text is None
    other = compared(engine, ComparePages("other", *pages, "Send now", "Send"))
    assert isinstance(other, PagesCompared) and other.fidelity < 1 and other.text == pytest.approx(2 / 3)
    top, left, bottom, right = other.regions[0].box
    assert 700 < top < bottom < 900 and 0 < left < right < 500
    with Image.open(other.difference) as picture:
        assert picture.size == (320, 400)


def test_the_model_may_load_meanwhile(pages: tuple[str, str]) -> None:
    require_tour()
    engine = LiveEngine()
    engine.send(Load("load", "tour"), ComparePages("compare", *pages))
    assert isinstance(engine.end_of("compare")[1], PagesCompared)
    assert isinstance(engine.events("load")[0], ModelLoading)
    engine.client.close()


@pytest.mark.parametrize("place", [0, 1])
@pytest.mark.parametrize("fault", ["missing", "empty", "text", "strip"])
def test_a_picture_that_cannot_be_used_is_one_clear_failure(
    engine: LiveEngine, pages: tuple[str, str], tmp_path: Path, fault: str, place: int
) -> None:
    bad = tmp_path / "bad.png"
    if fault == "empty":
        bad.touch()
    elif fault == "text":
        bad.write_text("no picture")
    elif fault == "strip":
        Image.new("RGB", (9000, 1)).save(bad)
    files = list(pages)
    files[place] = str(bad)
    name = f"{fault} {place}"
    failed = compared(engine, ComparePages(name, *files))
    assert isinstance(failed, EngineFailed) and failed.recoverable and str(bad) in failed.message
    assert len(engine.events(name)) == 1


def test_stop_ends_a_comparison_within_200_ms_at_any_moment(engine: LiveEngine, huge: Path) -> None:
    for number in range(12):
        name = f"stopped {number}"
        engine.send(ComparePages(name, str(huge), str(huge)))
        time.sleep(0.15 * number)
        asked = time.monotonic()
        engine.stop(name)
        at, end = engine.end_of(name)
        assert isinstance(end, TurnFinished) and end.reason == "stopped", "the file is too small to be stopped in time"
        assert at - asked < STOP_SECONDS
    assert len([event for _, event in engine.heard if event.request_id.startswith("stopped")]) == 12
