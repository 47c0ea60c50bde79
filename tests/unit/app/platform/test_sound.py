"""Playing and recording for real, through a sound server with a silent speaker; and the Mac's, with a stand-in."""

from __future__ import annotations

import os
import subprocess
import sys
import time
import wave
from array import array
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, ClassVar

import pytest
from pytestqt.qtbot import QtBot

from app.platform.microphone import Permission
from app.platform.wave_files import RATE
from tests.sound_server import SoundServer, require_programs, speak

linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="these are Linux's")


@pytest.fixture
def server(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[SoundServer]:
    require_programs(request.config)
    with SoundServer(tmp_path / "server") as server:
        for name, value in server.environment.items():
            monkeypatch.setenv(name, value)
        yield server


def loudest(samples: bytes) -> int:
    return max(map(abs, array("h", samples[: len(samples) // 2 * 2])), default=0)


def samples_of(file: Path) -> bytes:
    with wave.open(str(file)) as sound:
        return sound.readframes(sound.getnframes())


@linux
def test_the_microphone_is_recorded_as_it_comes(server: SoundServer, tmp_path: Path, qtbot: QtBot) -> None:
    from app.platform.microphone_linux import PulseMicrophone

    speech = speak(tmp_path / "speech.wav", "Open the red door at seven.")
    microphone, failures, levels = PulseMicrophone(), [], []
    file = tmp_path / "heard.wav"
    microphone.start(file, failures.append)
    qtbot.waitUntil(lambda: microphone.seconds > 0.2)
    talking = server.say(speech)
    qtbot.waitUntil(lambda: levels.append(microphone.level) is None and talking.poll() is not None, timeout=15_000)
    assert file.stat().st_size > 2 * RATE, "it is in the file before it ends"
    microphone.stop()
    assert not failures and max(levels) > 0.05
    assert loudest(samples_of(file)) > 2000
    with wave.open(str(file)) as sound:
        assert (sound.getframerate(), sound.getnchannels()) == (RATE, 1)
        assert sound.getnframes() / RATE == pytest.approx(microphone.seconds, abs=0.5) or microphone.seconds == 0


@linux
def test_a_microphone_that_is_unplugged_is_said_to_be_gone_and_nothing_else_is_recorded(
    server: SoundServer, tmp_path: Path, qtbot: QtBot
) -> None:
    from app.platform.microphone_linux import PulseMicrophone

    microphone, failures = PulseMicrophone(), []
    microphone.start(tmp_path / "heard.wav", failures.append)
    qtbot.waitUntil(lambda: microphone.seconds > 0.2)
    server.unplug()  # and the server gives us the speakers instead
    qtbot.waitUntil(lambda: bool(failures))
    microphone.stop()
    assert failures == ["The microphone is gone."]
    assert len(samples_of(tmp_path / "heard.wav")) > 0.2 * RATE


@linux
def test_without_a_sound_server_there_is_a_sentence(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    require_programs(request.config)
    from app.platform.microphone_linux import PulseMicrophone

    monkeypatch.setenv("PULSE_SERVER", f"unix:{tmp_path / 'none'}")
    microphone, failures = PulseMicrophone(), []
    microphone.start(tmp_path / "heard.wav", failures.append)
    qtbot.waitUntil(lambda: bool(failures))
    assert failures == ["No microphone was found."]
    microphone.stop()


@linux
def test_a_recording_sounds_from_any_moment_on(server: SoundServer, tmp_path: Path) -> None:
    from app.platform.player_linux import PulsePlayer

    file = tmp_path / "a.wav"
    with wave.open(str(file), "wb") as sound:
        sound.setparams((1, 2, RATE, 0, "NONE", ""))
        sound.writeframes(bytes(2 * 3 * RATE))  # three seconds of silence
        sound.writeframes(array("h", [9000, 9000, -9000, -9000] * (RATE // 4)).tobytes())
    player = PulsePlayer()
    ear = server.listen()
    assert player.play(str(file), 2.9) == "" and player.is_playing
    deadline = time.monotonic() + 8
    while player.is_playing and time.monotonic() < deadline:
        assert 2.9 <= player.position <= 4.0
        time.sleep(0.02)
    assert not player.is_playing, "it ends by itself"
    ear.terminate()
    assert ear.stdout is not None
    with ear:
        assert loudest(ear.stdout.read()) > 4000, "it was heard"
    assert player.play(str(file), 0.0) == ""
    player.stop()
    assert not player.is_playing and player.position < 1.0
    assert "can't be played" in player.play(str(tmp_path / "gone.wav"), 0.0)


class FakeRecorder:
    """What AVAudioRecorder does, as far as it is used."""

    made: ClassVar[list[FakeRecorder]] = []

    def __init__(self, url: str, settings: dict[str, object], works: bool = True) -> None:
        self.url, self.settings, self.works, self.stopped = url, settings, works, False
        FakeRecorder.made.append(self)

    def setMeteringEnabled_(self, on: bool) -> None:
        self.metered = on

    def record(self) -> bool:
        return self.works

    def updateMeters(self) -> None:
        assert self.metered

    def peakPowerForChannel_(self, channel: int) -> float:
        return -20.0

    def currentTime(self) -> float:
        return 0.0 if self.stopped else 3.5

    def stop(self) -> None:
        self.stopped = True


class FakeKit:
    """AVFoundation, AppKit and Foundation, as far as they are used."""

    AVMediaTypeAudio = "soun"
    AVAuthorizationStatusNotDetermined, AVAuthorizationStatusAuthorized = 0, 3
    AVFormatIDKey, AVSampleRateKey, AVNumberOfChannelsKey = "format", "rate", "channels"
    AVLinearPCMBitDepthKey, AVLinearPCMIsFloatKey, AVLinearPCMIsBigEndianKey = "bits", "float", "big"

    def __init__(self) -> None:
        self.status = 0
        self.opened: list[str] = []
        self.asked: list[Any] = []
        kit = self

        class Device:
            @staticmethod
            def authorizationStatusForMediaType_(kind: str) -> int:
                assert kind == "soun"
                return kit.status

            @staticmethod
            def requestAccessForMediaType_completionHandler_(kind: str, handler: Any) -> None:
                kit.asked.append(handler)

        self.AVCaptureDevice = Device
        self.AVAudioRecorder = SimpleNamespace(
            alloc=lambda: SimpleNamespace(
                initWithURL_settings_error_=lambda url, settings, _: (FakeRecorder(url, settings), None)
            )
        )
        self.NSURL = SimpleNamespace(fileURLWithPath_=lambda path: path, URLWithString_=lambda text: text)
        self.NSWorkspace = SimpleNamespace(
            sharedWorkspace=lambda: SimpleNamespace(openURL_=lambda url: self.opened.append(url))
        )


@pytest.fixture
def kit(monkeypatch: pytest.MonkeyPatch) -> FakeKit:
    kit = FakeKit()
    for name in ("AVFoundation", "AppKit", "Foundation"):
        monkeypatch.setitem(sys.modules, name, kit)  # type: ignore[arg-type]
    return kit


def test_a_mac_asks_once_and_the_answer_comes_on_our_thread(kit: FakeKit, qtbot: QtBot) -> None:
    from app.platform.microphone_mac import MacMicrophone

    microphone, answers = MacMicrophone(), []
    assert microphone.permission is Permission.UNKNOWN
    microphone.ask_permission(answers.append)
    kit.status = kit.AVAuthorizationStatusAuthorized
    kit.asked[0](True)
    assert not answers, "not on the system's thread"
    qtbot.waitUntil(lambda: answers == [True])
    assert microphone.permission is Permission.GRANTED


def test_after_a_refusal_a_mac_shows_where_it_can_be_changed(kit: FakeKit, qtbot: QtBot) -> None:
    from app.platform.microphone_mac import MacMicrophone

    kit.status = 2
    microphone = MacMicrophone()
    assert microphone.permission is Permission.DENIED
    microphone.ask_permission(lambda _: None)
    assert not kit.asked and "Privacy_Microphone" in kit.opened[0]


def test_a_mac_records_what_a_model_hears(kit: FakeKit, qtbot: QtBot, tmp_path: Path) -> None:
    from app.platform.microphone_mac import MacMicrophone

    microphone, failures = MacMicrophone(), []
    microphone.start(tmp_path / "a.wav.part", failures.append)
    recorder = FakeRecorder.made[-1]
    assert recorder.url.endswith("a.wav.part")
    assert recorder.settings == {
        "format": 0x6C70636D, "rate": 16_000.0, "channels": 1, "bits": 16, "float": False, "big": False,
    }  # fmt: skip
    assert microphone.level == pytest.approx(0.1) and microphone.seconds == 3.5
    microphone.stop()
    assert recorder.stopped and microphone.seconds == 3.5 and microphone.level == 0.0 and not failures


def test_a_mac_plays_from_a_moment(kit: FakeKit) -> None:
    from app.platform.player_mac import MacPlayer

    player = SimpleNamespace(now=0.0, on=False)
    player.setCurrentTime_ = lambda seconds: setattr(player, "now", seconds)
    player.play = lambda: setattr(player, "on", True) or True
    player.stop = lambda: setattr(player, "on", False)
    player.currentTime = lambda: player.now
    player.isPlaying = lambda: player.on
    kit.AVAudioPlayer = SimpleNamespace(  # type: ignore[attr-defined]
        alloc=lambda: SimpleNamespace(initWithContentsOfURL_error_=lambda url, _: (player, None))
    )
    mac = MacPlayer()
    assert mac.play("a.wav", 12.5) == "" and mac.is_playing and mac.position == 12.5
    player.now = 13.0
    mac.stop()
    assert not mac.is_playing and mac.position == 13.0


def test_nothing_of_a_killed_program_records_on(
    server: SoundServer, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """Whoever records is heard by nobody any more once the window is gone."""
    code = (
        "import sys; from pathlib import Path; from PySide6.QtCore import QCoreApplication\n"
        "from app.platform.microphone_linux import PulseMicrophone\n"
        "app = QCoreApplication([]); m = PulseMicrophone(); m.start(Path(sys.argv[1]), print)\n"
        "print('on', flush=True); app.exec()\n"
    )
    file = tmp_path / "heard.wav"
    recorder = subprocess.Popen([sys.executable, "-c", code, str(file)], stdout=subprocess.PIPE, env=os.environ.copy())
    with recorder:
        deadline = time.monotonic() + 15
        while not file.exists() or file.stat().st_size < RATE:
            assert time.monotonic() < deadline
            time.sleep(0.05)
        recorder.kill()
    sources = ["pactl", "list", "short", "source-outputs"]
    while len(subprocess.check_output(sources, text=True).splitlines()) > 1:  # the server's own remapping is one
        assert time.monotonic() < deadline
        time.sleep(0.05)
    from app.platform.wave_files import repair

    assert repair(file) > 0.4 and samples_of(file)
