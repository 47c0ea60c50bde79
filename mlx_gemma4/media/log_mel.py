"""Samples of sound to the log-mel frames that the audio tower reads, equal to transformers' feature extractor.

Letters: N samples, T frames, F frequencies, C mel bands.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import numpy.typing as npt

from mlx_gemma4.protocol.cost import MEL_BANDS, MEL_HOP, MEL_WINDOW, SAMPLE_RATE, mel_frames

FFT = 512
FLOOR = 1e-3
_FRAMES_AT_ONCE = 512  # bounds the memory for the spectra of long sounds


def log_mel(samples_N: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Log-mel frames float32 [T, C] of mono sound at 16 kHz in −1..1, float32 [N]; only frames wholly in the sound.

    The magnitude spectrum of 20 ms under a Hann window every 10 ms, in 128 bands evenly spaced on the mel scale up to
    8 kHz, as ln(band + 0.001). The first frame begins 10 ms before the sound. (transformers:
    Gemma4AudioFeatureExtractor, in the same number formats; its frames that reach past the end are left out.)
    """
    frames = mel_frames(len(samples_N))
    padded = np.concatenate([np.zeros(MEL_WINDOW // 2, np.float32), samples_N.astype(np.float32, copy=False)])
    if not frames:
        return np.zeros((0, MEL_BANDS), np.float32)
    windows = np.lib.stride_tricks.sliding_window_view(padded, MEL_WINDOW)[::MEL_HOP][:frames]
    bands_TC = np.empty((frames, MEL_BANDS), np.float32)
    for first in range(0, frames, _FRAMES_AT_ONCE):
        some = windows[first : first + _FRAMES_AT_ONCE] * hann_window()
        magnitudes_TF = np.abs(np.fft.rfft(some, n=FFT, axis=-1))
        bands_TC[first : first + len(some)] = np.log(magnitudes_TF @ mel_bank() + FLOOR)
    return bands_TC


@cache
def hann_window() -> npt.NDArray[np.float32]:
    """The periodic Hann window."""
    turns = np.arange(MEL_WINDOW) / MEL_WINDOW
    return (0.5 - 0.5 * np.cos(2 * np.pi * turns)).astype(np.float32)


@cache
def mel_bank() -> npt.NDArray[np.float64]:
    """Weights [F, C] of each frequency in each band: triangles that overlap by half, with peaks of one."""
    highest = _mel(SAMPLE_RATE / 2)
    edges = _hertz(np.linspace(0.0, highest, MEL_BANDS + 2))
    frequencies = np.linspace(0.0, SAMPLE_RATE / 2, FFT // 2 + 1)[:, None]
    widths = np.diff(edges)
    rising = (frequencies - edges[:-2]) / widths[:-1]
    falling = (edges[2:] - frequencies) / widths[1:]
    return np.maximum(0.0, np.minimum(rising, falling))


def _mel(hertz: float) -> float:
    """The mel scale as HTK defines it."""
    return 2595.0 * np.log10(1.0 + hertz / 700.0)


def _hertz(mel: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    return 700.0 * (10.0 ** (mel / 2595.0) - 1.0)
