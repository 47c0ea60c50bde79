"""`mlx-gemma4 page`: the file holds the HTML of the answer, as far as there is any."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from mlx_gemma4.cli.main import main
from mlx_gemma4.gemma import Gemma
from mlx_gemma4.protocol import events as ev
from mlx_gemma4.protocol.page_requests import page_message

PAGE = "<!DOCTYPE html>\n<html><body>Grüße</body></html>"
Captured = pytest.CaptureFixture[str]
Answer = Callable[..., list[object]]


@pytest.fixture
def answer(monkeypatch: pytest.MonkeyPatch) -> Answer:
    """Let the model write a text in pieces and then end for a reason, or be interrupted; keeps what it was asked."""
    asked: list[object] = []

    def set_answer(text: str, end: ev.Event | None = None) -> list[object]:
        def stream(self: Gemma, messages: object, **settings: Any) -> Iterator[ev.Event]:
            asked.append(messages)
            for start in range(0, len(text), 7):
                yield ev.TextDelta(text[start : start + 7])
            if end is None:
                raise KeyboardInterrupt
            yield end

        monkeypatch.setattr(Gemma, "stream", stream)
        return asked

    return set_answer


@pytest.fixture
def page(model_folder: Path, picture_file: Path, tmp_path: Path) -> Callable[..., tuple[int, Path]]:
    def run(*more: str) -> tuple[int, Path]:
        out = tmp_path / "out.html"
        return main(["page", str(picture_file), "-o", str(out), "--model", str(model_folder), *more]), out

    return run


Run = Callable[..., tuple[int, Path]]
DONE = ev.TurnFinished("end_of_turn")


def test_the_html_of_the_answer_is_written_and_nothing_around_it(
    answer: Answer, page: Run, picture_file: Path, capsys: Captured
) -> None:
    asked = answer(f"Here it is:\n```html\n{PAGE}\n```\nGood luck!", DONE)
    code, out = page()
    assert code == 0 and out.read_text() == PAGE + "\n"
    assert asked == [[page_message(str(picture_file))]]
    assert capsys.readouterr().err == f"{out}: {len(PAGE)} characters\n"


def test_the_budget_of_the_picture_can_be_chosen(answer: Answer, page: Run, picture_file: Path) -> None:
    asked = answer(PAGE, DONE)
    page("--budget", "140")
    assert asked == [[page_message(str(picture_file), budget=140)]]


def test_events_are_printed_on_request(answer: Answer, page: Run, capsys: Captured) -> None:
    answer(PAGE, DONE)
    code, out = page("--json")
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert code == 0 and lines[-1]["type"] == "TurnFinished" and out.read_text() == PAGE + "\n"


@pytest.mark.parametrize(("text", "said"), [("I see a blue box.", "It begins: I see a blue box."), ("", "It is empty")])
def test_an_answer_that_is_no_html_is_an_error_and_no_file(
    answer: Answer, page: Run, capsys: Captured, text: str, said: str
) -> None:
    answer(text, DONE)
    code, out = page()
    error = capsys.readouterr().err
    assert code == 2 and not out.exists()
    assert "has no HTML in it" in error and said in error


@pytest.mark.parametrize("end", [ev.TurnFinished("max_tokens"), ev.TurnFinished("loop"), None])
def test_what_was_written_before_the_end_is_kept(
    answer: Answer, page: Run, capsys: Captured, end: ev.Event | None
) -> None:
    answer("```html\n<p>One</p>\n<p>Tw", end)
    code, out = page()
    assert code == (130 if end is None else 0)
    assert out.read_text() == "<p>One</p>\n<p>Tw\n"
    assert "as far as it was written" in capsys.readouterr().err


def test_stopped_before_any_html_it_only_stops(answer: Answer, page: Run) -> None:
    answer("Here it", None)
    code, out = page()
    assert code == 130 and not out.exists()


def test_a_failed_engine_replaces_no_file(answer: Answer, page: Run, tmp_path: Path) -> None:
    (tmp_path / "out.html").write_text("kept")
    answer(f"```html\n{PAGE}", ev.EngineFailed("engine.device", "It broke.", "", False))
    code, out = page()
    assert code == 1 and out.read_text() == "kept"


@pytest.mark.parametrize("out", ["nowhere/a.html", "."])
def test_a_file_that_cannot_be_written_is_noticed_before_the_model_is_asked(
    answer: Answer, model_folder: Path, picture_file: Path, tmp_path: Path, out: str
) -> None:
    asked = answer(PAGE, DONE)
    assert main(["page", str(picture_file), "-o", str(tmp_path / out), "--model", str(model_folder)]) == 2
    assert not asked
