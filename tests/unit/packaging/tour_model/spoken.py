"""A few phrases to train from, as noise in place of voices, written without any synthesizer or codec."""

import json
from pathlib import Path

import numpy as np
from tour_model.speech.phrases import phrase
from tour_model.speech.store import DECODED, GAP, Store


def write_store(folder: Path, phrases: int = 12, seed: int = 5) -> Store:
    """A store of phrases of two voices in one shard."""
    rng = np.random.default_rng(seed)
    listed, at = [], 0
    samples = np.zeros(0, np.int16)
    for number in range(phrases):
        length = int(rng.integers(4_000, 12_000))
        listed.append([phrase(rng, unseen=False), f"voice {number % 2}", at, length])
        noise = rng.integers(-8_000, 8_000, length).astype(np.int16)
        samples = np.concatenate([samples, noise, np.zeros(GAP, np.int16)])
        at += length + GAP
    folder.mkdir(exist_ok=True)
    (folder / "shard-000.json").write_text(json.dumps(listed))
    samples.tofile(folder / DECODED)
    return Store(folder)
