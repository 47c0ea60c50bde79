"""`prism page` over a scripted engine and renderer."""

import argparse
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from app import page_command
from app.engine_link.scripted_client import ScriptedClient, Timed
from app.page_command import PageMaking, main
from mlx_gemma4.protocol.events import EngineFailed, ModelLoading
from mlx_gemma4.protocol.requests import Load, Request
from tests.unit.app.actions.pages import Figures, answers, says
from tests.unit.app.scripted import Rig, ScriptedRenderer

Made = Callable[..., int]
NO_MODEL = EngineFailed("checkpoint.missing", "There is no model in that folder.", "Name another.", True)


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "page.html"


@pytest.fixture
def made(rig: Rig, qtbot: QtBot, picture: str, out: Path) -> Iterator[Made]:
    """Runs the command with the rig's script to its end; `during` is called once there is something in a version."""
    making: list[PageMaking] = []

    def run(rounds: int = 0, file: str = picture, during: Callable[[PageMaking], None] | None = None) -> int:
        codes: list[int] = []
        options = argparse.Namespace(file=file, output=out, rounds=rounds, model="tour")
        making.append(PageMaking(rig.client, ScriptedRenderer(), options, codes.append))
        making[-1].start()
        if during is not None:
            qtbot.waitUntil(lambda: bool(making[-1]._project.versions[-1].html))
            during(making[-1])
        qtbot.waitUntil(lambda: bool(codes))
        qtbot.wait(120)
        assert len(codes) == 1
        return codes[0]

    rig.answer = answers
    yield run
    for one in making:
        one.close()


def test_the_first_page_is_written_and_its_number_printed(
    made: Made, out: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert made() == 0
    said = capsys.readouterr()
    assert said.out == "first: 50.0 %\n" and str(out) in said.err
    assert "<h1>Title</h1>" in out.read_text() and "Content-Security-Policy" in out.read_text()


def test_every_round_prints_its_number_and_the_best_is_written(
    rig: Rig, made: Made, out: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rig.compare = Figures(0.5, 0.75, 0.7, 0.9)
    assert made(rounds=5) == 0
    said = capsys.readouterr()
    assert said.out.splitlines() == ["first: 50.0 %", "fix 1: 75.0 %", "fix 2: 70.0 %"]
    assert "Round 2 came no nearer" in said.err and f"{out}: fix 1" in said.err


def test_an_answer_without_html_writes_nothing(
    rig: Rig, made: Made, out: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rig.answer = lambda ask: says("I cannot.")
    assert made(rounds=2) == 1
    said = capsys.readouterr()
    assert said.out == "first: not measured (The answer is not HTML.)\n"
    assert "was not written" in said.err and not out.exists()


def test_a_picture_that_cannot_be_read_is_bad_input(
    made: Made, out: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    damaged = tmp_path / "damaged.png"
    damaged.touch()
    assert made(file=str(damaged)) == 2
    assert "damaged" in capsys.readouterr().err


def test_a_model_that_does_not_load_is_bad_input(
    rig: Rig, made: Made, out: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def script(request: Request) -> list[Timed]:
        return [(0.0, ModelLoading("tour")), (0.0, NO_MODEL)] if isinstance(request, Load) else []

    rig.client = ScriptedClient(script)
    assert made() == 2
    assert "There is no model in that folder." in capsys.readouterr().err and not out.exists()


def test_an_interrupt_writes_what_there_is(rig: Rig, made: Made, out: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rig.answer = lambda ask: says("```html\n<html><p>half", end=None)
    assert made(during=PageMaking.interrupt) == 130
    assert "<p>half</p>" in out.read_text()


def test_an_engine_that_dies_leaves_what_there_is(
    rig: Rig, made: Made, out: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rig.answer = lambda ask: says("```html\n<html><p>half", end=None)
    assert made(during=lambda _: rig.client.exit(-9)) == 1
    assert "<p>half</p>" in out.read_text() and "stopped" in capsys.readouterr().err


def test_a_file_that_cannot_be_written_is_bad_input(
    made: Made, out: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(html: str, path: Path) -> None:
        raise OSError(28, os.strerror(28))

    monkeypatch.setattr(page_command, "save_page", full)
    assert made() == 2
    assert "No space left on device" in capsys.readouterr().err


def test_what_cannot_work_is_said_before_any_work(
    tmp_path: Path, picture: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["nothing.png", "-o", str(tmp_path / "page.html")]) == 2
    assert main([picture, "-o", str(tmp_path / "nowhere" / "page.html")]) == 2
    assert main([picture, "-o", str(tmp_path)]) == 2
    said = capsys.readouterr().err.splitlines()
    assert [line.split(": ", 1)[0] for line in said] == ["prism page"] * 3
    for wrong in (["--rounds", "6"], ["--rounds", "-1"]):
        with pytest.raises(SystemExit) as exit_:
            main([picture, "-o", "page.html", *wrong])
        assert exit_.value.code == 2
