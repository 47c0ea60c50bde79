"""The engine dies in the middle of an answer: the words stay, and one key brings another engine."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

from tests.e2e.display import Display
from tests.e2e.drag import drop
from tests.e2e.pixels import boxes_seen
from tests.e2e.window import Window, is_alive, wait_until


def test_a_killed_engine_costs_no_word_and_can_be_started_again(
    display: Display, window: Window, six_shapes: Path
) -> None:
    drop(display, [six_shapes], *window.middle)
    window.wait_for("ready", 10)
    (engine,) = window.engines()
    sent = window.ask("Detect all objects.")
    window.wait_for("BoxFound", 10, since=sent)
    os.kill(engine, signal.SIGKILL)
    window.wait_for("engine exited", 5, since=sent)
    assert not window.happened("TurnFinished", since=sent), "the answer was over before the engine was killed"
    time.sleep(0.4)
    assert boxes_seen(window.grab().picture), "what was found is gone"
    assert any("engine" in sentence.lower() for sentence in window.sentences())

    asked = window.ask("Detect all objects.")
    window.wait_for("TurnFinished", 20, since=asked)
    (another,) = window.engines()
    assert another != engine
    assert boxes_seen(window.grab().picture)
    assert not is_alive(engine)


def test_an_engine_that_dies_unasked_is_noticed_at_once(window: Window) -> None:
    (engine,) = window.engines()
    os.kill(engine, signal.SIGKILL)
    window.wait_for("engine exited", 2)
    wait_until(window.sentences, 1, "a notice")
