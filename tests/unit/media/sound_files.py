"""Recordings for tests: tones and pauses, in any container that PyAV writes."""

from __future__ import annotations

import wave
from pathlib import Path

import av
import numpy as np
import numpy.typing as npt

Samples = npt.NDArray[np.float32]


def tone(seconds: float, hertz: float = 440.0, rate: int = 16_000, level: float = 0.5) -> Samples:
    """A sine."""
    time = np.arange(round(seconds * rate)) / rate
    return (level * np.sin(2 * np.pi * hertz * time)).astype(np.float32)


def write_wav(file: Path, channels: Samples, rate: int = 16_000) -> Path:
    """16-bit PCM of samples [N] or [C, N]."""
    values = np.atleast_2d(channels)
    with wave.open(str(file), "wb") as target:
        target.setnchannels(len(values))
        target.setsampwidth(2)
        target.setframerate(rate)
        target.writeframes(np.round(values.T * 32767).astype("<i2").tobytes())
    return file


def encode(
    file: Path,
    samples: Samples,
    codec: str,
    rate: int = 16_000,
    layout: str = "mono",
    options: dict[str, str] | None = None,
) -> Path:
    """The samples [N] in every channel of a file, whose ending names the container, with options for the latter."""
    with av.open(str(file), "w", options=options or {}) as container:
        stream = container.add_stream(codec, rate=rate, layout=layout)
        assert isinstance(stream, av.AudioStream)
        resampler = av.AudioResampler(stream.format, layout, rate, stream.codec_context.frame_size or None)
        frame = av.AudioFrame.from_ndarray(np.tile(samples, (stream.channels, 1)), format="fltp", layout=layout)
        frame.sample_rate, frame.pts = rate, 0
        for piece in [*resampler.resample(frame), *resampler.resample(None)]:
            container.mux(stream.encode(piece))
        container.mux(stream.encode(None))
    return file


def write_video(file: Path, frames: int = 5) -> Path:
    """A clip without sound."""
    with av.open(str(file), "w") as container:
        stream = container.add_stream("mpeg4", rate=5)
        assert isinstance(stream, av.VideoStream)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        for number in range(frames):
            picture = np.full((48, 64, 3), 40 * number, np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        container.mux(stream.encode(None))
    return file
