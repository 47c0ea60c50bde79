"""A sound server of our own (PulseAudio) with a silent speaker and a microphone that hears what tests play to it."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from pathlib import Path
from types import TracebackType

import pytest

from tests.conftest import is_full

PROGRAMS = ("pulseaudio", "pactl", "pacat", "parec", "espeak-ng")
SPEAKER, MICROPHONE = "speaker", "fakemic"
_EAR = "micsink"  # what is played to it is heard by the microphone


class SoundServer:
    """A context manager; programs that are started with its `environment` have no other speaker and microphone."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._socket = folder / "sound.socket"
        self.environment = {"PULSE_SERVER": f"unix:{self._socket}"}

    def __enter__(self) -> SoundServer:
        self._folder.mkdir(parents=True, exist_ok=True)
        modules = (
            f"module-native-protocol-unix socket={self._socket} auth-anonymous=1",
            f"module-null-sink sink_name={SPEAKER}",
            f"module-null-sink sink_name={_EAR} rate=16000 channels=1",
            f"module-remap-source master={_EAR}.monitor source_name={MICROPHONE}",
        )
        home = {"HOME": str(self._folder), "XDG_RUNTIME_DIR": str(self._folder), "PATH": os.environ["PATH"]}
        self._server = subprocess.Popen(
            ["pulseaudio", "-n", "--daemonize=no", "--exit-idle-time=-1", "--use-pid-file=no"]
            + [f"--load={module}" for module in modules],
            env=home,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            self._wait()
        except AssertionError:
            self.__exit__(None, None, None)
            raise
        return self

    def _wait(self) -> None:
        deadline = time.monotonic() + 15
        while self._control("set-default-sink", SPEAKER) or self._control("set-default-source", MICROPHONE):
            assert self._server.poll() is None and time.monotonic() < deadline, "the sound server does not start"
            time.sleep(0.1)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.terminate()
        self._server.wait(10)

    def say(self, file: Path) -> subprocess.Popen[bytes]:
        """Play a WAV file to the microphone; the process ends with it."""
        return subprocess.Popen(
            ["paplay", f"--device={_EAR}", str(file)], env=os.environ | self.environment, stderr=subprocess.DEVNULL
        )

    def unplug(self) -> None:
        """The microphone is gone from now on."""
        assert not self._control("unload-module", "module-remap-source")

    def listen(self) -> subprocess.Popen[bytes]:
        """What the speaker plays from now on, as raw 16-bit samples of one channel, 16,000 a second, on stdout."""
        options = [f"--device={SPEAKER}.monitor", "--raw", "--rate=16000", "--channels=1", "--format=s16le"]
        return subprocess.Popen(
            ["parec", "--latency-msec=20", *options], env=os.environ | self.environment, stdout=subprocess.PIPE
        )

    def _control(self, *words: str) -> int:
        return subprocess.run(
            ["pactl", *words], env=os.environ | self.environment, capture_output=True, check=False
        ).returncode


def require_programs(config: pytest.Config) -> None:
    """Skip where one is missing, and fail where everything has to run."""
    missing = [program for program in PROGRAMS if shutil.which(program) is None]
    if missing:
        reason = f"{' and '.join(missing)} not found: `make -B setup` names the packages"
        pytest.fail(reason) if is_full(config) else pytest.skip(reason)


def speak(file: Path, words: str) -> Path:
    """Have a machine say this into a WAV file."""
    subprocess.run(["espeak-ng", "-s", "150", "-w", str(file), words], check=True, capture_output=True)
    return file
