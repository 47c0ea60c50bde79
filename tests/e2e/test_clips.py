"""Clips in the real window: the strip of frames, times in answers that lead there, boxes on frames, the sound below."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import ImageColor

from app.store.chosen_model import write_chosen
from tests.e2e.display import Display
from tests.e2e.drag import Drag
from tests.e2e.films import BALL, FLOOR, ball_at, write_film
from tests.e2e.pixels import BOX_COLOURS, difference
from tests.e2e.window import Scheme, Window, wait_until
from tests.sound_server import SoundServer, require_programs, speak
from tests.unit.engine.served import DONE, MODEL, ScriptedServer, said, serving

ANSWER = """A **blue ball** rolls from the left to the right.

- **0:00** it lies at the left
- **0:05** it has crossed the middle
- **1:05** is no moment of this clip

Somebody says “open the door” from 2.2 s to 4 s.
"""
BOXES = 'At 0:03 the ball is here:\n```json\n[{"time": "0:03", "box_2d": [500, 350, 720, 460], "label": "ball"}]\n```\n'
SECONDS, KEPT = 15.0, 1.0
_WORDS = (250, 560)  # where in the window an answer's words begin and end, in pixels


@pytest.fixture
def sound(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[SoundServer]:
    require_programs(request.config)
    with SoundServer(tmp_path / "sound") as server:
        yield server


@pytest.mark.full
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_clip_shows_its_frames_and_times_in_the_answer_lead_there(
    display: Display, tmp_path: Path, pictures: Path, sound: SoundServer, scheme: Scheme
) -> None:
    """The words come from a scripted server, as the bundled model names no times; all else is real."""
    film = write_film(tmp_path / "ball.mp4", speak(tmp_path / "line.wav", "open the door at seven"))
    server = ScriptedServer(models=({"id": MODEL, "capabilities": ["image"]},))
    server.always(*said(ANSWER), DONE)
    with serving(server) as address:
        write_chosen(tmp_path / "home", f"{address}#{MODEL}")
        with Window(display, tmp_path, scheme, more=sound.environment) as window:
            window.wait_for("ModelReady", SECONDS)
            with Drag(display, [film]) as drag:
                drag.over(*window.middle)
                time.sleep(0.3)
                window.grab().picture.save(pictures / f"clip-dragged-{scheme}.png")
                assert drag.drop() == "CopyAction"
            window.wait_for("ready", SECONDS)
            time.sleep(0.4)
            window.grab().picture.save(pictures / f"clip-attached-{scheme}.png")
            asked = window.ask("What happens here?")
            window.wait_for("TurnFinished", SECONDS, since=asked)
            frames = [part for part in server.asked[0].body["messages"][0]["content"] if part["type"] == "image_url"]
            assert len(frames) == 32, "the strip shows what the model saw"
            wait_until(lambda: len(window.happened("MediaShown", since=asked)) >= 31, SECONDS, "the frames are made")
            window.wait_for("MediaHeard", SECONDS, since=asked)
            time.sleep(0.5)
            shown = window.grab().picture
            shown.save(pictures / f"clip-strip-{scheme}.png")
            assert ball_seen(window) == pytest.approx(ball_at(0), abs=0.01)

            links = link_lines(window)
            assert len(links) == 3, "two times of the clip and a stretch; the third is behind its end"
            click(display, window, *links[1])
            wait_until(lambda: near(ball_seen(window), ball_at(5)), SECONDS, "the clip goes to 0:05")
            time.sleep(0.3)
            sought = window.grab().picture
            sought.save(pictures / f"clip-sought-{scheme}.png")
            assert difference(shown, sought) > 0.005
            click(display, window, *links[2])
            wait_until(lambda: near(ball_seen(window), ball_at(2)), SECONDS, "the clip goes to 2.2 s")

            window.press("ctrl+shift+l")
            wait_until(lambda: near(ball_seen(window), ball_at(4)), SECONDS, "the frames follow the sound")
            window.press("ctrl+shift+l")
            window.press("ctrl+alt+Left", "ctrl+alt+Left")

            click(display, window, 470, window.box[3] - window.box[1] - 102)  # where questions are written
            server.always(*said(BOXES), DONE)
            asked = window.ask("Where is the ball at 0:03?")
            window.wait_for("TurnFinished", SECONDS, since=asked)
            wait_until(lambda: near(box_seen(window), ball_at(3)), SECONDS, "the box is on its frame")
            time.sleep(0.4)
            window.grab().picture.save(pictures / f"clip-box-{scheme}.png")
            window.press("ctrl+alt+Left")
            wait_until(lambda: not box_seen(window), SECONDS, "no box on the frame before")
            time.sleep(KEPT)
            window.process.kill()
            window.process.wait(10)
        with Window(display, tmp_path, scheme, more=sound.environment) as window:  # the next day
            window.wait_for("ModelReady", SECONDS, since=window.started)
            wait_until(lambda: near(box_seen(window), ball_at(3)), SECONDS, "the clip is there again, where the box is")
            wait_until(lambda: len(window.happened("MediaShown", since=window.started)) > 31, SECONDS, "and its frames")
            time.sleep(0.4)
            window.grab().picture.save(pictures / f"clip-kept-{scheme}.png")


@pytest.mark.full
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_recording_can_be_written_down_or_asked_about_and_times_lead_into_it(
    display: Display, tmp_path: Path, pictures: Path, sound: SoundServer, scheme: Scheme
) -> None:
    """The words come from a scripted server: the bundled model answers no questions about sound. All else is real."""
    talk = speak(tmp_path / "talk.wav", "the meeting starts at seven. please open the blue door. send the report")
    server = ScriptedServer(models=({"id": MODEL, "capabilities": ["image", "audio"]},))
    server.always(*said("First the meeting is named, then, at 2.5 s, the **door**."), DONE)
    with serving(server) as address:
        write_chosen(tmp_path / "home", f"{address}#{MODEL}")
        with Window(display, tmp_path, scheme, more=sound.environment) as window:
            window.wait_for("ModelReady", SECONDS)
            with Drag(display, [talk]) as drag:
                drag.over(*window.middle)
                time.sleep(0.3)
                window.grab().picture.save(pictures / f"recording-dragged-{scheme}.png")
                assert drag.drop() == "CopyAction"
            window.wait_for("ready", SECONDS)
            time.sleep(0.4)
            window.grab().picture.save(pictures / f"recording-attached-{scheme}.png")
            asked = window.ask("What is said, and when?")
            window.wait_for("TurnFinished", SECONDS, since=asked)
            window.wait_for("MediaHeard", SECONDS, since=asked)
            time.sleep(0.4)
            before = window.grab().picture
            (link,) = link_lines(window)
            click(display, window, *link)
            stage = (720, 60, 1180, 200)
            sought = lambda: difference(before.crop(stage), window.grab().picture.crop(stage))  # noqa: E731
            wait_until(lambda: sought() > 0.005, SECONDS, "the player goes there")
            time.sleep(0.2)
            window.grab().picture.save(pictures / f"recording-sought-{scheme}.png")


def ball_seen(window: Window) -> float:
    """Where the ball is in the large picture, as a share of its width; 0 where there is none."""
    return seen(window, BALL)


def box_seen(window: Window) -> float:
    """Likewise, where the middle of a box of the first colour is."""
    return seen(window, ImageColor.getrgb(BOX_COLOURS[0]))


def seen(window: Window, colour: tuple[int, ...]) -> float:
    """The middle of the columns in which there is something of a colour."""
    pixels = np.asarray(window.grab().picture.convert("RGB"), np.int16)
    large = pixels[60:, round(pixels.shape[1] * 0.62) :]  # where the stage begins, below its head
    floor = columns_of(large, FLOOR, 20)
    rows = np.flatnonzero((np.abs(large - np.array(FLOOR)).max(axis=2) < 8).sum(axis=1) > 200)
    if not len(rows):
        return 0.0
    columns = columns_of(large[: rows[0] + 4], colour, 3)
    return float((columns.mean() - floor[0]) / (floor[-1] + 1 - floor[0])) if len(columns) else 0.0


def columns_of(pixels: np.ndarray, colour: tuple[int, ...], least: int) -> np.ndarray:
    """Numbers of the columns that have at least so many pixels of about a colour: int [N]."""
    return np.flatnonzero((np.abs(pixels - np.array(colour)).max(axis=2) < 24).sum(axis=0) >= least)


def near(found: float, wanted: float) -> bool:
    """Within a frame of it."""
    return abs(found - wanted) < 0.026


def link_lines(window: Window) -> list[tuple[int, int]]:
    """The middles of links in the answer, one a line: nothing else in it has a colour."""
    left, right = _WORDS
    pixels = np.asarray(window.grab().picture.convert("RGB"), np.int16)[200:560, left:right]
    coloured = (pixels.max(axis=2) - pixels.min(axis=2)) > 60
    rows = np.flatnonzero(coloured.sum(axis=1) > 2)
    lines = np.split(rows, np.flatnonzero(np.diff(rows) > 6) + 1) if len(rows) else []
    found = []
    for line in lines:
        columns = np.flatnonzero(coloured[line[0] : line[-1] + 1].any(axis=0))
        found.append((left + int(columns[len(columns) // 2]), 200 + int(line.mean())))
    return found


def click(display: Display, window: Window, x: int, y: int) -> None:
    """There, in the window."""
    display.do("mousemove", "--sync", window.box[0] + x, window.box[1] + y)
    display.do("click", 1)
