"""Care in the real window: the cost before Send, questions that are too large, and a model that goes to sleep."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from tests.e2e.copying import copied
from tests.e2e.display import Display
from tests.e2e.drag import drop
from tests.e2e.window import Scheme, Window

SECONDS = 30.0
LIMIT_MB = 200
SHORT, LONG = "What is this?", "a red star beside a small blue boat " * 640


@pytest.mark.full
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_question_costs_what_is_said_before_and_one_too_large_is_refused_with_a_way_out(
    display: Display, tmp_path: Path, six_shapes: Path, pictures: Path, scheme: Scheme
) -> None:
    with Window(display, tmp_path, scheme, more={"MLX_GEMMA4_MEMORY_LIMIT": str(LIMIT_MB)}) as window:
        window.wait_for("ModelReady", SECONDS)
        drop(display, [six_shapes], *window.middle)
        window.wait_for("ready", SECONDS)
        sent = window.ask(SHORT)  # what the next costs is known from it
        window.wait_for("TurnFinished", SECONDS, since=sent)
        drop(display, [six_shapes], *window.middle)
        window.wait_for("ready", SECONDS, since=sent)
        window.type("And in this one?")
        window.wait_for("AskEstimated", SECONDS, since=sent)
        time.sleep(0.8)
        window.grab().picture.save(pictures / f"cost-{scheme}.png")
        window.press("shift+Tab", "space")  # back to the picture's resolutions
        time.sleep(0.6)
        window.grab().picture.save(pictures / f"cost-resolution-{scheme}.png")
        window.press("Down", "Down", "Down", "Return")
        time.sleep(0.8)
        window.grab().picture.save(pictures / f"cost-chosen-{scheme}.png")
        window.press("ctrl+n")
        time.sleep(0.8)
        middle, bottom = window.middle[0] + 120, window.box[3] - 88
        display.do("mousemove", middle, bottom, "click", 1)  # into the question
        before = time.monotonic()
        with copied(display, LONG):
            window.press("ctrl+v")
            time.sleep(0.5)
        window.wait_for("AskEstimated", SECONDS, since=before)
        time.sleep(0.8)
        window.grab().picture.save(pictures / f"cost-no-room-{scheme}.png")
        refused = window.press("Return")
        failure = window.wait_for("EngineFailed", SECONDS, since=refused)
        assert "more" in failure.facts["text"] and "MB are free of" in failure.facts["text"]
        time.sleep(0.6)
        window.grab().picture.save(pictures / f"cost-refused-{scheme}.png")


@pytest.mark.full
def test_a_model_that_nobody_asks_goes_to_sleep_and_wakes_with_the_question(
    display: Display, tmp_path: Path, pictures: Path
) -> None:
    home = tmp_path / "home"
    home.mkdir()
    (home / "preferences.json").write_text(json.dumps({"idle_minutes": 1}))
    with Window(display, tmp_path) as window:
        window.wait_for("ModelReady", SECONDS)
        (engine,) = window.engines()
        awake = resident(engine)
        slept = window.wait_for("ModelUnloaded", 75).at
        time.sleep(0.5)
        assert resident(engine) < awake - 40_000_000
        window.grab().picture.save(pictures / "asleep.png")
        asked = window.ask("Hello")
        window.wait_for("ModelReady", SECONDS, since=slept)
        window.wait_for("TurnFinished", SECONDS, since=asked)
        assert window.engines() == [engine]


def resident(pid: int) -> int:
    """Bytes of memory that a process has."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) << 10 for line in lines if line.startswith("VmRSS"))
