"""Settings, privacy, large text, the pseudo-language, a draft that survives a kill, and no connection."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from tests.e2e.display import Display
from tests.e2e.drag import drop
from tests.e2e.window import Scheme, Window, wait_until


def connections(pids: list[int]) -> set[str]:
    """Remote addresses of all TCP sockets of these processes, whatever their state."""
    inodes = set()
    for pid in pids:
        for link in Path(f"/proc/{pid}/fd").glob("*"):
            try:
                target = str(link.readlink())
            except OSError:
                continue
            if target.startswith("socket:["):
                inodes.add(target[8:-1])
    found = set()
    for table in ("tcp", "tcp6", "udp", "udp6"):
        for line in Path(f"/proc/net/{table}").read_text().splitlines()[1:]:
            fields = line.split()
            if fields[9] in inodes and set(fields[2].split(":")[0]) != {"0"}:
                found.add(f"{table} {fields[2]}")
    return found


@pytest.mark.full
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_settings_and_privacy(display: Display, tmp_path: Path, pictures: Path, scheme: Scheme) -> None:
    with Window(display, tmp_path, scheme) as window:
        window.wait_for("ModelReady", 20)
        window.press("ctrl+comma")
        wait_until(lambda: display.do("search", "--onlyvisible", "--name", "^Settings"), 5, "the settings open")
        for name, keys in (("general", ()), ("appearance", ("Down",)), ("privacy", ("End",))):
            if keys:
                window.press(*keys)
            time.sleep(0.4)
            display.grab().picture.save(pictures / f"settings-{name}-{scheme}.png", optimize=True)


@pytest.mark.full
def test_large_text_and_the_pseudo_language(display: Display, tmp_path: Path, pictures: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    (home / "preferences.json").write_text(json.dumps({"text_size": "200"}))
    with Window(display, tmp_path) as window:
        window.wait_for("ModelReady", 20)
        display.do("windowsize", "--sync", window.window, 860, 560)
        time.sleep(0.6)
        window.grab().picture.save(pictures / "text-200.png", optimize=True)
    (home / "preferences.json").unlink()
    with Window(display, tmp_path, more={"PRISM_LANGUAGE": "qps"}) as window:
        window.wait_for("ModelReady", 20, since=window.started)
        time.sleep(0.5)
        window.grab().picture.save(pictures / "pseudo-language.png", optimize=True)


@pytest.mark.full
def test_a_draft_survives_a_kill(display: Display, tmp_path: Path, six_shapes: Path) -> None:
    kept = tmp_path / "home" / "window.json"
    with Window(display, tmp_path) as window:
        window.wait_for("ModelReady", 20)
        drop(display, [six_shapes], *window.middle)
        window.wait_for("ready", 10)
        window.type("half a quest")
        time.sleep(1)
        window.process.kill()
        window.process.wait(10)
    assert json.loads(kept.read_text())["draft"] == "half a quest"
    with Window(display, tmp_path) as window:
        window.wait_for("ModelReady", 20, since=window.started)
        window.wait_for("ready", 10, since=window.started)
        window.type("ion")
        asked = window.press("Return")
        window.wait_for("TurnFinished", 30, since=asked)


@pytest.mark.full
def test_a_session_opens_no_connection(display: Display, tmp_path: Path, six_shapes: Path) -> None:
    seen: set[str] = set()
    with Window(display, tmp_path) as window:

        def look() -> bool:
            seen.update(connections([window.process.pid, *window.family()]))
            return bool(window.happened("TurnFinished"))

        window.wait_for("ModelReady", 20)
        drop(display, [six_shapes], *window.middle)
        window.wait_for("ready", 10)
        window.ask("Detect all objects.")
        wait_until(look, 30, "the answer")
        window.press("ctrl+shift+m")
        time.sleep(0.5)
        look()
    assert seen == set()
    assert not (tmp_path / "home" / "contacts.json").exists()
