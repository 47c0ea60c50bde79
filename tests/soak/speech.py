"""An hour of something like speech: espeak-ng's where it is installed, otherwise tones with pauses."""

from __future__ import annotations

import shutil
import subprocess
import wave
from pathlib import Path

import numpy as np

from tests.unit.media.sound_files import Samples, tone

RATE = 22_050
"""Of espeak-ng, and not the model's: so that the recording has to be resampled."""

_TALK = (
    "The morning train to the coast leaves at 7:45 from platform 3. It stops in 12 towns on the way, and in summer "
    "it is so full that many people stand. Nobody seems to mind! From the window one sees fields, then hills, then, "
    "all of a sudden, the sea. I have taken it for twenty years now, mostly alone, with a book that I hardly open. "
    "Last week, however, something happened that I would like to tell you about."
)


def write_speech(file: Path, minutes: float) -> str:
    """Write a recording of this length, a talk over and over; returns what kind of speech it is."""
    kind, talk = ("espeak-ng", _spoken(file.parent)) if shutil.which("espeak-ng") else ("tones", _tones())
    frames = np.round(talk * 32767).astype("<i2")
    left = round(minutes * 60 * RATE)
    with wave.open(str(file), "wb") as target:
        target.setparams((1, 2, RATE, left, "NONE", ""))
        while left > 0:
            target.writeframes(frames[:left].tobytes())
            left -= len(frames)
    return kind


def _spoken(folder: Path) -> Samples:
    file = folder / "talk.wav"
    subprocess.run(["espeak-ng", "-w", str(file), _TALK], check=True)
    with wave.open(str(file)) as source:
        assert source.getframerate() == RATE
        return np.frombuffer(source.readframes(source.getnframes()), "<i2").astype(np.float32) / 32768


def _tones() -> Samples:
    """A buzz for each syllable, a pause after each word, a longer one after each sentence, and the noise of a room."""
    rng = np.random.default_rng(6)
    parts: list[Samples] = []
    for word in _TALK.split():
        for _ in range(max(len(word) // 3, 1)):
            pitch, seconds = rng.uniform(90, 180), rng.uniform(0.1, 0.2)
            parts.append(sum(tone(seconds, pitch * n, RATE, 0.3 / n) for n in range(1, 9)))  # pyright: ignore[reportArgumentType]
        pause = 0.6 if word[-1] in ".!?" else 0.2 if word[-1] == "," else 0.06
        parts.append(tone(pause, level=0.0, rate=RATE))
    talk = np.concatenate(parts)
    return (talk / 2 + rng.normal(0, 0.001, len(talk))).astype(np.float32)
