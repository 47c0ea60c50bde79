"""Pictures of the window in every state, light and dark, for eyes; what pixels can tell is checked on the way."""

from __future__ import annotations

import itertools
import os
import signal
import time
from pathlib import Path

import pytest
from PIL import Image

from tests.e2e.display import Display
from tests.e2e.drag import Drag
from tests.e2e.pixels import boxes_seen, difference, mean_brightness
from tests.e2e.shapes import SHAPES
from tests.e2e.test_live_boxes import QUESTION, watch
from tests.e2e.window import Scheme, Window

STATES = ("empty", "dropping", "attached", "streaming", "done", "failed")


def take_pictures(display: Display, window: Window, picture: Path) -> dict[str, Image.Image]:
    """Goes through one answer and the loss of the engine; returns a picture of each state."""
    taken = {"empty": window.grab().picture}
    with Drag(display, [picture]) as drag:
        drag.over(*window.middle)
        time.sleep(0.3)
        taken["dropping"] = window.grab().picture
        drag.drop()
    window.wait_for("ready", 10)
    time.sleep(0.3)
    taken["attached"] = window.grab().picture
    sent = window.ask(QUESTION)
    grabs = watch(window, sent)
    finished = window.wait_for("TurnFinished", 1, since=sent).at
    taken["streaming"] = next(grab.picture for grab in reversed(grabs) if grab.ended < finished)
    taken["done"] = grabs[-1].picture
    sent = window.press("ctrl+r")
    window.wait_for("BoxFound", 10, since=sent)
    os.kill(window.engines()[0], signal.SIGKILL)
    window.wait_for("engine exited", 5)
    time.sleep(0.4)
    taken["failed"] = window.grab().picture
    return taken


@pytest.mark.full
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_state_has_its_picture(
    display: Display, tmp_path: Path, six_shapes: Path, pictures: Path, scheme: Scheme
) -> None:
    with Window(display, tmp_path, scheme) as window:
        window.wait_for("ModelReady", 20)
        time.sleep(0.3)
        taken = take_pictures(display, window, six_shapes)
    for state, picture in taken.items():
        picture.save(pictures / f"{state}-{scheme}.png", optimize=True)
    assert tuple(taken) == STATES
    brightness = mean_brightness(taken["empty"])
    assert brightness > 200 if scheme == "light" else brightness < 80
    assert len(boxes_seen(taken["streaming"])) > 0
    assert len(boxes_seen(taken["done"])) == len(SHAPES)
    assert all(difference(taken[one], taken[next_]) > 0.0005 for one, next_ in itertools.pairwise(STATES))
