"""Writing recordings down: one after the other, stopped and gone on with, corrected, heard again, exported."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from app.engine_link.scripted_client import Timed
from app.state.engine_status import EngineState
from app.state.turn import Turn, TurnStatus
from mlx_gemma4.protocol.care import ModelUnloaded
from mlx_gemma4.protocol.events import EngineFailed, MediaProbed, TranscriptSegment
from mlx_gemma4.protocol.parts import TextPart
from mlx_gemma4.protocol.requests import HearMedia, Load, Stop, Transcribe
from tests.unit.app.scripted import Rig, said

TALK = said((0.0, 20.0, "Good morning."), (20.0, 60.0, "We begin at seven."))


@pytest.fixture
def hearing(rig: Rig, qtbot: QtBot) -> Rig:
    rig.hears = True
    rig.transcribe = lambda request: TALK
    rig.actions.engine.start()
    qtbot.waitUntil(lambda: rig.session.engine.state is EngineState.READY)
    return rig


def attach(rig: Rig, folder: Path, *names: str) -> None:
    for name in names:
        (folder / name).write_bytes(b"RIFF")
    rig.actions.attachments.add_files([str(folder / name) for name in names])


def requests(rig: Rig) -> list[Transcribe]:
    return [request for request in rig.client.requests if isinstance(request, Transcribe)]


def write(rig: Rig, qtbot: QtBot, folder: Path, *names: str) -> list[Turn]:
    attach(rig, folder, *names)
    qtbot.waitUntil(lambda: all(item.seconds for item in rig.session.attachments.items))
    rig.actions.transcripts.write_down.trigger()
    return rig.session.conversation.turns


def test_it_is_offered_for_recordings_to_a_model_that_hears(hearing: Rig, tmp_path: Path, picture: str) -> None:
    deed = hearing.actions.transcripts.write_down
    assert not deed.enabled
    attach(hearing, tmp_path, "talk.wav")
    assert deed.enabled
    hearing.actions.attachments.add_files([picture])
    assert not deed.enabled, "a picture has no words to write down"
    hearing.actions.attachments.remove(hearing.session.attachments.items[1])
    hearing.session.engine.hears = False
    assert not deed.enabled


def test_segments_land_on_the_stage(hearing: Rig, qtbot: QtBot, tmp_path: Path) -> None:
    (turn,) = write(hearing, qtbot, tmp_path, "talk.wav")
    qtbot.waitUntil(lambda: hearing.session.conversation.idle)
    stage = hearing.session.stage
    assert stage.written is turn and stage.tab == "transcript" and stage.is_open
    assert turn.status is TurnStatus.DONE and turn.text == "Good morning.\nWe begin at seven.\n"
    assert hearing.session.conversation.title == "talk"
    assert [(request.start, request.first_piece) for request in requests(hearing)] == [(0.0, 0)]


def test_several_are_written_down_one_after_the_other(hearing: Rig, qtbot: QtBot, tmp_path: Path) -> None:
    hearing.transcribe = lambda request: [(0.02, event) for _, event in TALK]
    turns = write(hearing, qtbot, tmp_path, "one.wav", "two.wav", "three.wav")
    assert [turn.status is TurnStatus.WAITING for turn in turns] == [True] * 3
    assert not hearing.session.conversation.idle
    hearing.actions.transcripts.cancel(turns[1])
    qtbot.waitUntil(lambda: hearing.session.conversation.idle)
    assert [turn.status for turn in turns] == [TurnStatus.DONE, TurnStatus.STOPPED, TurnStatus.DONE]
    assert [Path(request.path).name for request in requests(hearing)] == ["one.wav", "three.wav"]
    hearing.actions.transcripts.go_on(turns[1])
    qtbot.waitUntil(lambda: turns[1].status is TurnStatus.DONE)
    assert len(hearing.session.conversation.turns) == 3


def test_one_that_fails_does_not_keep_the_others_and_can_be_tried_again(
    hearing: Rig, qtbot: QtBot, tmp_path: Path
) -> None:
    damaged = [(0.0, EngineFailed("media.damaged", "It is damaged.", "Copy it again.", True))]
    hearing.transcribe = lambda request: damaged if request.path.endswith("one.wav") else TALK
    turns = write(hearing, qtbot, tmp_path, "one.wav", "two.wav")
    qtbot.waitUntil(lambda: hearing.session.conversation.idle)
    assert [turn.status for turn in turns] == [TurnStatus.FAILED, TurnStatus.DONE]
    hearing.transcribe = lambda request: TALK
    hearing.actions.transcripts.go_on(turns[0])
    qtbot.waitUntil(lambda: hearing.session.conversation.idle)
    assert turns[0].status is TurnStatus.DONE and turns[0].error is None


def test_stop_ends_all_and_the_rest_can_be_gone_on_with(hearing: Rig, qtbot: QtBot, tmp_path: Path) -> None:
    hearing.transcribe = lambda request: [*TALK[:2], (60.0, TALK[-1][1])]
    turns = write(hearing, qtbot, tmp_path, "one.wav", "two.wav")
    qtbot.waitUntil(lambda: bool(turns[0].text))
    hearing.actions.conversation.stop.trigger()
    qtbot.waitUntil(lambda: hearing.session.conversation.idle)
    assert [turn.status for turn in turns] == [TurnStatus.STOPPED] * 2
    assert any(isinstance(request, Stop) for request in hearing.client.requests)
    rest = said((20.0, 60.0, "We begin at seven."))
    hearing.transcribe = lambda request: rest if request.start else TALK
    hearing.actions.transcripts.go_on_with_all()
    qtbot.waitUntil(lambda: hearing.session.conversation.idle)
    assert [(request.start, request.first_piece) for request in requests(hearing)[-2:]] == [(20.0, 1), (0.0, 0)]
    assert [turn.text for turn in turns] == ["Good morning.\nWe begin at seven.\n"] * 2


def test_who_goes_on_gives_back_what_was_heard_and_not_told(hearing: Rig, qtbot: QtBot, tmp_path: Path) -> None:
    first = [
        TranscriptSegment(0.0, 9.0, "Good morning.", piece=0),
        TranscriptSegment(9.0, 14.0, "We begin", piece=1, more=True),
        TranscriptSegment(14.0, 20.0, "with the doors,", piece=1, held="which at"),
    ]
    hearing.transcribe = lambda request: [*((0.0, event) for event in first), (60.0, TALK[-1][1])]
    (turn,) = write(hearing, qtbot, tmp_path, "one.wav")
    qtbot.waitUntil(lambda: turn.transcript is not None and turn.transcript.end == 20.0)
    hearing.actions.conversation.stop.trigger()
    qtbot.waitUntil(lambda: hearing.session.conversation.idle)
    hearing.actions.transcripts.edit(turn, 1, "We start")
    hearing.transcribe = lambda request: said((20.0, 60.0, "which we open."))
    hearing.actions.transcripts.go_on(turn)
    qtbot.waitUntil(lambda: turn.status is TurnStatus.DONE)
    rest = requests(hearing)[-1]
    assert (rest.start, rest.first_piece, rest.held) == (20.0, 2, "which at")
    assert rest.context == "We start with the doors,"


def test_a_piece_of_which_only_a_part_came_is_heard_again(hearing: Rig, qtbot: QtBot, tmp_path: Path) -> None:
    first = [
        TranscriptSegment(0.0, 9.0, "Good morning.", piece=0),
        TranscriptSegment(9.0, 14.0, "We begin", piece=1, more=True),
    ]
    broke_off = EngineFailed("media.damaged", "It breaks off.", "", True)
    hearing.transcribe = lambda request: [*((0.0, event) for event in first), (0.0, broke_off)]
    (turn,) = write(hearing, qtbot, tmp_path, "one.wav")
    qtbot.waitUntil(lambda: turn.status is TurnStatus.FAILED)
    hearing.transcribe = lambda request: said((9.0, 13.0, "We start"), (13.0, 60.0, "at seven."))
    hearing.actions.transcripts.go_on(turn)
    qtbot.waitUntil(lambda: turn.status is TurnStatus.DONE)
    rest = requests(hearing)[-1]
    assert (rest.start, rest.first_piece, rest.context) == (9.0, 1, "Good morning.")
    assert turn.text == "Good morning.\nWe start\nat seven.\n"


def test_lines_are_corrected_and_pieces_heard_again(hearing: Rig, qtbot: QtBot, tmp_path: Path) -> None:
    (turn,) = write(hearing, qtbot, tmp_path, "talk.wav")
    qtbot.waitUntil(lambda: hearing.session.conversation.idle)
    hearing.actions.transcripts.edit(turn, 0, " Good \n evening. ")
    assert turn.text.startswith("Good evening.\n")
    again: list[Timed] = said((20.0, 30.0, "We begin."), (30.0, 60.0, "At eleven."))
    hearing.transcribe = lambda request: again
    hearing.actions.transcripts.redo(turn, 1)
    assert turn.transcript is not None and turn.transcript.redoing == 1
    qtbot.waitUntil(lambda: turn.transcript is not None and turn.transcript.redoing is None)
    request = requests(hearing)[-1]
    assert (request.start, request.end) == (20.0, 60.0)
    assert turn.text == "Good evening.\nWe begin.\nAt eleven.\n"
    assert {line.piece for line in turn.transcript.lines[1:]} == {1}


def test_hearing_a_piece_again_brings_back_a_model_that_sleeps(hearing: Rig, qtbot: QtBot, tmp_path: Path) -> None:
    (turn,) = write(hearing, qtbot, tmp_path, "talk.wav")
    qtbot.waitUntil(lambda: hearing.session.conversation.idle)
    hearing.session.apply(ModelUnloaded())
    hearing.transcribe = lambda request: said((20.0, 60.0, "At eleven."))
    hearing.actions.transcripts.redo(turn, 1)
    assert turn.transcript is not None and turn.transcript.redoing == 1, "it is seen that something happens"
    qtbot.waitUntil(lambda: turn.text == "Good morning.\nAt eleven.\n")
    assert [type(request) for request in hearing.client.requests if isinstance(request, Load | Transcribe)] == [
        Load, Transcribe, Load, Transcribe,
    ]  # fmt: skip


def test_a_model_that_does_not_come_back_leaves_the_piece_as_it_was(hearing: Rig, qtbot: QtBot, tmp_path: Path) -> None:
    (turn,) = write(hearing, qtbot, tmp_path, "talk.wav")
    qtbot.waitUntil(lambda: hearing.session.conversation.idle)
    hearing.session.apply(ModelUnloaded())
    hearing.load = lambda request: [(0.0, EngineFailed("weights.missing", "It is gone.", "", True))]
    hearing.actions.transcripts.redo(turn, 1)
    qtbot.waitUntil(lambda: turn.transcript is not None and turn.transcript.redoing is None)
    assert "It is gone." in hearing.session.notices.items[-1].text
    assert turn.text == "Good morning.\nWe begin at seven.\n"


def test_a_clip_is_written_down_if_it_has_sound(hearing: Rig, qtbot: QtBot, tmp_path: Path) -> None:
    film = MediaProbed("clip", 64, 48, 70, "", "", 6.0, moments=(0.0, 3.0))
    for has_sound in (True, False):
        hearing.probed = replace(film, has_sound=has_sound)
        attach(hearing, tmp_path, "a.mp4")
        qtbot.waitUntil(lambda: bool(hearing.session.attachments.items[0].seconds))
        assert hearing.actions.transcripts.write_down.enabled == has_sound
        hearing.session.begin_new()


def test_a_piece_that_cannot_be_heard_again_stays_as_it_was(hearing: Rig, qtbot: QtBot, tmp_path: Path) -> None:
    (turn,) = write(hearing, qtbot, tmp_path, "talk.wav")
    qtbot.waitUntil(lambda: hearing.session.conversation.idle)
    broken = [(0.0, TranscriptSegment(20.0, 30.0, "Half")), (0.0, EngineFailed("x", "It broke.", "", True))]
    hearing.transcribe = lambda request: broken
    hearing.actions.transcripts.redo(turn, 1)
    qtbot.waitUntil(lambda: bool(hearing.session.notices.items))
    assert turn.text == "Good morning.\nWe begin at seven.\n"
    assert hearing.session.notices.items[-1].text == "It broke."


def test_what_is_asked_afterwards_is_about_the_words_with_their_times(
    hearing: Rig, qtbot: QtBot, tmp_path: Path
) -> None:
    write(hearing, qtbot, tmp_path, "talk.wav")
    qtbot.waitUntil(lambda: hearing.session.conversation.idle)
    hearing.actions.conversation.ask("When does it begin?")
    qtbot.waitUntil(lambda: hearing.session.conversation.idle)
    words = hearing.asks()[-1].messages[1].parts
    assert words == (TextPart("[0:00] Good morning.\n[0:20] We begin at seven."),)


@pytest.mark.parametrize(("ending", "begins"), [("srt", "1\n"), ("vtt", "WEBVTT\n"), ("txt", "Good"), ("json", "[")])
def test_export(hearing: Rig, qtbot: QtBot, tmp_path: Path, ending: str, begins: str) -> None:
    write(hearing, qtbot, tmp_path, "talk.wav")
    qtbot.waitUntil(lambda: hearing.session.conversation.idle)
    hearing.target = str(tmp_path / f"out.{ending}")
    hearing.actions.transcripts.export.trigger()
    text = Path(hearing.target).read_text()
    assert text.startswith(begins) and "seven" in text
    if ending == "json":
        assert [line["start"] for line in json.loads(text)] == [0.0, 20.0]


def test_export_says_what_is_wrong(hearing: Rig, qtbot: QtBot, tmp_path: Path) -> None:
    write(hearing, qtbot, tmp_path, "talk.wav")
    qtbot.waitUntil(lambda: hearing.session.conversation.idle)
    sentences = []
    for name in ("out.doc", "gone/out.srt"):
        hearing.target = str(tmp_path / name)
        hearing.actions.transcripts.export.trigger()
        sentences.append(hearing.session.notices.items[-1].text)
    assert ".srt, .vtt, .txt or .json" in sentences[0] and "cannot be written" in sentences[1]


class ScriptedPlayer:
    """Plays silently; the test moves its place."""

    def __init__(self) -> None:
        self.played: list[tuple[str, float]] = []
        self.position, self.is_playing = 0.0, False

    def play(self, file: str, seconds: float) -> str:
        self.played.append((file, seconds))
        self.position, self.is_playing = seconds, True
        return ""

    def stop(self) -> None:
        self.is_playing = False


@pytest.fixture
def playing(qapp: object, qtbot: QtBot) -> Iterable[Rig]:
    rig = Rig(hears=True, player=ScriptedPlayer(), transcribe=lambda request: TALK)
    rig.actions.engine.start()
    qtbot.waitUntil(lambda: rig.session.engine.state is EngineState.READY)
    yield rig
    rig.close()


def test_a_recording_plays_from_any_moment_as_soon_as_its_sound_is_there(
    playing: Rig, qtbot: QtBot, tmp_path: Path
) -> None:
    player = playing.player
    assert isinstance(player, ScriptedPlayer)
    (turn,) = write(playing, qtbot, tmp_path, "talk.wav")
    qtbot.waitUntil(lambda: playing.session.conversation.idle)
    state, recording = playing.session.listening, turn.attachments[0]
    playing.actions.listening.play(recording, 20.0)
    assert state.waits
    qtbot.waitUntil(lambda: state.plays)
    assert player.played == [("decoded.wav", 20.0)] and recording.peaks
    player.position = 31.5
    qtbot.waitUntil(lambda: state.position == 31.5)
    playing.actions.listening.toggle.trigger()
    assert not state.plays and state.position == 31.5
    playing.actions.listening.toggle.trigger()
    assert player.played[-1] == ("decoded.wav", 31.5)
    player.is_playing = False
    qtbot.waitUntil(lambda: not state.plays)
    assert state.position == 60.0
    assert sum(isinstance(request, HearMedia) for request in playing.client.requests) == 1


def test_without_a_player_there_is_a_sentence(hearing: Rig, qtbot: QtBot, tmp_path: Path) -> None:
    (turn,) = write(hearing, qtbot, tmp_path, "talk.wav")
    hearing.actions.listening.play(turn.attachments[0], 0.0)
    assert "can be played" in hearing.session.notices.items[-1].text


def test_a_clip_keeps_its_length_and_silence_follows_a_sound_that_ends_before_it(
    playing: Rig, qtbot: QtBot, tmp_path: Path
) -> None:
    playing.probed = MediaProbed("clip", 64, 48, 70, "", "", 120.0, moments=(0.0, 60.0), has_sound=True)
    attach(playing, tmp_path, "a.mp4")
    (clip,) = playing.session.attachments.items
    qtbot.waitUntil(lambda: bool(clip.seconds))
    playing.actions.listening.make_ready(clip)
    qtbot.waitUntil(lambda: bool(clip.peaks))
    assert clip.seconds == 120.0 and clip.peaks == (0.1, 0.9, 0.4, 0.0, 0.0, 0.0)
