"""Recording: permission with its reason, level and time, kept, sent, thrown away, found again after a crash."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from app.platform.microphone import Permission
from app.platform.wave_files import RATE, WaveFile
from app.state.engine_status import EngineState
from app.state.turn import TurnStatus
from mlx_gemma4.protocol.requests import Ask, Transcribe
from tests.unit.app.scripted import Rig


class ScriptedMicrophone:
    """Hears what the test lets it hear."""

    def __init__(self) -> None:
        self.permission = Permission.GRANTED
        self.asked = 0
        self.level = 0.25
        self._file: WaveFile | None = None
        self.fail: Callable[[str], None] = lambda _: None
        self.answer = True

    def ask_permission(self, answered: Callable[[bool], None]) -> None:
        self.asked += 1
        self.permission = Permission.GRANTED if self.answer else Permission.DENIED
        answered(self.answer)

    def start(self, file: Path, failed: Callable[[str], None]) -> None:
        self._file, self.fail = WaveFile(file), failed

    def hear(self, seconds: float) -> None:
        assert self._file is not None
        self._file.append(bytes(round(seconds * RATE) * 2))

    @property
    def seconds(self) -> float:
        return 0.0 if self._file is None else self._file.seconds

    def stop(self) -> None:
        assert self._file is not None
        self._file.close()


@pytest.fixture
def microphone() -> ScriptedMicrophone:
    return ScriptedMicrophone()


@pytest.fixture
def ready(qapp: object, qtbot: QtBot, microphone: ScriptedMicrophone) -> Iterator[Rig]:
    rig = Rig(hears=True, microphone=microphone)
    rig.actions.engine.start()
    qtbot.waitUntil(lambda: rig.session.engine.state is EngineState.READY)
    yield rig
    rig.close()


def record(rig: Rig, microphone: ScriptedMicrophone, seconds: float = 2.0) -> None:
    rig.actions.recording.record.trigger()
    assert rig.session.recording.is_on
    microphone.hear(seconds)


def recordings(rig: Rig) -> list[str]:
    return sorted(file.suffix for file in (rig.home / "recordings").iterdir())


def test_level_and_time_are_shown_and_stopping_keeps_it(
    ready: Rig, microphone: ScriptedMicrophone, qtbot: QtBot
) -> None:
    record(ready, microphone)
    state = ready.session.recording
    qtbot.waitUntil(lambda: state.seconds == 2.0 and state.level == 0.25)
    assert recordings(ready) == [".part"]
    ready.actions.recording.record.trigger()
    assert not state.is_on and not ready.actions.recording.record.checked
    (item,) = ready.session.attachments.items
    assert item.kind == "sound" and item.name.startswith("Recording ") and Path(item.path).exists()


def test_sending_without_words_writes_it_down(ready: Rig, microphone: ScriptedMicrophone, qtbot: QtBot) -> None:
    record(ready, microphone)
    ready.actions.recording.send()
    qtbot.waitUntil(lambda: ready.session.conversation.idle)
    assert ready.session.conversation.turns[0].status is TurnStatus.DONE
    assert any(isinstance(request, Transcribe) for request in ready.client.requests)


def test_sending_with_words_asks_them(ready: Rig, microphone: ScriptedMicrophone, qtbot: QtBot) -> None:
    record(ready, microphone)
    ready.session.draft.text = "Who speaks?"
    ready.actions.recording.send()
    qtbot.waitUntil(lambda: ready.session.conversation.idle)
    (ask,) = ready.asks()
    assert isinstance(ask, Ask) and ready.session.conversation.turns[0].question == "Who speaks?"


def test_throwing_away_can_be_undone(ready: Rig, microphone: ScriptedMicrophone) -> None:
    record(ready, microphone)
    ready.actions.recording.discard()
    assert not ready.session.attachments.items and recordings(ready) == [".discarded"]
    ready.actions.run(ready.session.notices.items[-1].action_id)
    assert [item.kind for item in ready.session.attachments.items] == ["sound"]
    assert recordings(ready) == [".wav"]


def test_a_slip_of_the_hand_leaves_nothing(ready: Rig, microphone: ScriptedMicrophone) -> None:
    record(ready, microphone, 0.1)
    ready.actions.recording.keep()
    assert not ready.session.attachments.items and not recordings(ready)


def test_the_person_is_asked_with_the_reason(ready: Rig, microphone: ScriptedMicrophone) -> None:
    microphone.permission = Permission.UNKNOWN
    ready.actions.recording.record.trigger()
    notice = ready.session.notices.items[-1]
    assert "only while you say so" in notice.text and not microphone.asked
    ready.actions.run(notice.action_id)
    assert microphone.asked == 1 and ready.session.recording.is_on


def test_a_refusal_says_where_to_change_it(ready: Rig, microphone: ScriptedMicrophone) -> None:
    microphone.permission = Permission.DENIED
    ready.actions.recording.record.trigger()
    assert "under Microphone in the settings" in ready.session.notices.items[-1].text
    assert not ready.session.recording.is_on


def test_a_deaf_model_says_so(ready: Rig) -> None:
    ready.session.engine.hears = False
    ready.actions.recording.record.trigger()
    assert "can't hear" in ready.session.notices.items[-1].text and not ready.session.recording.is_on


def test_a_microphone_that_is_pulled_out_keeps_what_it_heard(ready: Rig, microphone: ScriptedMicrophone) -> None:
    record(ready, microphone)
    microphone.fail("The microphone is gone.")
    assert ready.session.notices.items[-1].text == "The microphone is gone. What was heard until then is kept."
    assert len(ready.session.attachments.items) == 1


def test_a_microphone_that_never_heard_anything_keeps_nothing(ready: Rig, microphone: ScriptedMicrophone) -> None:
    record(ready, microphone, 0.0)
    microphone.fail("No microphone was found.")
    assert ready.session.notices.items[-1].text == "No microphone was found."
    assert not ready.session.attachments.items


def test_what_a_crash_has_cut_off_is_completed_and_offered(ready: Rig) -> None:
    folder = ready.home / "recordings"
    folder.mkdir()
    torn = WaveFile(folder / "Recording 1.wav.part")
    torn.append(bytes(RATE * 2 * 83))
    empty = WaveFile(folder / "Recording 2.wav.part")
    for file in (torn, empty):
        file._file.close()  # as a kill does: the lengths are never written
    ready.actions.recording.recover()
    assert [file.name for file in folder.iterdir()] == ["Recording 1.wav"]
    notice = ready.session.notices.items[-1]
    assert "1:23" in notice.text
    ready.actions.run(notice.action_id)
    assert [item.name for item in ready.session.attachments.items] == ["Recording 1.wav"]


def test_no_recording_takes_the_place_of_another(
    ready: Rig, microphone: ScriptedMicrophone, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(time, "strftime", lambda form: "Recording 2026-10-25 02.30.00")  # when clocks are set back
    for _ in range(3):
        record(ready, microphone)
        ready.actions.recording.keep()
    record(ready, microphone)
    ready.actions.recording.discard()
    record(ready, microphone)
    ready.actions.recording.keep()
    assert len({item.path for item in ready.session.attachments.items}) == 4
    assert recordings(ready) == [".discarded", ".wav", ".wav", ".wav", ".wav"]


def test_closing_the_window_completes_the_recording(ready: Rig, microphone: ScriptedMicrophone) -> None:
    record(ready, microphone)
    ready.actions.recording.close()
    assert recordings(ready) == [".wav"]


def test_without_a_microphone_there_is_a_sentence(rig: Rig) -> None:
    rig.actions.recording.record.trigger()
    assert "can be recorded" in rig.session.notices.items[-1].text
