"""`mlx-gemma4 transcribe`: segments on the terminal as they land, subtitles in files, one sentence for bad input."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from mlx_gemma4.cli.main import main
from mlx_gemma4.engine.engine import Engine
from mlx_gemma4.protocol import events as ev
from mlx_gemma4.protocol.requests import Transcribe
from mlx_gemma4.protocol.wire import read_events
from tests.unit.cli.subtitle_grammar import parse_srt, parse_vtt
from tests.unit.media.sound_files import tone, write_wav

Captured = pytest.CaptureFixture[str]
Says = Callable[..., list[Transcribe]]
TALK = [
    ev.TranscriptSegment(0.0, 4.5, "Guten Tag.", "Good day."),
    ev.TranscriptSegment(4.5, 70.0, ""),
    ev.TranscriptSegment(70.0, 3725.0, "Auf \x1b[31mWiedersehen.", "Good\nbye."),
]
DONE = ev.TurnFinished("end_of_turn")


@pytest.fixture
def says(monkeypatch: pytest.MonkeyPatch) -> Says:
    """Make the loaded model hear certain things, and keep what it was asked."""
    asked: list[Transcribe] = []

    def set_events(*events: ev.Event) -> list[Transcribe]:
        def transcribe(self: Engine, request: Transcribe) -> Iterator[ev.Event]:
            asked.append(request)
            yield from events

        monkeypatch.setattr(Engine, "transcribe", transcribe)
        return asked

    return set_events


def test_segments_are_printed_with_their_time_and_translation(
    says: Says, model_folder: Path, talk_file: Path, capsys: Captured
) -> None:
    asked = says(*TALK, DONE)
    words = ["transcribe", str(talk_file), "--model", str(model_folder), "--language", "German"]
    assert main([*words, "--translate-to", "English", "--max-tokens", "99"]) == 0
    assert capsys.readouterr().out == (
        "[0:00:00] Guten Tag.\n          Good day.\n[0:01:10] Auf \x1b[31mWiedersehen.\n          Good\nbye.\n"
    )
    (request,) = asked
    assert (request.path, request.language, request.translate_to) == (str(talk_file), "German", "English")
    assert request.max_tokens == 99 and request.sampling.temperature == 0


def test_subtitles_of_the_real_model_keep_their_grammar(
    hearing_folder: Path, talk_file: Path, tmp_path: Path, capsys: Captured
) -> None:
    files = {kind: tmp_path / f"talk.{kind}" for kind in ("srt", "vtt", "txt")}
    options = [word for kind, file in files.items() for word in (f"--{kind}", str(file))]
    words = ["transcribe", str(talk_file), "--model", str(hearing_folder), "--max-tokens", "12", *options]
    assert main(words) == 0
    shown = [line for line in capsys.readouterr().out.splitlines() if line]
    srt, vtt = parse_srt(files["srt"].read_text()), parse_vtt(files["vtt"].read_text())
    assert srt and [cue[:2] for cue in srt] == [cue[:2] for cue in vtt]
    assert len(files["txt"].read_text().splitlines()) == len(srt) <= len(shown)


def test_events_are_printed_one_event_a_line_and_files_are_written_all_the_same(
    says: Says, model_folder: Path, talk_file: Path, tmp_path: Path, capsys: Captured
) -> None:
    says(*TALK, DONE)
    words = ["transcribe", str(talk_file), "--model", str(model_folder), "--events", "--txt", str(tmp_path / "a.txt")]
    assert main(words) == 0
    assert list(read_events(capsys.readouterr().out.splitlines(keepends=True))) == [*TALK, DONE]
    assert (tmp_path / "a.txt").read_text() == "Good day.\nGood bye.\n"


def test_several_recordings_go_into_a_folder(
    says: Says, model_folder: Path, talk_file: Path, tmp_path: Path, capsys: Captured
) -> None:
    asked = says(*TALK, DONE)
    other = write_wav(tmp_path / "other.wav", tone(1))
    words = ["transcribe", str(talk_file), str(other), "--model", str(model_folder), "--srt", str(tmp_path)]
    assert main(words) == 0
    assert [request.path for request in asked] == [str(talk_file), str(other)]
    assert len(parse_srt((tmp_path / "talk.srt").read_text())) == len(parse_srt((tmp_path / "other.srt").read_text()))
    assert capsys.readouterr().out.startswith(f"{talk_file}:\n[0:00:00] Guten Tag.\n")


def test_files_lie_beside_the_recordings_and_a_recording_behind_an_option_is_one(
    says: Says, model_folder: Path, talk_file: Path, tmp_path: Path
) -> None:
    files = [write_wav(tmp_path / name, tone(1)) for name in ("one.wav", "two.wav")]
    asked = says(*TALK, DONE)
    assert main(["transcribe", "--model", str(model_folder), "--json", "--srt", str(files[0]), str(files[1])]) == 0
    assert sorted(request.path for request in asked) == sorted(map(str, files))
    for file in files:
        assert len(parse_srt(file.with_suffix(".srt").read_text())) == 2
        assert next(cue["text"] for cue in json.loads(file.with_suffix(".json").read_text())) == "Guten Tag."


def test_ctrl_c_keeps_what_there_is(
    model_folder: Path, talk_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    stopped: list[str] = []

    def transcribe(self: Engine, request: Transcribe) -> Iterator[ev.Event]:
        yield TALK[0]
        os.kill(os.getpid(), signal.SIGINT)
        assert stopped == [request.id], "the engine is asked to end, and nothing is torn"
        yield ev.TurnFinished("stopped")

    monkeypatch.setattr(Engine, "transcribe", transcribe)
    monkeypatch.setattr(Engine, "stop", lambda self, request_id: stopped.append(request_id))
    before = signal.getsignal(signal.SIGINT)
    other = write_wav(tmp_path / "other.wav", tone(1))
    out = tmp_path / "out"
    out.mkdir()
    words = ["transcribe", str(talk_file), str(other), "--model", str(model_folder)]
    assert main([*words, "--json", str(out), "--vtt", str(out)]) == 130
    assert [cue["text"] for cue in json.loads((out / "talk.json").read_text())] == ["Guten Tag."]
    assert len(parse_vtt((out / "talk.vtt").read_text())) == 1
    assert not (out / "other.json").exists(), "the rest of the list is not begun"
    assert signal.getsignal(signal.SIGINT) is before


def test_what_was_heard_before_an_error_is_in_the_file(
    says: Says, model_folder: Path, talk_file: Path, tmp_path: Path, capsys: Captured
) -> None:
    says(TALK[0], ev.EngineFailed("media.damaged", "It breaks off.", "Copy it again.", recoverable=True))
    words = ["transcribe", str(talk_file), "--model", str(model_folder), "--srt", str(tmp_path / "a.srt")]
    assert main(words) == 2
    assert capsys.readouterr().err == "mlx-gemma4: It breaks off. Copy it again.\n"
    assert len(parse_srt((tmp_path / "a.srt").read_text())) == 1


def test_a_file_is_not_replaced_where_nothing_can_be_written_into_it(
    model_folder: Path, talk_file: Path, tmp_path: Path, capsys: Captured
) -> None:
    (tmp_path / "a.srt").write_text("precious")
    words = ["transcribe", str(talk_file), "--model", str(model_folder), "--srt", str(tmp_path / "a.srt")]
    assert main(words) == 2
    assert "does not hear" in capsys.readouterr().err
    assert (tmp_path / "a.srt").read_text() == "precious"


BAD = {
    "missing": (["gone.wav"], "There is no file gone.wav"),
    "picture": (["PICTURE"], "neither a sound nor a clip"),
    "language": (["TALK", "--language", "1\n2"], "is not the name of a language"),
    "length": (["TALK", "--max-tokens", "0"], "max_tokens"),
    "folder": (["TALK", "--srt", "gone/a.srt"], "There is no folder"),
    "deaf": (["TALK"], "does not hear"),
    "nothing": (["--srt"], "nothing to write down"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_input_is_one_sentence_and_exit_code_two(
    case: str, model_folder: Path, talk_file: Path, picture_file: Path, capsys: Captured
) -> None:
    words, sentence = BAD[case]
    files = {"TALK": str(talk_file), "PICTURE": str(picture_file)}
    assert main(["transcribe", *(files.get(word, word) for word in words), "--model", str(model_folder)]) == 2
    out, err = capsys.readouterr()
    assert out == "" and sentence in err and err.count("\n") == 1
