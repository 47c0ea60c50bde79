"""No page reaches a server, holds up the window, or leaves anything behind, even if nobody has rewritten it."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QTimer

from app.page import render, render_webengine
from app.page.render import PageSize, cut_to_size
from app.page.render_here import make_renderer
from app.page.render_webengine import WebEngineRenderer
from app.state.page import Rendering
from tests.unit.app.page.conftest import SMALL, Render, colour, size_of
from tests.unit.app.page.hostile import hostile_pages

if TYPE_CHECKING:
    from PySide6.QtWidgets import QApplication
    from pytestqt.qtbot import QtBot

LIME = "<body style='background:lime'>"


class Server:
    """Counts the connections that it is offered.

    Attributes:
        address: host and port.
        connections: how many there were.
    """

    def __init__(self) -> None:
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self._socket.getsockname()[1]}"
        self.connections = 0
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            connection, _ = self._socket.accept()
            self.connections += 1
            connection.close()


@pytest.fixture(scope="module")
def server() -> Server:
    return Server()


def test_no_page_reaches_a_server(rendered: Render, server: Server, qtbot: QtBot) -> None:
    pages = {name: page for name, page in hostile_pages(f"http://{server.address}").items() if len(page) < 60_000}
    assert len(pages) >= 30
    for name, page in pages.items():  # as they are: `rewrite` has its own tests
        assert rendered(page).notice in ("", render.ENDLESS), name
        assert server.connections == 0, name
    qtbot.wait(300)
    assert server.connections == 0
    with socket.create_connection(("127.0.0.1", int(server.address.rpartition(":")[2]))):
        qtbot.waitUntil(lambda: server.connections == 1)  # it does listen


@pytest.mark.parametrize("page", ["<p>x</p>" * 500_000, "<b>" * 1_000_000], ids=["side by side", "nested"])
def test_a_million_tags_do_not_hold_up_the_window(rendered: Render, page: str) -> None:
    rendered("<p>warm")
    beats: list[float] = []
    timer = QTimer(interval=5)
    timer.timeout.connect(lambda: beats.append(time.monotonic()))
    timer.start()
    result = rendered(page)
    timer.stop()
    assert result.notice.startswith(render.TOO_LONG)
    assert len(beats) > 20
    assert (
        max(later - earlier for earlier, later in pairwise(beats)) < 0.5  # 0.03 on a machine that does nothing else
    )  # 0.03 on a machine with nothing else to do


def test_what_is_left_of_too_long_a_page_ends_before_a_tag() -> None:
    page = "<p>x" * render.MOST_TAGS
    assert cut_to_size(page) == (page, "")
    assert cut_to_size(page + "<i>y") == (page, render.TOO_LONG)


def test_a_renderer_that_a_page_keeps_busy_is_ended_and_the_next_page_is_rendered(
    renderer: WebEngineRenderer, rendered: Render, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    rendered("<p>warm")
    monkeypatch.setattr(render_webengine, "PATIENCE_SECONDS", 0.5)
    busy = renderer.pid
    assert busy is not None
    os.killpg(busy, signal.SIGSTOP)
    results: list[Rendering] = []
    renderer.render("<p>page", PageSize(320, 200, 2.0), results.append)
    qtbot.waitUntil(lambda: bool(results), timeout=5_000)
    assert results[0].notice == render.GAVE_UP
    assert (size_of(results[0]), colour(results[0], 9, 9)) == ((640, 400), "#ffffff")
    monkeypatch.undo()
    assert colour(rendered(LIME), 9, 9) == "#00ff00"
    assert renderer.pid != busy
    qtbot.waitUntil(lambda: not group(busy), timeout=5_000)


def test_a_renderer_that_dies_costs_one_page(renderer: WebEngineRenderer, rendered: Render) -> None:
    rendered("<p>warm")
    assert renderer.pid is not None
    results: list[Rendering] = []
    renderer.render("<p>" * 1000, SMALL, results.append)
    os.kill(renderer.pid, signal.SIGKILL)
    assert colour(rendered(LIME), 9, 9) == "#00ff00"
    assert [result.notice for result in results] == [render.BROKE_DOWN]


def test_so_does_one_whose_process_for_the_page_dies(renderer: WebEngineRenderer, rendered: Render) -> None:
    rendered("<p>warm")
    assert renderer.pid is not None
    page = [pid for pid in group(renderer.pid) if "--type=renderer" in command(pid)]
    assert page
    results: list[Rendering] = []
    renderer.render("<p>" * 1000, SMALL, results.append)
    os.kill(page[0], signal.SIGKILL)
    assert colour(rendered(LIME), 9, 9) == "#00ff00"
    assert [result.notice for result in results] == [render.BROKE_DOWN]


def test_of_pages_that_wait_only_the_newest_is_rendered(renderer: WebEngineRenderer, qtbot: QtBot) -> None:
    done: list[tuple[str, int]] = []
    for name, width in [("first", 300), ("second", 310), ("third", 320)]:
        renderer.render(LIME, PageSize(width, 200), lambda result, name=name: done.append((name, result.width)))
    qtbot.waitUntil(lambda: len(done) == 2, timeout=40_000)
    qtbot.wait(300)
    assert done == [("first", 300), ("third", 320)]


def test_a_picture_that_nobody_needs_is_removed(renderer: WebEngineRenderer, rendered: Render, tmp_path: Path) -> None:
    result = rendered(LIME)
    assert Path(result.picture).is_file()
    renderer.discard(result)
    assert not Path(result.picture).exists()
    own = tmp_path / "own.png"
    own.write_bytes(b"x")
    renderer.discard(Rendering(str(own), 1, 1))
    assert own.exists()


def test_closing_leaves_no_process_and_no_file(qapp: QApplication, qtbot: QtBot) -> None:
    renderer = make_renderer()
    assert isinstance(renderer, WebEngineRenderer)
    results: list[Rendering] = []
    renderer.render(LIME, SMALL, results.append)
    qtbot.waitUntil(lambda: bool(results), timeout=40_000)
    pid, folder = renderer.pid, Path(results[0].picture).parent
    assert pid is not None and len(group(pid)) > 2 and folder.is_dir()
    renderer.render(LIME, SMALL, results.append)
    renderer.close()
    qtbot.waitUntil(lambda: not group(pid), timeout=5_000)
    assert not folder.exists()
    assert len(results) == 1


def test_it_ends_with_the_window_even_if_that_is_killed() -> None:
    window = """if True:
        from PySide6.QtCore import QCoreApplication
        from app.page.render import PageSize
        from app.page.render_here import make_renderer
        app = QCoreApplication([])
        renderer = make_renderer()
        renderer.render("<p>x", PageSize(99, 99), lambda result: print(renderer.pid, renderer.folder, flush=True))
        app.exec()"""
    with subprocess.Popen([sys.executable, "-c", window], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        number, folder = process.stdout.readline().split()
        pid = int(number)
        assert alive(pid) and Path(folder).is_dir()
        process.kill()
    until = time.monotonic() + 5
    while group(pid) and time.monotonic() < until:
        time.sleep(0.02)
    assert not group(pid)
    assert not Path(folder).exists()


def test_a_renderer_that_cannot_start_says_why(
    qapp: QApplication, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "app.page.render_child.COMMAND", (sys.executable, "-c", "raise SystemExit('libnss3 is missing')")
    )
    renderer = make_renderer()
    results: list[Rendering] = []
    for _ in range(2):
        results.clear()
        renderer.render(LIME, SMALL, results.append)
        qtbot.waitUntil(lambda: bool(results), timeout=10_000)
        assert results[0].notice == "Pages cannot be rendered on this machine: libnss3 is missing"
    renderer.close()


def test_the_windows_process_never_loads_the_browser() -> None:
    probe = "import sys, app.main, app.page.render_webengine; print([m for m in sys.modules if 'WebEngine' in m])"
    result = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"


def group(pid: int) -> list[int]:
    """The living processes of a group."""
    found = [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()]
    return [one for one in found if fields(one)[2:3] == [str(pid)] and alive(one)]


def alive(pid: int) -> bool:
    return fields(pid)[:1] not in ([], ["Z"], ["X"])


def fields(pid: int) -> list[str]:
    """State, parent, group, … of a process; empty if there is none."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return []


def command(pid: int) -> str:
    return Path(f"/proc/{pid}/cmdline").read_text()
