"""Speech that a microphone hears, recorded in the real window: written down, exported, and never lost.

The microphone is a sound server's, and what is played to it is espeak-ng's. The bundled model does not hear yet, so the
model is a tiny random one that does: its words mean nothing, but everything on the way to them is as it always is.
"""

from __future__ import annotations

import itertools
import resource
import time
import wave
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.display import Display
from tests.e2e.heard import places_of
from tests.e2e.hearing import choose_hearing_model, export_transcript
from tests.e2e.window import Scheme, Window, is_alive, wait_until
from tests.sound_server import SoundServer, require_programs, speak
from tests.unit.cli.subtitle_grammar import parse_vtt

SECONDS = 30.0
SAID = "Open the red door at seven. Please call the meeting tomorrow, and send the report to the left window."
KEPT = "What was heard until then is kept."
# pixels of the window, from its left or right edge and from its upper or lower one
RECORD, KEEP, SEND = (436, -66), (-210, -102), (-144, -102)
NOTICE_BUTTON = (-225, -155)


@pytest.fixture(scope="module")
def speech(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Six seconds of it."""
    return speak(tmp_path_factory.mktemp("speech") / "speech.wav", SAID)


@pytest.fixture
def server(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[SoundServer]:
    require_programs(request.config)
    with SoundServer(tmp_path / "server") as server:
        yield server


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Where Prism keeps everything, with a model chosen that hears."""
    choose_hearing_model(tmp_path)
    return tmp_path / "home"


def begin(display: Display, window: Window, home: Path) -> Path:
    """Clicks on the microphone; returns the file that grows from then on."""
    window.click(*RECORD)
    wait_until(lambda: growing(home) and growing(home)[0].stat().st_size > 8_000, 10, "something is recorded")
    return growing(home)[0]


def growing(home: Path) -> list[Path]:
    return list((home / "recordings").glob("*.part"))


def recordings(home: Path) -> list[Path]:
    return list((home / "recordings").glob("*.wav"))


def seconds_of(file: Path) -> float:
    with wave.open(str(file)) as sound:
        assert sound.getnframes() * 2 + 44 == file.stat().st_size, "the header says how long it is"
        return sound.getnframes() / sound.getframerate()


def check_speech(speech: Path, recording: Path, share: float = 1.0) -> None:
    """The recording holds this much of the speech from its beginning, in order and without a gap."""
    places = places_of(speech, recording)
    first = places[: round(share * len(places))]
    assert None not in first, places
    lags = [place for place in first if place is not None]
    assert lags == sorted(lags) and len(lags) >= 3, places


def say(server: SoundServer, speech: Path) -> None:
    assert server.say(speech).wait(SECONDS) == 0


@pytest.mark.full
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_what_is_said_is_recorded_written_down_and_exported(
    display: Display, tmp_path: Path, home: Path, server: SoundServer, speech: Path, pictures: Path, scheme: Scheme
) -> None:
    with Window(display, tmp_path, scheme, more=server.environment) as window:
        window.wait_for("ModelReady", SECONDS)
        file = begin(display, window, home)
        talking = server.say(speech)
        wait_until(lambda: file.stat().st_size > 44 + 3 * 32_000, SECONDS, "three seconds are recorded")
        window.grab().picture.save(pictures / f"microphone-recording-{scheme}.png", optimize=True)
        assert talking.wait(SECONDS) == 0
        sent = window.click(*SEND)
        window.wait_for("answer done", SECONDS, since=sent)
        (recording,) = recordings(home)
        seconds = seconds_of(recording)
        check_speech(speech, recording)
        wait_until(lambda: window.happened("MediaHeard"), SECONDS, "the recording can be listened to")
        time.sleep(0.5)
        window.grab().picture.save(pictures / f"microphone-transcript-{scheme}.png", optimize=True)
        target = tmp_path / "said.vtt"
        export_transcript(display, window, target)
        window.grab().picture.save(pictures / f"microphone-exported-{scheme}.png", optimize=True)
    cues = parse_vtt(target.read_text())
    assert cues and cues[0][0] == 0 and cues[-1][1] == pytest.approx(1000 * seconds, abs=2), (cues, seconds)
    assert all(one[1] <= other[0] for one, other in itertools.pairwise(cues))


@pytest.mark.full
def test_a_silent_recording_is_a_sentence(
    display: Display, tmp_path: Path, home: Path, server: SoundServer, pictures: Path
) -> None:
    with Window(display, tmp_path, more=server.environment) as window:
        window.wait_for("ModelReady", SECONDS)
        file = begin(display, window, home)
        wait_until(lambda: file.stat().st_size > 44 + 3 * 32_000, SECONDS, "three seconds are recorded")
        time.sleep(0.2)
        window.grab().picture.save(pictures / "microphone-nothing-heard.png", optimize=True)
        sent = window.click(*SEND)
        failure = window.wait_for("EngineFailed", SECONDS, since=sent)
        assert "nothing can be heard" in failure.facts["text"]


@pytest.mark.full
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_what_was_said_before_a_kill_is_offered_and_is_all_there(
    display: Display, tmp_path: Path, home: Path, server: SoundServer, speech: Path, pictures: Path, scheme: Scheme
) -> None:
    with Window(display, tmp_path, scheme, more=server.environment) as window:
        window.wait_for("ModelReady", SECONDS)
        begin(display, window, home)
        say(server, speech)
        family = window.family()
        window.process.kill()
        window.process.wait(10)
        wait_until(lambda: not any(map(is_alive, family)), 10, "nothing goes on listening")
    with Window(display, tmp_path, scheme, more=server.environment) as window:
        wait_until(lambda: any("while it recorded" in said for said in window.sentences()), SECONDS, "it is offered")
        (recording,) = recordings(home)
        assert seconds_of(recording) > 5
        check_speech(speech, recording, 0.9)  # what came last may still have been on its way
        time.sleep(0.5)
        window.grab().picture.save(pictures / f"microphone-found-{scheme}.png", optimize=True)
        window.click(*NOTICE_BUTTON)
        window.wait_for("ready", SECONDS, since=window.started)


@pytest.mark.full
def test_a_microphone_that_is_unplugged_leaves_what_it_heard_and_a_sentence(
    display: Display, tmp_path: Path, home: Path, server: SoundServer, speech: Path, pictures: Path
) -> None:
    with Window(display, tmp_path, more=server.environment) as window:
        window.wait_for("ModelReady", SECONDS)
        begin(display, window, home)
        say(server, speech)
        server.unplug()
        wait_until(lambda: f"The microphone is gone. {KEPT}" in window.sentences(), SECONDS, "it is said")
        (recording,) = recordings(home)
        check_speech(speech, recording, 0.9)
        window.wait_for("ready", SECONDS)
        assert not growing(home)
        time.sleep(0.5)
        window.grab().picture.save(pictures / "microphone-unplugged.png", optimize=True)


@pytest.mark.full
def test_a_disk_without_room_leaves_what_was_heard_and_a_sentence(
    display: Display, tmp_path: Path, home: Path, server: SoundServer, speech: Path, pictures: Path
) -> None:
    most = 4 * 32_000
    with Window(display, tmp_path, more=server.environment) as window:
        window.wait_for("ModelReady", SECONDS)
        begin(display, window, home)
        resource.prlimit(window.process.pid, resource.RLIMIT_FSIZE, (most, most))
        say(server, speech)
        wait_until(
            lambda: f"The recording broke off: File too large. {KEPT}" in window.sentences(), SECONDS, "it is said"
        )
        (recording,) = recordings(home)
        assert seconds_of(recording) == pytest.approx(4, abs=0.1)
        check_speech(speech, recording, 0.4)
        time.sleep(0.5)
        window.grab().picture.save(pictures / "microphone-no-room.png", optimize=True)
