"""The strip of frames below a clip, its sound, and a recording that was asked about."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from app.state.attachments import Attachment, AttachmentStatus
from app.state.turn import Turn
from app.views.stage.clip_bar import ClipBar
from app.views.stage.sound_view import SoundView
from app.views.theme import Theme
from tests.unit.app.scripted import Rig

LEFT = Qt.MouseButton.LeftButton


def clip(frames: int = 8, *, has_sound: bool = False) -> Attachment:
    result = Attachment("/a.mp4", kind="clip")
    result.width, result.height, result.seconds = 640, 360, 1.5 * frames
    result.moments, result.has_sound = tuple(1.5 * index for index in range(frames)), has_sound
    result.status = AttachmentStatus.READY
    return result


@pytest.fixture
def bar(rig: Rig, qtbot: QtBot, shown: Theme) -> ClipBar:
    bar = ClipBar(rig.session, rig.actions.listening)
    qtbot.addWidget(bar)
    bar.resize(400, 160)
    bar.show()
    return bar


def names(bar: ClipBar) -> list[str]:
    return [card.accessibleName() for card in bar.strip.cards]


def test_it_shows_the_frames_with_their_times_and_boxes(bar: ClipBar, rig: Rig) -> None:
    turn = Turn("Where?", (clip(3),))
    rig.session.stage.show(turn)
    for seconds in (1.0, 1.0, 3.0):
        turn.add_box((1, 2, 3, 4), "ball", 0, seconds=seconds)
    assert names(bar) == [
        "Frame at 0:00, 1 of 3, shown", "Frame at 0:01, 2 of 3, 2 boxes", "Frame at 0:03, 3 of 3, 1 box",
    ]  # fmt: skip
    turn.restart()
    assert names(bar)[1] == "Frame at 0:01, 2 of 3"


def test_a_click_and_keys_show_a_frame(bar: ClipBar, rig: Rig, qtbot: QtBot) -> None:
    stage = rig.session.stage
    stage.show(Turn("Where?", (clip(),)))
    qtbot.mouseClick(bar.strip.cards[2], LEFT)
    assert stage.sheet == 2 and [card.isChecked() for card in bar.strip.cards].index(True) == 2
    bar.strip.cards[2].setFocus()
    seen = []
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Left, Qt.Key.Key_Left, Qt.Key.Key_End, Qt.Key.Key_Right, Qt.Key.Key_Home):
        qtbot.keyClick(bar.strip, key)
        seen.append(stage.sheet)
    assert seen == [3, 2, 1, 7, 7, 0]
    stops = [card for card in bar.strip.cards if card.focusPolicy() & Qt.FocusPolicy.TabFocus]
    assert stops == [bar.strip.cards[0]], "one stop for Tab"


def test_a_frame_is_seen_as_soon_as_there_is_a_picture_of_it(bar: ClipBar, rig: Rig, picture: str) -> None:
    film = clip()
    rig.session.stage.show(Turn("Where?", (film,)))
    card = bar.strip.cards[2]
    before = card.grab().toImage()
    rig.session.stage.sheets.get(film, 2).thumbnail = picture
    after = card.grab().toImage()
    assert after.pixelColor(after.width() // 2, 20).name() == "#336699" and before != after


def test_only_a_clip_has_it_and_only_one_with_sound_a_player(bar: ClipBar, rig: Rig, picture: str) -> None:
    stage = rig.session.stage
    stage.show(Turn("Where?", (clip(),)))
    assert bar.isVisible() and not bar.sound.isVisible()
    stage.show(Turn("Where?", (clip(has_sound=True),)))
    assert bar.sound.isVisible()
    stage.show(Turn("Where?", (Attachment(picture),)))
    assert not bar.isVisible() and not bar.strip.cards


def test_a_recording_that_was_asked_about_can_be_written_down(
    rig: Rig, qtbot: QtBot, shown: Theme, tmp_path: Path
) -> None:
    rig.hears = True
    view = SoundView(rig.session, rig.actions.transcripts, rig.actions.listening)
    qtbot.addWidget(view)
    view.show()
    rig.actions.engine.start()
    talk = tmp_path / "talk.wav"
    talk.write_bytes(b"RIFF")
    rig.actions.attachments.add_files([str(talk)])
    qtbot.waitUntil(lambda: bool(rig.session.attachments.items[0].seconds))
    rig.actions.conversation.ask("Who speaks?")
    qtbot.waitUntil(lambda: rig.session.conversation.idle)
    recording = rig.session.stage.recording
    assert recording is not None
    qtbot.waitUntil(lambda: bool(recording.peaks))
    qtbot.mouseClick(view.write, LEFT)
    qtbot.waitUntil(lambda: rig.session.conversation.idle)
    turn = rig.session.conversation.turns[-1]
    assert turn.transcript is not None and turn.text == "Good morning.\n" and turn.attachments == (recording,)
    rig.session.engine.hears = False
    assert not view.write.isVisible()
