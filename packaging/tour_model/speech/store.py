"""Spoken phrases to train from: the indices of shards, and one file with all their samples."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from mlx_gemma4.protocol.cost import SAMPLE_RATE

GAP = SAMPLE_RATE // 10  # of silence between the phrases of a shard, so that none rings into the next
DECODED = "speech.i16"  # int16 [N] at 16 kHz, shard after shard


@dataclass(frozen=True)
class Spoken:
    """A phrase in a file: its words, the name of its voice, and where it is, in samples."""

    text: str
    voice: str
    start: int
    length: int


class Store:
    """The phrases of a folder, decoded. Every process that opens it shares the memory of the others."""

    def __init__(self, folder: Path) -> None:
        """Opens a folder whose shards `tour_model.speech.packing` has decoded."""
        self._samples = np.memmap(folder / DECODED, np.int16, "r")
        self.spoken = list(_index(sorted(folder.glob("*.json"))))
        assert self.spoken[-1].start + self.spoken[-1].length <= len(self._samples), "decoded before all shards came"
        self._by_voice: dict[str, list[Spoken]] = {}
        for phrase in self.spoken:
            self._by_voice.setdefault(phrase.voice, []).append(phrase)

    def samples(self, phrase: Spoken) -> np.ndarray:
        """What is said, float32 [N]."""
        return self._samples[phrase.start : phrase.start + phrase.length].astype(np.float32) / 32768

    def of_one_voice(self, rng: np.random.Generator) -> Sequence[Spoken]:
        """All phrases of the voice of a phrase drawn at random."""
        return self._by_voice[self.spoken[rng.integers(len(self.spoken))].voice]


def _index(files: Sequence[Path]) -> Iterator[Spoken]:
    """The phrases of all shards, their places counted through."""
    at = 0
    for file in files:
        listed = json.loads(file.read_text(encoding="utf-8"))
        yield from (Spoken(text, voice, at + start, length) for text, voice, start, length in listed)
        at += listed[-1][2] + listed[-1][3] + GAP
