"""Function calling in the real window, by a server's model that follows a script: allowed, run, refused, survived."""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.e2e.display import Display
from tests.e2e.pixels import difference
from tests.e2e.window import Scheme, Window, is_alive, wait_until
from tests.unit.engine.served import DONE, MODEL, Answer, ScriptedServer, delta, said, serving

SECONDS = 15.0
SUM = "3 * 12.40 * 1.19"
ACCENT = np.array((0x5B, 0x5B, 0xD6))
FINAL = {"pay": "You pay 44.268, and the picture has six shapes.", "time": "Then I cannot know.", "sum": "It is 2."}


def call(index: int, name: str, **arguments: Any) -> dict[str, Any]:
    """A chunk with a whole call."""
    function = {"name": name, "arguments": json.dumps(arguments)}
    return delta(tool_calls=[{"index": index, "id": f"call_{index}", "type": "function", "function": function}])


def answer(body: dict[str, Any]) -> Answer:
    """Calls first; once they have been answered, words."""
    messages = body["messages"]
    asked = [(index, kind) for index, message in enumerate(messages) for kind in FINAL if _asks(message, kind)]
    last, kind = asked[-1]
    if any(message["role"] == "tool" for message in messages[last:]):
        return Answer([*said(FINAL[kind]), DONE])
    calls = {
        "pay": [call(0, "calculate", expression=SUM), call(1, "read_file", purpose="The picture with the shapes")],
        "time": [call(0, "current_time", time_zone="Europe/Paris")],
        "sum": [call(0, "calculate", expression="1 + 1")],
    }
    return Answer([*said("Let me see.", reason=None), *calls[kind], delta("tool_calls"), DONE])


def _asks(message: dict[str, Any], kind: str) -> bool:
    return message["role"] == "user" and f" {kind}" in _words(message)


def _words(message: dict[str, Any]) -> str:
    content = message["content"]
    if isinstance(content, str):
        return content
    return " ".join(part.get("text", "") for part in content if part["type"] == "text")


@pytest.fixture
def server() -> Iterator[tuple[ScriptedServer, str]]:
    """It is running."""
    server = ScriptedServer(answer=answer, models=({"id": MODEL, "type": "vlm"},))
    with serving(server) as address:
        yield server, address


def choose(folder: Path, address: str) -> None:
    """The server's model is the one that was used last."""
    (folder / "home").mkdir(exist_ok=True)
    (folder / "home" / "model.json").write_text(json.dumps({"path": f"{address}#{MODEL}"}))


def switch_tools_on(window: Window, save: Path) -> None:
    """The first in the composer's menu, the others by their keys."""
    before = window.grab().picture
    window.reach("Tools")
    window.press("space")
    wait_until(lambda: difference(before, window.grab().picture) > 0.005, 5, "the menu opens")
    time.sleep(0.3)
    window.grab().picture.save(save)
    window.press("Down", "Return")
    for number in (2, 3):
        window.press(f"ctrl+alt+shift+{number}")
    time.sleep(0.3)
    window.reach("Question")


def main_button(window: Window) -> tuple[int, int]:
    """The middle of what is filled with the accent in the conversation, on the screen."""
    pixels = np.asarray(window.grab().picture.convert("RGB"), dtype=int)[:-200]
    rows, columns = np.nonzero(np.abs(pixels - ACCENT).sum(axis=2) < 12)
    assert len(rows) > 500, "no main button in the conversation"
    return window.box[0] + int(np.median(columns)), window.box[1] + int(np.median(rows))


def workers(window: Window) -> list[int]:
    """Processes of the engine that look at files."""
    return [pid for pid in window.family() if pid not in window.engines() and is_alive(pid)]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.full
def test_tools_are_allowed_run_and_refused(
    display: Display,
    tmp_path: Path,
    six_shapes: Path,
    pictures: Path,
    server: tuple[ScriptedServer, str],
    scheme: Scheme,
) -> None:
    scripted, address = server
    choose(tmp_path, address)
    with Window(display, tmp_path, scheme) as window:
        window.wait_for("ModelReady", SECONDS)
        switch_tools_on(window, pictures / f"tools-menu-{scheme}.png")
        asked = window.ask("What do I pay?")
        window.wait_for("answer calling", SECONDS, since=asked)
        assert [tool["function"]["name"] for tool in scripted.asked[0].body["tools"]] == [
            "current_time", "calculate", "read_file",
        ]  # fmt: skip
        time.sleep(0.4)
        window.grab().picture.save(pictures / f"tools-asked-{scheme}.png")
        window.reach("Allow once")
        window.press("space")
        window.wait_for("tool done", SECONDS, since=asked)
        looking = workers(window)
        for pid in looking:
            os.kill(pid, signal.SIGSTOP)  # so that the next one takes as long as it needs to be seen
        try:
            window.reach("Choose file")
            window.press("space")
            time.sleep(1.0)
            window.type(str(six_shapes))
            window.press("Return")
            window.wait_for("tool running", SECONDS, since=asked + 0.01)
            time.sleep(0.6)
            window.grab().picture.save(pictures / f"tools-running-{scheme}.png")
        finally:
            for pid in looking:
                os.kill(pid, signal.SIGCONT)
        window.wait_for("answer done", SECONDS, since=asked)
        tools = [message for message in scripted.asked[1].body["messages"] if message["role"] == "tool"]
        assert json.loads(tools[0]["content"]) == {"result": "44.268"}
        assert "six shapes.png" in json.dumps(tools[1]) and "image_url" in json.dumps(scripted.asked[1].body)
        time.sleep(0.6)
        window.grab().picture.save(pictures / f"tools-result-{scheme}.png")

        asked = window.ask("What time is it?")
        window.wait_for("answer calling", SECONDS, since=asked)
        time.sleep(0.3)
        window.press("Escape")
        window.wait_for("tool refused", SECONDS, since=asked)
        window.wait_for("answer done", SECONDS, since=asked)
        assert "did not allow" in json.dumps(scripted.asked[-1].body["messages"][-1])
        time.sleep(0.6)
        window.grab().picture.save(pictures / f"tools-refused-{scheme}.png")


@pytest.mark.full
def test_a_question_whether_a_tool_may_run_survives_a_kill(
    display: Display, tmp_path: Path, pictures: Path, server: tuple[ScriptedServer, str]
) -> None:
    scripted, address = server
    choose(tmp_path, address)
    with Window(display, tmp_path) as window:
        window.wait_for("ModelReady", SECONDS)
        window.press("ctrl+alt+shift+2")
        asked = window.ask("What is the sum?")
        window.wait_for("answer calling", SECONDS, since=asked)
        time.sleep(1.0)
        window.process.kill()
        window.process.wait(10)
    questions = len(scripted.asked)
    with Window(display, tmp_path) as window:
        window.wait_for("ModelReady", SECONDS, since=window.started)
        time.sleep(1.0)
        window.grab().picture.save(pictures / "tools-after-a-kill.png")
        allowed = time.monotonic()
        display.do("mousemove", *main_button(window), "click", 1)
        window.wait_for("answer done", SECONDS, since=allowed)
        assert json.loads(scripted.asked[questions].body["messages"][-1]["content"]) == {"result": "2"}
        time.sleep(0.5)
        window.grab().picture.save(pictures / "tools-allowed-after-a-kill.png")
