"""What is no picture gets a sentence; window and engine stay as good as before."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from tests.e2e.display import Display
from tests.e2e.drag import Drag, drop
from tests.e2e.pixels import boxes_seen, difference
from tests.e2e.window import Window, wait_until

Files = list[Path | str]


def no_picture(folder: Path, _good: Path) -> Files:
    """Text behind a picture's name."""
    file = folder / "notes.png"
    file.write_text("These are notes.\n" * 20)
    return [file]


def cut_off(folder: Path, good: Path) -> Files:
    """Half a PNG."""
    file = folder / "half.png"
    file.write_bytes(good.read_bytes()[: good.stat().st_size // 2])
    return [file]


def empty(folder: Path, _good: Path) -> Files:
    """Nothing at all."""
    file = folder / "empty.png"
    file.touch()
    return [file]


def too_large(folder: Path, _good: Path) -> Files:
    """A photo of 60 megapixels."""
    file = folder / "huge.png"
    Image.new("RGB", (9_000, 6_700), "navy").save(file, compress_level=1)
    return [file]


def folder_itself(folder: Path, _good: Path) -> Files:
    """A folder."""
    inner = folder / "holiday"
    inner.mkdir()
    return [inner]


def address(_folder: Path, _good: Path) -> Files:
    """A picture somewhere else."""
    return ["https://example.org/cat.png"]


def forty(folder: Path, good: Path) -> Files:
    """More than one question can take."""
    files: Files = []
    for number in range(40):
        file = folder / f"picture {number}.png"
        file.write_bytes(good.read_bytes())
        files.append(file)
    return files


CASES = [no_picture, cut_off, empty, too_large, folder_itself, address, forty]


def is_as_good_as_before(display: Display, window: Window, good: Path, engine: int) -> bool:
    """Whether a good picture, dropped afterwards, is answered with boxes by the same engine."""
    window.press("ctrl+n")
    moment = time.monotonic()
    drop(display, [good], *window.middle)
    window.wait_for("ready", 10, since=moment)
    sent = window.ask("Detect all objects.")
    window.wait_for("TurnFinished", 20, since=sent)
    time.sleep(0.4)
    return window.engines() == [engine] and len(boxes_seen(window.grab().picture)) > 0


def test_everything_that_is_no_picture_gets_a_sentence(
    display: Display, window: Window, six_shapes: Path, tmp_path: Path
) -> None:
    (engine,) = window.engines()
    for case in CASES:
        check_sentence(case, display, window, six_shapes, tmp_path)
    assert is_as_good_as_before(display, window, six_shapes, engine)


def check_sentence(
    case: Callable[[Path, Path], Files], display: Display, window: Window, good: Path, folder: Path
) -> None:
    """Drops it and waits for a new sentence that a person can see."""
    window.press("ctrl+n")
    time.sleep(0.2)
    said, before = len(window.sentences()), window.grab().picture
    drop(display, case(folder, good), *window.middle)
    wait_until(lambda: len(window.sentences()) > said, 5, f"a sentence about {case.__name__}")
    sentence = window.sentences()[-1]
    print(f"{case.__name__}: {sentence}")
    assert len(sentence.split()) >= 5
    time.sleep(0.2)
    assert difference(before, window.grab().picture) > 0.002, f"{case.__name__}: nothing to see"


@pytest.mark.full
def test_a_file_that_vanishes_in_mid_air_gets_a_sentence(
    display: Display, window: Window, six_shapes: Path, tmp_path: Path
) -> None:
    file = tmp_path / "fleeting.png"
    file.write_bytes(six_shapes.read_bytes())
    (engine,) = window.engines()
    with Drag(display, [file]) as drag:
        drag.over(*window.middle)
        file.unlink()
        drag.drop()
    wait_until(window.sentences, 5, "a sentence about the file that is not there")
    assert is_as_good_as_before(display, window, six_shapes, engine)


def test_a_file_that_vanishes_after_the_drop_gets_a_sentence(
    display: Display, window: Window, six_shapes: Path, tmp_path: Path
) -> None:
    file = tmp_path / "fleeting.png"
    file.write_bytes(six_shapes.read_bytes())
    (engine,) = window.engines()
    drop(display, [file], *window.middle)
    window.wait_for("ready", 10)
    file.unlink()
    before = window.grab().picture
    sent = window.ask("Detect all objects.")
    failed = window.wait_for("EngineFailed", 10, since=sent)
    print(failed.facts["text"])
    assert "fleeting.png" in failed.facts["text"]
    time.sleep(0.2)
    assert difference(before, window.grab().picture) > 0.002
    assert is_as_good_as_before(display, window, six_shapes, engine)
