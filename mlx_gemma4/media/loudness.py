"""Where in a stretch of sound somebody speaks, judged by loudness alone.

Letters: N samples, F frames of 20 ms.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from mlx_gemma4.media.sound import Samples
from mlx_gemma4.protocol.cost import SAMPLE_RATE

FRAME = SAMPLE_RATE // 50
"""Samples of a frame, 20 ms."""

_SILENT = -70.0  # dB of full scale: nothing to hear, whatever the rest is like
_DEEPEST = 40.0  # dB below the loud parts; digital silence deeper than this must not make room noise look like speech
_LEAST_CONTRAST = 10.0  # dB between loud and quiet below which no frame is called a pause
_PAUSE = 0.3  # how far from quiet to loud a frame may reach and still be one


class Loudness:
    """The frames of a stretch of sound, each loud or quiet.

    Speech is loud against its own background: the limit lies between the 5th and the 95th percentile of the levels. A
    stretch that is equally loud everywhere, like noise or music, is loud throughout.
    """

    def __init__(self, samples: Samples) -> None:
        """Measure samples [N]; a last part of a frame counts as a frame."""
        frames = max(-(-len(samples) // FRAME), 1)
        padded = np.zeros(frames * FRAME, np.float32)
        padded[: len(samples)] = samples
        # variance, not power, so that a constant offset of the microphone is not heard
        self.levels_F = 10 * np.log10(padded.reshape(frames, FRAME).var(axis=1) + 1e-12)
        self.loud_F: npt.NDArray[np.bool_] = self.levels_F > _limit(self.levels_F)
        self._loud_until_F = np.concatenate([[0], np.cumsum(self.loud_F)])

    def share_until(self, seconds: float) -> float:
        """How much of all that is loud comes before this moment, 0 to 1; of silence, how much of the time."""
        frame = seconds * SAMPLE_RATE / FRAME
        total = self._loud_until_F[-1]
        if total == 0:
            return min(max(frame / len(self.loud_F), 0.0), 1.0)
        return float(np.interp(frame, np.arange(len(self._loud_until_F)), self._loud_until_F) / total)

    def moment_of(self, share: float) -> float:
        """The second until which this much of what is loud has been heard; in a pause, its middle."""
        total = self._loud_until_F[-1]
        if total == 0:
            return share * len(self.loud_F) * FRAME / SAMPLE_RATE
        sought = share * total
        first = int(np.searchsorted(self._loud_until_F, sought, side="left"))
        last = int(np.searchsorted(self._loud_until_F, sought, side="right")) - 1
        if first > last:  # between two frames
            frame = first - (self._loud_until_F[first] - sought)
        else:
            frame = (first + last) / 2
        return float(frame) * FRAME / SAMPLE_RATE

    def pauses(self, least_seconds: float) -> list[range]:
        """Runs of quiet frames of at least this length, in order."""
        edges = np.flatnonzero(np.diff(np.concatenate([[True], self.loud_F, [True]]).astype(np.int8)))
        runs = zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True)
        return [range(first, end) for first, end in runs if (end - first) * FRAME >= least_seconds * SAMPLE_RATE]


def _limit(levels_F: npt.NDArray[np.floating]) -> float:
    """The level, in dB, above which a frame is loud."""
    quiet, loud = np.percentile(levels_F, [5, 95])
    quiet = max(quiet, loud - _DEEPEST)
    limit = quiet + _PAUSE * (loud - quiet) if loud - quiet >= _LEAST_CONTRAST else -np.inf
    return float(max(limit, _SILENT))
