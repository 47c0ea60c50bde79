"""Command line: answers to stdout, one sentence and exit code 2 for bad input, quiet ends."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from mlx_gemma4.cli.main import detect_question, main
from mlx_gemma4.gemma import Gemma
from mlx_gemma4.protocol import events as ev
from mlx_gemma4.protocol.wire import read_events
from tests.unit.media.sound_files import tone, write_wav
from tests.unit.media_files import write_clip

Captured = pytest.CaptureFixture[str]
SetAnswer = Callable[..., list[dict[str, Any]]]
BAD_CASES = [
    *("missing", "folder", "web address", "empty", "no picture", "truncated", "strip", "no question"),
    *("no checkpoint", "temperature", "length", "drawing", "seed", "thinking budget", "stop"),
]


@pytest.fixture
def answer(monkeypatch: pytest.MonkeyPatch) -> SetAnswer:
    """Make the loaded model answer with certain events, and keep what it was asked."""
    asked: list[dict[str, Any]] = []

    def set_answer(*events: ev.Event) -> list[dict[str, Any]]:
        def stream(self: Gemma, messages: object, **settings: object) -> Iterator[ev.Event]:
            asked.append({"messages": messages, **settings})
            yield from events

        monkeypatch.setattr(Gemma, "stream", stream)
        return asked

    return set_answer


CAT = ev.BoxFound((250, 250, 750, 750), "cat")
DONE = ev.TurnFinished("end_of_turn")


def test_ask_streams_an_answer_of_the_real_model(model_folder: Path, picture_file: Path, capsys: Captured) -> None:
    words = ["ask", str(picture_file), "the box?", "--model", str(model_folder), "--max-tokens", "5", "--seed", "1"]
    assert main(words) == 0
    first = capsys.readouterr()
    assert main(words) == 0
    assert capsys.readouterr().out == first.out
    assert first.out.endswith("\n")


def test_json_prints_one_event_a_line(model_folder: Path, picture_file: Path, capsys: Captured) -> None:
    words = ["detect", str(picture_file), "--json", "--model", str(model_folder), "--max-tokens", "3"]
    assert main(words) == 0
    lines = capsys.readouterr().out.splitlines(keepends=True)
    events = list(read_events(lines))
    assert len(events) == len(lines)
    assert [event.seq for event in events] == list(range(len(events)))
    assert isinstance(events[0], ev.PromptProgress) and isinstance(events[-1], ev.TurnFinished)


def test_ask_tells_kinds_from_content_and_puts_sounds_behind_the_words(
    answer: SetAnswer, model_folder: Path, picture_file: Path, tmp_path: Path
) -> None:
    asked = answer(DONE)
    clip = write_clip(tmp_path / "clip.mp4", frames=3).rename(tmp_path / "clip.png")
    sound = write_clip(tmp_path / "sound.mp4", frames=0, sound_seconds=0.5)
    Image.new("RGB", (90, 90)).save(tmp_path / "page.pdf", save_all=True, append_images=[Image.new("RGB", (90, 90))])
    files = [str(sound), str(clip), str(picture_file), str(tmp_path / "page.pdf")]
    words = ["ask", *files, "What?", "--model", str(model_folder), "--pages", "2", "--frame-budget", "140"]
    assert main([*words, "--no-sound"]) == 0
    assert asked[0]["messages"][0]["content"] == [
        {"type": "video", "path": str(clip), "sound": False, "max_soft_tokens": 140},
        {"type": "image", "path": str(picture_file)},
        {"type": "document", "path": str(tmp_path / "page.pdf"), "pages": (2, 2)},
        {"type": "text", "text": "What?"},
        {"type": "audio", "path": str(sound)},
    ]


@pytest.mark.parametrize("name", ["a.mp4", "a.pdf"])
def test_ask_answers_about_a_clip_and_about_a_pdf(
    model_folder: Path, tmp_path: Path, capsys: Captured, name: str
) -> None:
    file = tmp_path / name
    if name == "a.mp4":
        write_clip(file, frames=2)
    else:
        Image.new("RGB", (300, 200)).save(file)
    assert main(["ask", str(file), "What?", "--model", str(model_folder), "--max-tokens", "3"]) == 0
    assert capsys.readouterr().out.endswith("\n")


def test_ask_takes_several_pictures_and_then_the_question(
    answer: SetAnswer, model_folder: Path, picture_file: Path, capsys: Captured
) -> None:
    asked = answer(ev.ThoughtDelta("hm"), ev.TextDelta("Two "), ev.TextDelta("boxes."), DONE)
    assert main(["ask", str(picture_file), str(picture_file), "What?", "--model", str(model_folder), "--thinking"]) == 0
    assert capsys.readouterr() == ("Two boxes.\n", "hm")
    image = {"type": "image", "path": str(picture_file)}
    assert asked[0]["messages"] == [{"role": "user", "content": [image, image, {"type": "text", "text": "What?"}]}]
    assert asked[0]["thinking"] is True


def test_ask_passes_on_how_to_think_and_where_to_stop(answer: SetAnswer, model_folder: Path, capsys: Captured) -> None:
    asked = answer(ev.TextDelta("a"), ev.Unparsed("tool_call", "call:f{"), ev.TurnFinished("loop"))
    words = ["ask", "Why?", "--model", str(model_folder), "--think-budget", "50", "--stop", "END", "--stop", "\n"]
    assert main(words) == 0
    assert asked[0]["thinking"] is True and asked[0]["thinking_budget"] == 50
    assert asked[0]["stop"] == ["END", "\n"]
    out, err = capsys.readouterr()
    assert out == "a\n"
    assert "call:f{" in err and "repeated itself" in err
    assert main(["ask", "Why?", "--model", str(model_folder), "--think"]) == 0
    assert asked[1]["thinking"] is True and asked[1]["thinking_budget"] is None


def test_complete_goes_on_with_a_text(model_folder: Path, capsys: Captured) -> None:
    words = ["complete", "the box", "--model", str(model_folder), "--max-tokens", "4", "--temperature", "0"]
    assert main(words) == 0
    first = capsys.readouterr().out
    assert first.startswith("the box") and len(first) > len("the box\n")
    assert main([*words, "--json"]) == 0
    events = list(read_events(capsys.readouterr().out.splitlines(keepends=True)))
    written = "".join(event.text for event in events if isinstance(event, ev.TextDelta))
    assert first == f"the box{written}\n"


def test_what_is_seen_comes_before_the_question_and_sound_after_it(
    answer: SetAnswer, model_folder: Path, picture_file: Path, tmp_path: Path, capsys: Captured
) -> None:
    asked = answer(DONE)
    sound, clip = str(write_wav(tmp_path / "a.wav", tone(1.0))), str(write_clip(tmp_path / "b.mp4", frames=3))
    words = ["ask", sound, str(picture_file), clip, "What?", "--model", str(model_folder)]
    assert main(words) == 0
    parts = [(part["type"], part.get("path")) for part in asked[0]["messages"][0]["content"]]
    assert parts == [("image", str(picture_file)), ("video", clip), ("text", None), ("audio", sound)]


def test_a_model_without_ears_says_so(model_folder: Path, tmp_path: Path, capsys: Captured) -> None:
    sound = write_wav(tmp_path / "a.wav", tone(1.0))
    assert main(["ask", str(sound), "What is said?", "--model", str(model_folder)]) == 2
    assert "This model does not hear" in capsys.readouterr().err


def test_a4_11_a_sound_of_more_than_thirty_seconds_is_not_cut_silently(
    answer: SetAnswer, model_folder: Path, tmp_path: Path, capsys: Captured
) -> None:
    asked = answer(DONE)
    words = [str(write_wav(tmp_path / "long.wav", tone(30.1))), "What is said?", "--model", str(model_folder)]
    assert main(["ask", *words]) == 2
    err = capsys.readouterr().err
    assert "30.1 seconds" in err and "transcribe" in err and not asked
    assert main(["ask", str(write_wav(tmp_path / "just.wav", tone(30.0))), *words[1:]]) == 0


def test_detect_asks_greedily_and_prints_boxes_in_pixels(
    answer: SetAnswer, model_folder: Path, picture_file: Path, capsys: Captured
) -> None:
    asked = answer(ev.TextDelta("[…]"), CAT, ev.BoxFound((0, 0, 1000, 1000), ""), ev.Unparsed("box", "{x"), DONE)
    assert main(["detect", str(picture_file), "red boxes", "--model", str(model_folder)]) == 0
    out, err = capsys.readouterr()
    assert out == "cat: x 30–90, y 20–60\n(no label): x 0–120, y 0–80\n"
    assert err == "mlx-gemma4: a box could not be read: {x\n"
    assert asked[0]["messages"][0]["content"][1] == {"type": "text", "text": "Detect red boxes."}
    assert asked[0]["sampling"].temperature == 0


def test_the_wording_of_detect() -> None:
    assert detect_question("the bike") == "Detect the bike."
    assert detect_question("") == "Detect all objects."


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ("[]", "Nothing found."),
        ("```json\n[]\n```", "Nothing found."),
        ("No idea.", "No boxes in the answer: No idea."),
    ],
)
def test_detect_says_when_there_is_nothing(
    answer: SetAnswer, model_folder: Path, picture_file: Path, capsys: Captured, text: str, printed: str
) -> None:
    answer(ev.TextDelta(text), DONE)
    assert main(["detect", str(picture_file), "--model", str(model_folder)]) == 0
    assert capsys.readouterr().out == printed + "\n"


def test_draw_saves_the_picture_with_its_boxes(
    answer: SetAnswer, model_folder: Path, picture_file: Path, tmp_path: Path
) -> None:
    answer(CAT, DONE)
    target = tmp_path / "out.png"
    assert main(["detect", str(picture_file), "--model", str(model_folder), "--draw", str(target)]) == 0
    with Image.open(target) as drawn, Image.open(picture_file) as original:
        assert drawn.size == original.size
        assert drawn.getpixel((30, 40)) != original.getpixel((30, 40))
        assert drawn.getpixel((60, 40)) == original.getpixel((60, 40))


def test_an_answer_that_fails_is_a_sentence_on_stderr(answer: SetAnswer, model_folder: Path, capsys: Captured) -> None:
    answer(ev.EngineFailed("engine.device", "The model stopped: out of\nmemory.", "Load it again.", recoverable=False))
    assert main(["ask", "hello", "--model", str(model_folder)]) == 1
    assert capsys.readouterr().err == "mlx-gemma4: The model stopped: out of memory. Load it again.\n"


def bad_words(tmp_path: Path, picture: Path, model: Path) -> dict[str, tuple[list[str], str]]:
    (tmp_path / "empty.png").touch()
    (tmp_path / "text.png").write_text("words")
    (tmp_path / "cut.png").write_bytes(picture.read_bytes()[:-60])
    Image.new("1", (1, 4000)).save(tmp_path / "strip.png")
    file, folder, on = str(picture), str(tmp_path), ["--model", str(model)]
    return {
        "missing": (["detect", "gone.png", *on], "There is no file gone.png"),
        "folder": (["detect", folder, *on], "is a folder"),
        "web address": (["detect", "https://example.org/a.png", *on], "web address"),
        "empty": (["detect", f"{folder}/empty.png", *on], "0 bytes"),
        "no picture": (["ask", f"{folder}/text.png", "what?", *on], "neither a picture, a sound"),
        "truncated": (["ask", f"{folder}/cut.png", "what?", *on], "damaged"),
        "strip": (["ask", f"{folder}/strip.png", "what?", *on], "strip"),
        "no question": (["ask", file, *on], "no question"),
        "no checkpoint": (["detect", file, "--model", folder], folder),
        "temperature": (["detect", file, "--temperature", "-1", *on], "temperature"),
        "length": (["detect", file, "--max-tokens", "0", *on], "max_tokens"),
        "seed": (["ask", "what?", "--seed", "-1", *on], "seed -1"),
        "thinking budget": (["ask", "what?", "--think-budget", "-1", *on], "thinking budget is -1"),
        "stop": (["ask", "what?", "--stop", "", *on], "stop string is empty"),
        "drawing": (["detect", file, "--draw", f"{folder}/out.txt", *on], "ending of a picture"),
    }


@pytest.mark.parametrize("case", BAD_CASES)
def test_bad_input_is_one_sentence_and_exit_code_two(
    case: str, tmp_path: Path, picture_file: Path, model_folder: Path, capsys: Captured
) -> None:
    words, sentence = bad_words(tmp_path, picture_file, model_folder)[case]
    assert main(words) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert sentence in err and err.startswith("mlx-gemma4: ") and err.count("\n") == 1 and "Traceback" not in err


@pytest.mark.parametrize("words", [[], ["sing"], ["detect"], ["ask"], ["detect", "a.png", "--budget", "99"]])
def test_words_that_are_no_command_end_with_the_usage(words: list[str], capsys: Captured) -> None:
    with pytest.raises(SystemExit) as ended:
        main(words)
    assert ended.value.code == 2
    assert "usage: mlx-gemma4" in capsys.readouterr().err


def command(*words: str) -> list[str]:
    return [sys.executable, "-m", "mlx_gemma4.cli.main", *words]


@pytest.fixture
def endless_model(model_folder: Path, tmp_path: Path) -> Path:
    """The tiny model with no token that ends its turn."""
    shutil.copytree(model_folder, tmp_path, dirs_exist_ok=True)
    (tmp_path / "generation_config.json").write_text('{"eos_token_id": []}')
    return tmp_path


INTERRUPTIBLE = """
import signal
from mlx_gemma4.cli.main import main
signal.signal(signal.SIGINT, signal.default_int_handler)
raise SystemExit(main())
"""
"""The command as a terminal starts it; what a shell starts in the background, such as these tests, ignores Ctrl-C."""


def test_control_c_ends_quietly(endless_model: Path) -> None:
    words = [sys.executable, "-c", INTERRUPTIBLE, "ask", "the box", "--model", str(endless_model)]
    words += ["--max-tokens", "100000", "--json"]
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment) as running:
        assert running.stdout is not None and running.stderr is not None
        # not before the first words: while a kernel is compiled, `system` ignores a signal that comes to us alone
        while json.loads(running.stdout.readline())["type"] not in ("TextDelta", "ThoughtDelta"):
            pass
        running.send_signal(signal.SIGINT)
        running.stdout.read()
        assert running.stderr.read().strip() == ""
    assert running.returncode == 130


def test_a_reader_that_goes_away_is_no_error(endless_model: Path) -> None:
    words = command("ask", "the box", "--model", str(endless_model), "--max-tokens", "100000", "--json")
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as running:
        assert running.stdout is not None and running.stderr is not None
        running.stdout.readline()
        running.stdout.close()
        assert running.stderr.read() == ""
    assert running.returncode == 141
