"""Recordings and clips as files, the way people have them: WAV, and H.264 with AAC in MP4."""

import wave
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from tour_model.speech.motion import Motion

from mlx_gemma4.protocol.cost import SAMPLE_RATE


def write_recording(file: Path, samples: np.ndarray) -> None:
    """Float32 samples [N] at 16 kHz as a WAV file of 16 bits."""
    with wave.open(str(file), "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(SAMPLE_RATE)
        sound.writeframes((samples * 32767).astype("<i2").tobytes())


def write_clip(file: Path, motion: Motion, samples: np.ndarray | None) -> None:
    """A clip with its sound track, float32 [N] at 16 kHz, or without one; its sides must be even."""
    with av.open(str(file), "w") as container:
        pictures = container.add_stream("libx264", rate=motion.rate)
        assert isinstance(pictures, av.VideoStream)
        pictures.width, pictures.height = motion.still.size
        pictures.pix_fmt = "yuv420p"
        sound = None if samples is None else container.add_stream("aac", rate=SAMPLE_RATE, layout="mono")
        for number, picture in enumerate(motion.draw_all()):
            frame = av.VideoFrame.from_image(picture)
            frame.pts, frame.time_base = number, Fraction(1, motion.rate)
            container.mux(pictures.encode(frame))
        container.mux(pictures.encode(None))
        if isinstance(sound, av.AudioStream) and samples is not None:
            whole = av.AudioFrame.from_ndarray(samples[None], format="fltp", layout="mono")
            whole.sample_rate, whole.pts = SAMPLE_RATE, 0
            container.mux(sound.encode(whole))
            container.mux(sound.encode(None))
