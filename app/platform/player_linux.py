"""Playing a WAV file through PulseAudio or PipeWire, by the program that comes with them."""

from __future__ import annotations

import subprocess
import time
import wave

from app.words import tr

PROGRAM = "pacat"
_LATENCY_MS = 60


class PulsePlayer:
    """See `Player`."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._began = self._start = self._position = self._length = 0.0

    def play(self, file: str, seconds: float) -> str:
        """See `Player`."""
        self.stop()
        try:
            with wave.open(file, "rb") as sound:
                rate, channels, width = sound.getframerate(), sound.getnchannels(), sound.getsampwidth()
                self._length = sound.getnframes() / rate
            with open(file, "rb", buffering=0) as raw:
                # our own WAV files have a header of 44 bytes; a whole frame behind it
                raw.seek(44 + round(min(seconds, self._length) * rate) * channels * width)
                command = [PROGRAM, "--playback", "--raw", f"--rate={rate}", f"--channels={channels}"]
                command += ["--format=s16le", f"--latency-msec={_LATENCY_MS}", "--client-name=Prism"]
                self._process = subprocess.Popen(
                    command, stdin=raw.fileno(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
                )
        except (OSError, EOFError, wave.Error) as error:
            return tr("The sound can't be played: {reason}.", reason=str(error))
        self._began, self._start = time.monotonic(), seconds
        return ""

    def stop(self) -> None:
        """See `Player`."""
        if self._process is not None:
            self._position = self.position
            self._process.kill()
            self._process.wait()
            self._process = None

    @property
    def position(self) -> float:
        """See `Player`."""
        if self._process is None:
            return self._position
        heard = time.monotonic() - self._began - _LATENCY_MS / 1000
        return min(self._start + max(heard, 0.0), self._length)

    @property
    def is_playing(self) -> bool:
        """See `Player`."""
        return self._process is not None and self._process.poll() is None
