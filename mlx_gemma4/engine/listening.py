"""The sound of a file as one that any system plays, and how loud it is from moment to moment."""

from __future__ import annotations

import wave
from pathlib import Path

import numpy as np

from mlx_gemma4.engine.temporary_folder import unused_file
from mlx_gemma4.media.sound import Samples, open_sound
from mlx_gemma4.protocol.cost import SAMPLE_RATE
from mlx_gemma4.protocol.errors import MediaError, PrismError
from mlx_gemma4.protocol.events import MediaHeard
from mlx_gemma4.protocol.requests import HearMedia

MOST_PEAKS = 480
_STRETCH = SAMPLE_RATE // 50  # samples; peaks are gathered so finely while it is not known how long the sound is


def hear_media(request: HearMedia, folder: Path) -> MediaHeard:
    """Decode a file's sound into a WAV file in `folder`, block by block; what can be decoded of a damaged one counts.

    Raises:
        MediaError: there is no sound in it.
        PrismError: the file cannot be written.
    """
    sound = open_sound(request.path)
    target = unused_file(folder, ".wav")
    peaks: list[Samples] = []
    count = 0
    try:
        with wave.open(str(target), "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(SAMPLE_RATE)
            try:
                for block in sound.blocks():
                    file.writeframes(np.round(np.clip(block, -1, 1) * 32767).astype("<i2").tobytes())
                    peaks.append(_peaks(block))
                    count += len(block)
            except MediaError:
                if not count:
                    raise
    except OSError as error:
        target.unlink(missing_ok=True)
        message = f"The sound of {request.path} cannot be made ready for listening: {error}."
        raise PrismError(message, "Make room on the disk.", code="engine.disk") from error
    except MediaError:
        target.unlink(missing_ok=True)
        raise
    return MediaHeard(str(target), count / SAMPLE_RATE, _even(np.concatenate(peaks)))


def _peaks(block: Samples) -> Samples:
    """The loudest sample of every 20 ms, float32 [P]."""
    whole = np.append(np.abs(block), np.zeros(-len(block) % _STRETCH, np.float32))
    return whole.reshape(-1, _STRETCH).max(axis=1)


def _even(peaks_P: Samples) -> tuple[float, ...]:
    """At most `MOST_PEAKS` of them, each the loudest of its stretch."""
    parts = np.array_split(peaks_P, min(MOST_PEAKS, len(peaks_P)))
    return tuple(round(min(float(part.max()), 1.0), 3) for part in parts)
