"""Samples of sound in the frames that the encoder-free model takes as they are.

Letters: N samples, T frames, C samples of a frame.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from mlx_gemma4.protocol.cost import RAW_FRAME


def raw_frames(samples_N: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Frames float32 [T, 640] of mono sound at 16 kHz in −1..1, float32 [N]; the last is filled up with silence.

    (transformers: Gemma4UnifiedAudioFeatureExtractor.)
    """
    filled = np.pad(samples_N.astype(np.float32, copy=False), (0, -len(samples_N) % RAW_FRAME))
    return filled.reshape(-1, RAW_FRAME)
