"""Recordings as people make them: phrases with pauses, in a room, with noise, at some level; float32 at 16 kHz."""

from collections.abc import Sequence

import numpy as np

from mlx_gemma4.protocol.cost import SAMPLE_RATE

PAUSE = (0.15, 1.6)  # seconds between phrases
BEFORE, AFTER = (0.02, 0.7), (0.1, 0.8)  # seconds of quiet at the ends
RATE = (0.88, 1.14)  # of play-back, which makes other voices: formants and pitch move together
REVERB, NOISE, MUFFLED, OTHER_VOICE = 0.4, 0.75, 0.25, 0.5  # how often
DECAY = (0.1, 0.6)  # seconds in which an echo loses 60 dB
SNR = (6.0, 35.0)  # dB of speech over noise
PEAK = (-26.0, -1.0)  # dB of full scale
_BLOCK = 8000  # transforms are as long as a multiple of this, whose factors are small


def join(rng: np.random.Generator, phrases: Sequence[np.ndarray]) -> tuple[np.ndarray, list[int]]:
    """Phrases one after the other, with pauses between and quiet around them; and where each begins."""
    pieces, starts = [_quiet(rng, BEFORE)], []
    for number, phrase in enumerate(phrases):
        pieces += [_quiet(rng, PAUSE)] if number else []
        starts.append(sum(map(len, pieces)))
        pieces.append(phrase)
    return np.concatenate([*pieces, _quiet(rng, AFTER)]), starts


def other_voice(rng: np.random.Generator, phrase: np.ndarray) -> np.ndarray:
    """The phrase played somewhat faster or slower, now and then; for training."""
    if rng.random() >= OTHER_VOICE:
        return phrase
    count = int(len(phrase) / rng.uniform(*RATE))
    return np.interp(np.linspace(0, len(phrase) - 1, count), np.arange(len(phrase)), phrase).astype(np.float32)


def record(rng: np.random.Generator, speech: np.ndarray) -> np.ndarray:
    """The same speech [N] through a room, a microphone and noise, at some level."""
    size = -(-(len(speech) + _BLOCK) // _BLOCK) * _BLOCK
    spectrum = np.fft.rfft(speech.astype(np.float32), size)
    hertz = np.arange(len(spectrum)) * (SAMPLE_RATE / size)
    if rng.random() < REVERB:
        spectrum = spectrum * np.fft.rfft(_echo(rng), size)
    if rng.random() < NOISE:
        spectrum = spectrum + _noise(rng, hertz, float((np.abs(spectrum) ** 2).sum()))
    if rng.random() < MUFFLED:
        spectrum = spectrum / (1 + (hertz / rng.uniform(2500, 7000)) ** 6).astype(np.float32)
    mixed = np.fft.irfft(spectrum, size)[: len(speech)]
    peak = 10 ** (rng.uniform(*PEAK) / 20)
    return (mixed * (peak / max(float(np.abs(mixed).max()), 1e-6))).astype(np.float32)


def _quiet(rng: np.random.Generator, seconds: tuple[float, float]) -> np.ndarray:
    return np.zeros(int(rng.uniform(*seconds) * SAMPLE_RATE), np.float32)


def _echo(rng: np.random.Generator) -> np.ndarray:
    """What a room answers to a click: the click, and noise that decays."""
    decay = rng.uniform(*DECAY)
    time = np.arange(int(min(decay, 0.45) * SAMPLE_RATE)) / SAMPLE_RATE
    tail = rng.standard_normal(len(time)) * 10 ** (-3 * time / decay)
    tail *= rng.uniform(0.1, 0.7) / np.sqrt((tail**2).sum())
    tail[0] = 1.0
    return tail.astype(np.float32)


def _noise(rng: np.random.Generator, hertz: np.ndarray, energy: float) -> np.ndarray:
    """The spectrum of noise from white to brown, with mains hum now and then, so many dB below the speech."""
    shape = (np.maximum(hertz, 50.0) / 1000) ** rng.uniform(-1.2, 0.0)
    if rng.random() < 0.2:
        mains = 50 if rng.random() < 0.5 else 60
        shape += 30 * sum(np.exp(-(((hertz - mains * k) / 1.5) ** 2)) / k for k in (1, 2, 3, 4))
    noise = (rng.standard_normal(len(hertz)) + 1j * rng.standard_normal(len(hertz))) * shape
    wanted = energy / 10 ** (rng.uniform(*SNR) / 10)
    return (noise * np.sqrt(wanted / (np.abs(noise) ** 2).sum())).astype(np.complex64)
