"""Clips whose every frame is known, to drag onto the window."""

from __future__ import annotations

import wave
from pathlib import Path

import av
import numpy as np
from PIL import Image, ImageDraw

from tests.e2e.shapes import GROUND

SIZE = (480, 270)
SECONDS, RATE = 8, 8
BALL, FLOOR = (36, 88, 222), (206, 199, 182)
_RADIUS, _LEFT, _STEP = 26, 60, 45  # pixels; the step is what the ball rolls in a second
_ENLARGED = 4


def ball_at(seconds: float) -> float:
    """Where the middle of the ball is then, as a share of the picture's width."""
    return (_LEFT + _STEP * seconds) / SIZE[0]


def write_stills(file: Path, still: Path) -> Path:
    """Four seconds, a frame each: the shapes of a picture move down."""
    with Image.open(still) as picture:
        moved = [Image.new("RGB", picture.size, GROUND) for _ in range(4)]
        for number, frame in enumerate(moved):
            frame.paste(picture, (0, 10 * number))
    return _write(file, moved, rate=1)


def write_film(file: Path, sound: Path | None = None) -> Path:
    """A blue ball rolls to the right for eight seconds; somebody speaks, where a WAV file says what."""
    frames = [_frame(number / RATE) for number in range(SECONDS * RATE)]
    return _write(file, frames, RATE, sound)


def _frame(seconds: float) -> Image.Image:
    width, height = SIZE[0] * _ENLARGED, SIZE[1] * _ENLARGED
    picture = Image.new("RGB", (width, height), GROUND)
    pen = ImageDraw.Draw(picture)
    floor = round(height * 0.72)
    pen.rectangle((0, floor, width, height), fill=FLOOR)
    x, radius = ball_at(seconds) * width, _RADIUS * _ENLARGED
    pen.ellipse((x - radius, floor - 2 * radius, x + radius, floor), fill=BALL)
    return picture.reduce(_ENLARGED)


def _write(file: Path, frames: list[Image.Image], rate: int, sound: Path | None = None) -> Path:
    with av.open(str(file), "w") as container:
        stream = container.add_stream("libx264", rate=rate, options={"crf": "12"})
        stream.width, stream.height, stream.pix_fmt = *frames[0].size, "yuv420p"
        spoken = container.add_stream("aac", rate=16_000) if sound is not None else None
        for frame in frames:
            container.mux(stream.encode(av.VideoFrame.from_image(frame)))
        container.mux(stream.encode(None))
        if sound is not None and spoken is not None:
            samples = _samples(sound, len(frames) / rate)
            for start in range(0, len(samples), 1024):
                block = av.AudioFrame.from_ndarray(samples[None, start : start + 1024], "s16", "mono")
                block.rate, block.pts = 16_000, start
                container.mux(spoken.encode(block))
            container.mux(spoken.encode(None))
    return file


def _samples(sound: Path, seconds: float) -> np.ndarray:
    """Two seconds of silence, the words, and silence up to the end: int16 [N] at 16 kHz."""
    with wave.open(str(sound)) as file:
        rate, data = file.getframerate(), np.frombuffer(file.readframes(file.getnframes()), np.int16)
    words = np.interp(np.arange(0, len(data), rate / 16_000), np.arange(len(data)), data).astype(np.int16)
    result = np.zeros(round(16_000 * seconds), np.int16)
    words = words[: len(result) - 32_000]
    result[32_000 : 32_000 + len(words)] = words
    return result
