"""The engine process when libraries print, devices fail, decoders crash, or the app dies."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from app.engine_link.process_client import ENGINE
from mlx_gemma4.protocol.events import EngineFailed, MediaProbed, TurnFinished
from mlx_gemma4.protocol.requests import Load, ProbeMedia
from mlx_gemma4.protocol.wire import to_line
from tests.unit.engine.live_engine import ROOT, LiveEngine, picture_question, require_tour, wait_until_gone

STARS = ROOT / "resources" / "samples" / "stars.png"
Start = Callable[[str], LiveEngine]

NOISY = """
import ctypes, os, subprocess, sys
from mlx_gemma4.engine.runner import Runner
quiet = Runner._answer
def noisy(self, job):
    print("printed by Python", flush=True)
    libc = ctypes.CDLL(None)
    libc.puts(b"printed by C"); libc.fflush(None)
    os.write(1, b"written to descriptor 1")
    subprocess.run([sys.executable, "-c", "print(input() if False else 'printed by a program')"], check=True)
    assert os.read(0, 1) == b"", "descriptor 0 gives nothing"
    quiet(self, job)
Runner._answer = noisy
"""
FAILING = """
from mlx_gemma4.generation.session import Session
def decode(*_):
    raise {error}
Session.decode = decode
"""
MISTAKEN = """
from mlx_gemma4.engine.runner import Runner
def answer(*_):
    raise KeyError("a mistake of ours")
Runner._answer = answer
"""


@pytest.fixture
def start() -> Iterator[Start]:
    """Start an engine in which something is different."""
    require_tour()
    engines: list[LiveEngine] = []

    def start_engine(change: str) -> LiveEngine:
        program = textwrap.dedent(change) + "\nfrom mlx_gemma4.engine import stdio\nstdio.main()\n"
        engines.append(LiveEngine([sys.executable, "-c", program]))
        return engines[-1]

    yield start_engine
    for engine in engines:
        engine.client.close()


def test_what_libraries_print_does_not_disturb_the_protocol(start: Start) -> None:
    engine = start(NOISY)
    engine.send(Load("load", "tour"), picture_question("question", STARS))
    assert isinstance(engine.end_of("question")[1], TurnFinished)


def test_it_can_be_started_without_a_standard_error() -> None:
    require_tour()
    engine = LiveEngine(["sh", "-c", 'exec "$0" -m app --engine 2>&-', sys.executable])
    engine.load()
    engine.send(ProbeMedia("look", str(STARS)), picture_question("question", STARS, max_tokens=3))
    assert isinstance(engine.end_of("look")[1], MediaProbed)
    assert isinstance(engine.end_of("question")[1], TurnFinished)
    engine.client.close()


@pytest.mark.parametrize("error", ["MemoryError('[malloc] 20 GB')", "RuntimeError('[METAL] device lost')"])
def test_after_a_device_has_failed_the_process_says_so_and_ends(start: Start, error: str) -> None:
    engine = start(FAILING.format(error=error))
    engine.send(Load("load", "tour"))
    failed = engine.end_of("load")[1]
    assert isinstance(failed, EngineFailed) and failed.code == "engine.device" and not failed.recoverable
    assert engine.wait_for_exit() == 1


def test_a_mistake_of_ours_ends_the_process_and_not_only_its_thread(
    start: Start, capfd: pytest.CaptureFixture[str]
) -> None:
    engine = start(MISTAKEN)
    engine.send(picture_question("question", STARS))
    assert engine.wait_for_exit() == 1
    assert "a mistake of ours" in capfd.readouterr().err


def test_it_leaves_without_a_word_when_nobody_reads_its_answer_any_more() -> None:
    require_tour()
    with subprocess.Popen(ENGINE, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as engine:
        assert engine.stdin is not None and engine.stdout is not None and engine.stderr is not None
        for request in (Load("load", "tour"), picture_question("question", STARS)):
            engine.stdin.write(to_line(request).encode())
        engine.stdin.flush()
        engine.stdout.readline()
        engine.stdout.close()
        assert engine.stderr.read() == b""
    assert engine.returncode == 0


def test_a_worker_that_dies_over_a_file_costs_that_file_alone(start: Start, huge: Path) -> None:
    engine = start("")
    engine.send(ProbeMedia("first", str(STARS)))
    assert isinstance(engine.end_of("first")[1], MediaProbed)
    engine.send(ProbeMedia("deadly", str(huge)), ProbeMedia("next", str(STARS)))
    assert isinstance(engine.end_of("next")[1], MediaProbed)
    workers = _children(engine.pid)
    for worker in workers:
        os.kill(worker, signal.SIGKILL)
    failed = engine.end_of("deadly")[1]
    assert isinstance(failed, EngineFailed) and failed.code == "media.damaged" and failed.recoverable
    assert workers and all(wait_until_gone(worker, 2) for worker in workers)
    engine.send(*(ProbeMedia(f"look {number}", str(STARS)) for number in range(3)))
    assert all(isinstance(engine.end_of(f"look {number}")[1], MediaProbed) for number in range(3))


def test_a_killed_engine_leaves_no_worker_behind(start: Start, huge: Path) -> None:
    engine = start("")
    engine.send(ProbeMedia("quick", str(STARS)))
    engine.end_of("quick")
    engine.send(*(ProbeMedia(f"large {number}", str(huge)) for number in range(4)))
    time.sleep(0.3)
    workers = _children(engine.pid)
    os.kill(engine.pid, signal.SIGKILL)
    assert workers and all(wait_until_gone(worker, 2) for worker in workers)


@pytest.mark.parametrize("module", ["stdio", "worker"])
def test_nothing_that_could_print_is_imported_before_the_descriptors_are_taken(module: str) -> None:
    probe = f"import sys, mlx_gemma4.engine.{module}; print(*{{name.partition('.')[0] for name in sys.modules}})"
    result = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=True, cwd=ROOT)
    assert not {"mlx", "numpy", "PIL", "tokenizers", "PySide6"} & set(result.stdout.split())


PARENT = """
import subprocess, sys, time
engine = subprocess.Popen([sys.executable, "-m", "app", "--engine"], stdin={stdin}, stdout=subprocess.PIPE)
if engine.stdin:
    engine.stdin.write(b'{{"type":"Load","id":"l","path":"tour"}}\\n'); engine.stdin.flush()
    engine.stdout.readline()
print(engine.pid, flush=True)
time.sleep(60)
"""


@pytest.mark.parametrize("stdin", ["subprocess.PIPE", "0"])
def test_it_ends_when_the_app_is_killed_even_if_its_input_stays_open(stdin: str) -> None:
    require_tour()
    # with "0" the engine reads from our end of the pipe, which stays open when its parent dies
    program = PARENT.format(stdin=stdin)
    command = [sys.executable, "-c", program]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT) as parent:
        assert parent.stdout is not None
        engine = int(parent.stdout.readline())
        time.sleep(0.5)  # it has to have got as far as looking for its parent
        parent.kill()
        parent.wait()
        gone = wait_until_gone(engine, 2)
    assert gone


def _children(pid: int) -> list[int]:
    """Processes that this one has started."""
    if sys.platform != "linux":
        pytest.skip("needs /proc")
    tasks = Path(f"/proc/{pid}/task").iterdir()
    return [int(child) for task in tasks for child in (task / "children").read_text().split()]
