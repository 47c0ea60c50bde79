"""A server's model in the real window: connected to, asked about a picture, stopped, lost, found again."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.e2e.display import Display
from tests.e2e.drag import drop
from tests.e2e.pixels import boxes_seen
from tests.e2e.shapes import SHAPES, SIZE
from tests.e2e.window import Scheme, Window, wait_until
from tests.unit.engine.served import DONE, MODEL, Pause, ScriptedServer, Step, said, serving

KEY = "sk-prism-test-4711"
OTHERS = ("google/gemma-4-26b-a4b-it", "text-embedding-nomic", "qwen/qwen3-vl-8b")
SECONDS = 10.0


def boxes() -> Iterator[str]:
    """Two shapes where they are."""
    yield "Two shapes catch the eye:\n```json\n[\n"
    for shape in SHAPES[:2]:
        left, top, right, bottom = shape.box
        place = [round(1000 * at / side) for at, side in zip((top, left, bottom, right), SIZE[::-1] * 2, strict=True)]
        yield json.dumps({"box_2d": place, "label": shape.label}) + ("," if shape is SHAPES[0] else "") + "\n"
    yield "]\n```\nThe other four are as large."


def scripted() -> ScriptedServer:
    models: tuple[dict[str, object], ...] = (
        {"id": MODEL, "type": "vlm", "max_context_length": 131072},
        *({"id": name, "type": "embeddings" if "embedding" in name else "vlm"} for name in OTHERS),
    )
    return ScriptedServer(models=models, key=KEY)


def slowly(*texts: str, seconds: float = 0.3) -> list[Step]:
    """Words with pauses between them, without an end."""
    return [step for text in texts for step in (*said(text, reason=None), Pause(seconds))]


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def connect(window: Window, address: str, folder: Path, scheme: Scheme) -> None:
    """By keyboard: the sheet, the form, address and key, then the first model that the server has."""
    window.wait_for("ModelsFound", 20)
    window.press("ctrl+shift+m")
    window.wait_for_keyboard("Models")
    window.reach("Connect to a server")
    window.press("space")
    window.wait_for_keyboard("Address")
    window.type(address.removeprefix("http://").removesuffix("/v1"))
    window.press("Tab")
    window.type(KEY)
    time.sleep(0.3)
    window.grab().picture.save(folder / f"remote-connect-{scheme}.png")
    window.press("Return")
    listed = window.wait_for("ServerListed", SECONDS)
    time.sleep(0.5)
    window.grab().picture.save(folder / f"remote-models-{scheme}.png")
    window.reach("Use: ")
    window.press("space")
    window.wait_for("ModelReady", SECONDS, since=listed.at)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.full
def test_a_server_is_connected_asked_stopped_lost_and_found(
    display: Display, tmp_path: Path, six_shapes: Path, pictures: Path, scheme: Scheme
) -> None:
    server, port = scripted(), free_port()
    with ExitStack() as life, Window(display, tmp_path, scheme) as window:
        address = life.enter_context(serving(server, port))
        connect(window, address, pictures, scheme)
        (engine,) = window.engines()

        moment = time.monotonic()
        drop(display, [six_shapes], *window.middle)
        window.wait_for("ready", SECONDS, since=moment)
        server.always(
            *slowly(*boxes(), seconds=0.5), *said(), {"choices": [], "usage": {"completion_tokens": 90}}, DONE
        )
        asked = window.ask("What is here?")
        found = window.wait_for("BoxFound", SECONDS, since=asked)
        wait_until(lambda: len(boxes_seen(window.grab().picture)) > 0, 3, "the first box is seen")
        ended = window.wait_for("TurnFinished", SECONDS, since=asked)
        assert found.at < ended.at - 0.3, "boxes wait for the end of the answer"
        assert any(part["type"] == "image_url" for part in server.asked[0].body["messages"][0]["content"])
        assert server.asked[0].headers["Authorization"] == f"Bearer {KEY}"
        time.sleep(0.5)
        window.grab().picture.save(pictures / f"remote-answer-{scheme}.png")

        server.always(*slowly(*["On and on. "] * 200))
        asked = window.ask("Tell me everything.")
        window.wait_for("TextDelta", SECONDS, since=asked)
        stopped = window.press("Escape")
        assert window.wait_for("TurnFinished", SECONDS, since=asked).at - stopped < 0.5
        assert server.left.wait(1), "the server still writes"

        asked = window.ask("And again.")
        window.wait_for("TextDelta", SECONDS, since=asked)
        life.pop_all().close()  # the server dies in the middle of it
        window.wait_for("EngineFailed", SECONDS, since=asked)
        assert "lost in the middle" in window.sentences()[-1]
        time.sleep(0.5)
        window.grab().picture.save(pictures / f"remote-lost-{scheme}.png")

        asked = window.ask("Are you there?")
        window.wait_for("EngineFailed", SECONDS, since=asked)
        assert "Nothing listens" in window.sentences()[-1]

        life.enter_context(serving(server, port))
        server.always(*said("I am back."), DONE)
        asked = window.ask("And now?")
        window.wait_for("TurnFinished", SECONDS, since=asked)
        time.sleep(0.4)
        window.grab().picture.save(pictures / f"remote-back-{scheme}.png")
        assert window.engines() == [engine]
        everything = [file.read_bytes() for file in tmp_path.rglob("*") if file.is_file()]
        assert not any(KEY.encode() in content for content in everything), "the key is in a file"
    with serving(server, port):  # the next day
        again = tmp_path / "again"
        again.mkdir()
        with Window(display, again, scheme, more={"PRISM_HOME": str(tmp_path / "home")}) as window:
            window.wait_for("EngineFailed", SECONDS)  # without a Keychain here, the key is gone
            assert any("asks for a key" in sentence for sentence in window.sentences())
            window.wait_for("ModelReady", SECONDS)
            window.press("ctrl+shift+m")
            wait_until(lambda: len(window.happened("ModelsFound")) == 2, SECONDS, "the lists are complete")
            time.sleep(0.6)
            window.grab().picture.save(pictures / f"remote-key-{scheme}.png")
            window.reach("Enter key")
            moment = window.press("space")
            time.sleep(0.3)
            window.type(KEY)
            window.press("Return")
            window.wait_for("ServerListed", SECONDS, since=moment)
            time.sleep(0.3)
            window.reach("Use: ")
            moment = window.press("space")
            window.wait_for("ModelReady", SECONDS, since=moment)
            time.sleep(0.5)
            window.grab().picture.save(pictures / f"remote-again-{scheme}.png")
    assert "127.0.0.1" in (tmp_path / "home" / "servers.json").read_text()
    assert MODEL in (tmp_path / "home" / "model.json").read_text()
