"""Moments: of a clip with its sound, of a recording, of a transcript; and the small pictures of frames."""

from __future__ import annotations

from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from app.state.attachments import Attachment
from app.state.engine_status import EngineState
from app.state.moments import Moments
from app.state.sheets import Sheet
from app.state.turn import Turn
from mlx_gemma4.protocol.events import EngineFailed, MediaProbed
from mlx_gemma4.protocol.requests import HearMedia, ShowMedia
from tests.unit.app.actions.test_transcripts import ScriptedPlayer
from tests.unit.app.scripted import Rig

MOMENTS = tuple(number * 0.75 for number in range(8))


@pytest.fixture
def ready(rig: Rig, picture: str, qtbot: QtBot) -> Rig:
    rig.hears = True
    rig.probed = MediaProbed("clip", 640, 480, 560, picture, picture, 6.0, moments=MOMENTS, has_sound=True)
    rig.shown = lambda request: Rig.show(picture)
    rig.actions.engine.start()
    qtbot.waitUntil(lambda: rig.session.engine.state is EngineState.READY)
    return rig


def ask(rig: Rig, qtbot: QtBot, file: Path) -> Turn:
    file.write_bytes(b"\0")
    rig.actions.attachments.add_files([str(file)])
    qtbot.waitUntil(lambda: bool(rig.session.attachments.items[0].seconds))
    rig.actions.conversation.ask("What happens?")
    qtbot.waitUntil(lambda: rig.session.conversation.idle)
    return rig.session.conversation.turns[-1]


def frames_asked(rig: Rig) -> list[float]:
    shown = [request for request in rig.client.requests if isinstance(request, ShowMedia) and request.longest == 256]
    return [request.seconds for request in shown]


def test_small_pictures_are_made_one_by_one_from_what_is_looked_at_outwards(
    ready: Rig, qtbot: QtBot, tmp_path: Path, picture: str
) -> None:
    turn = ask(ready, qtbot, tmp_path / "a.mp4")
    clip, sheets = turn.attachments[0], ready.session.stage.sheets
    made = [sheets.get(clip, index) for index in range(8)]
    qtbot.waitUntil(lambda: all(frame.thumbnail == picture for frame in made))
    assert frames_asked(ready) == list(MOMENTS[1:])
    assert not [frame for frame in made[1:] if frame.display], "the large ones wait until they are looked at"


def test_a_frame_that_cannot_be_read_is_asked_for_once(ready: Rig, qtbot: QtBot, tmp_path: Path) -> None:
    broken = EngineFailed("media.damaged", "It is damaged.", "", True)
    ready.shown = lambda request: broken if request.seconds == MOMENTS[3] else Rig.show("small.png")
    ask(ready, qtbot, tmp_path / "a.mp4")
    qtbot.waitUntil(lambda: len(frames_asked(ready)) == 7)
    ready.session.stage.is_open = False
    ready.session.stage.is_open = True
    assert frames_asked(ready) == list(MOMENTS[1:])


def test_a_time_shows_the_frame_that_the_model_read_it_from_and_the_sound_goes_along(
    ready: Rig, qtbot: QtBot, tmp_path: Path
) -> None:
    turn = ask(ready, qtbot, tmp_path / "a.mp4")
    stage, listening = ready.session.stage, ready.session.listening
    stage.is_open = False
    stage.seek(turn, 5.0)  # the model reads 5.25 s as 0:05
    assert stage.is_open and stage.sheet == 7 and listening.position == 5.25
    stage.seek(turn, 3.2)
    assert stage.sheet == 4 and listening.position == 3.2
    assert not listening.plays
    stage.seek(turn, 7.0)
    assert stage.sheet == 4, "the clip has no such moment"


def test_frame_and_sound_go_together(ready: Rig, qtbot: QtBot, tmp_path: Path) -> None:
    turn = ask(ready, qtbot, tmp_path / "a.mp4")
    stage, listening, clip = ready.session.stage, ready.session.listening, turn.attachments[0]
    ready.actions.sheets.later.trigger()
    assert listening.recording is clip and listening.position == MOMENTS[1]
    ready.actions.listening.seek(clip, 4.9)
    assert stage.sheet == 6 and listening.position == 4.9


def test_another_recording_that_plays_is_left_alone(ready: Rig, qtbot: QtBot, tmp_path: Path) -> None:
    ask(ready, qtbot, tmp_path / "a.mp4")
    listening, other = ready.session.listening, Attachment("/talk.wav", kind="sound")
    listening.recording, listening.plays, listening.position = other, True, 9.0
    ready.actions.sheets.later.trigger()
    assert ready.session.stage.sheet == 1 and (listening.recording, listening.position) == (other, 9.0)


def test_frames_follow_the_sound_that_plays(qapp: object, qtbot: QtBot, tmp_path: Path, picture: str) -> None:
    player = ScriptedPlayer()
    rig = Rig(hears=True, player=player)
    rig.probed = MediaProbed("clip", 640, 480, 560, picture, picture, 6.0, moments=MOMENTS, has_sound=True)
    rig.shown = lambda request: Rig.show(picture)
    rig.actions.engine.start()
    ask(rig, qtbot, tmp_path / "a.mp4")
    rig.actions.listening.toggle.trigger()
    qtbot.waitUntil(lambda: rig.session.listening.plays)
    player.position = 2.3
    qtbot.waitUntil(lambda: rig.session.stage.sheet == 3)
    assert rig.session.listening.plays
    rig.close()


def test_a_silent_clip_is_not_listened_to(ready: Rig, qtbot: QtBot, tmp_path: Path, picture: str) -> None:
    ready.probed = MediaProbed("clip", 640, 480, 560, picture, picture, 6.0, moments=MOMENTS)
    turn = ask(ready, qtbot, tmp_path / "a.mp4")
    ready.session.stage.seek(turn, 3.0)
    assert ready.session.stage.sheet == 4 and ready.session.listening.recording is None
    assert not ready.actions.listening.toggle.enabled
    assert not any(isinstance(request, HearMedia) for request in ready.client.requests)


def test_a_time_about_a_recording_goes_to_its_player_or_its_transcript(
    ready: Rig, qtbot: QtBot, tmp_path: Path
) -> None:
    turn = ask(ready, qtbot, tmp_path / "talk.wav")
    stage, listening, talk = ready.session.stage, ready.session.listening, turn.attachments[0]
    assert stage.tab == "sound" and stage.recording is talk and stage.is_open
    stage.is_open = False
    stage.seek(turn, 12.0)
    assert stage.is_open and (listening.recording, listening.position) == (talk, 12.0)
    ready.actions.transcripts.write_files([talk])
    qtbot.waitUntil(lambda: ready.session.conversation.idle)
    ready.actions.conversation.ask("When does it begin?")
    qtbot.waitUntil(lambda: ready.session.conversation.idle)
    stage.show_recording(talk)
    stage.seek(ready.session.conversation.turns[-1], 20.0)
    assert stage.tab == "transcript" and listening.position == 20.0


def test_a_time_means_the_last_medium_that_lasts_so_long() -> None:
    clip, talk = Attachment("/a.mp4", kind="clip"), Attachment("/b.wav", kind="sound")
    clip.seconds, talk.seconds = 6.0, 60.0
    first, second, third = Turn("1", (talk,)), Turn("2", (clip,)), Turn("3")
    second.before, third.before = first, second
    assert Moments(third).meant(6.0) == (clip, second)
    assert Moments(third).meant(6.5) == (talk, first) and Moments(third).meant(61.0) is None
    assert not Moments(Turn("4")).reach(0.0)
    clip.refuse("It is damaged.", "")
    assert Moments(third).meant(6.0) == (talk, first)


def test_frames_have_no_pictures_of_other_files(ready: Rig, qtbot: QtBot, tmp_path: Path) -> None:
    turn = ask(ready, qtbot, tmp_path / "a.mp4")
    frame = ready.session.stage.sheets.get(turn.attachments[0], 2)
    assert isinstance(frame, Sheet)
    ready.session.begin_new()
    assert ready.session.stage.sheets.get(turn.attachments[0], 2) is not frame
