"""Clips, made on the spot: every frame tells its own number by its brightness."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np

_SOUND_CODECS = {".mp4": "aac", ".mov": "aac", ".avi": "mp3", ".webm": "libopus", ".mkv": "libopus"}
_SOUND_RATE = 48_000


def frame_pixels(number: int, width: int, height: int) -> np.ndarray:
    """uint8 [height, width, 3]: grey by the frame's number, up to 110, with a white corner at the top left."""
    pixels = np.full((height, width, 3), 20 + 2 * (number % 110), np.uint8)
    pixels[: height // 4, : width // 4] = 255
    return pixels


def write_clip(
    file: Path,
    codec: str = "libx264",
    *,
    frames: int = 50,
    size: tuple[int, int] = (96, 64),
    rate: Fraction | int = 25,
    pixels: str = "yuv420p",
    times: Sequence[int] | None = None,
    rotation: int | None = None,
    keys_every: int = 12,
    sound_seconds: float = 0.0,
    loudness: float = 0.5,
    pixel_shape: Fraction | None = None,
    muxer: dict[str, str] | None = None,
) -> Path:
    """Write a clip.

    Args:
        file: its ending says which container.
        codec: of the pictures.
        frames: how many; 0 for sound alone.
        size: width and height as stored.
        rate: frames a second.
        pixels: format in which they are stored.
        times: of each frame, in milliseconds; None spaces them evenly.
        rotation: degrees by which players turn the clip counterclockwise.
        keys_every: a frame that needs no other comes at least so often.
        sound_seconds: of a tone; 0 for no sound track.
        loudness: of the tone, up to 1.
        pixel_shape: width of a pixel over its height.
        muxer: further options of the container.
    """
    with quiet(), own_scheduling(), av.open(str(file), "w", options=muxer or {}) as container:
        stream = container.add_stream(codec, rate=rate) if frames else None
        tone = container.add_stream(_SOUND_CODECS[file.suffix], _SOUND_RATE) if sound_seconds else None
        if stream is not None:
            stream.width, stream.height, stream.pix_fmt, stream.gop_size = *size, pixels, keys_every
            if pixel_shape is not None:
                stream.sample_aspect_ratio = pixel_shape
            if rotation is not None:
                stream.set_display_rotation(rotation)
            if times is not None:
                stream.codec_context.time_base = Fraction(1, 1000)
            _mux(container, stream, _pictures(frames, size, times))
        if tone is not None:
            _mux(container, tone, _tone(sound_seconds, loudness, tone.codec_context.frame_size or 960))
    return file


def _mux(container: av.container.OutputContainer, stream: Any, frames: Iterable[Any]) -> None:
    for frame in frames:
        container.mux(stream.encode(frame))
    container.mux(stream.encode())


def _pictures(count: int, size: tuple[int, int], times: Sequence[int] | None) -> Iterator[av.VideoFrame]:
    for number in range(count):
        frame = av.VideoFrame.from_ndarray(frame_pixels(number, *size), "rgb24")
        frame.pts = number if times is None else times[number]
        if times is not None:
            frame.time_base = Fraction(1, 1000)
        yield frame


def _tone(seconds: float, loudness: float, block: int) -> Iterator[av.AudioFrame]:
    """440 Hz, in blocks of so many samples."""
    samples = loudness * np.sin(2 * np.pi * 440 * np.arange(int(seconds * _SOUND_RATE)) / _SOUND_RATE)
    resampler = av.AudioResampler(format="fltp", layout="stereo", rate=_SOUND_RATE, frame_size=block)
    whole = av.AudioFrame.from_ndarray(samples[None].astype(np.float32), format="flt", layout="mono")
    whole.sample_rate, whole.pts, whole.time_base = _SOUND_RATE, 0, Fraction(1, _SOUND_RATE)
    yield from resampler.resample(whole)
    yield from resampler.resample(None)


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Without what some encoders print by themselves."""
    with open(os.devnull, "wb") as nowhere:
        kept = os.dup(2)
        os.dup2(nowhere.fileno(), 2)
        try:
            yield
        finally:
            os.dup2(kept, 2)
            os.close(kept)


@contextlib.contextmanager
def own_scheduling() -> Iterator[None]:
    """With the scheduling that this thread had; for root, SVT-AV1 makes it real-time, so that no other gets a turn."""
    if sys.platform != "linux":
        yield
        return
    policy, priority = os.sched_getscheduler(0), os.sched_getparam(0)
    try:
        yield
    finally:
        os.sched_setscheduler(0, policy, priority)
