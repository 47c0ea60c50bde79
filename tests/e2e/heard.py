"""Whether a recording holds the speech that was played while it was made.

Letters: N samples.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from mlx_gemma4.media.sound import Samples, open_sound
from mlx_gemma4.protocol.cost import SAMPLE_RATE

LIKE = 0.7
"""Correlation from which two stretches are the same speech; stretches of other speech come to 0.4."""
_STRETCH = 6 * SAMPLE_RATE // 10
_LEAST = 0.1  # of the loudest stretch: what is quieter is a pause


def places_of(speech: Path, recording: Path) -> list[float | None]:
    """For each stretch of the speech that is not a pause, in order: where the recording has it, in seconds, or None."""
    said, heard = (open_sound(file).read(30) for file in (speech, recording))
    stretches = [said[at : at + _STRETCH] for at in range(0, len(said) - _STRETCH, _STRETCH)]
    loudest = max(float(np.linalg.norm(stretch)) for stretch in stretches)
    return [_place(stretch, heard) for stretch in stretches if np.linalg.norm(stretch) > _LEAST * loudest]


def _place(stretch: Samples, heard: Samples) -> float | None:
    """Seconds into the recording at which it is most like the stretch, if it is like it at all."""
    size = len(heard) + len(stretch)
    product = np.fft.irfft(np.fft.rfft(heard, size) * np.conj(np.fft.rfft(stretch, size)), size)[: len(heard)]
    energy = np.cumsum(np.concatenate([[0.0], heard.astype(np.float64) ** 2, np.zeros(len(stretch))]))
    around = np.sqrt(energy[len(stretch) : len(stretch) + len(heard)] - energy[: len(heard)])
    likeness = product / np.maximum(around * np.linalg.norm(stretch), 1e-3 * np.linalg.norm(stretch))
    at = int(likeness.argmax())
    return at / SAMPLE_RATE if likeness[at] > LIKE else None
