"""Spoken phrases on disk: shards of Opus with an index each, and all of them decoded into one file to train from."""

import json
import os
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np

from mlx_gemma4.media.sound import open_sound
from mlx_gemma4.protocol.cost import SAMPLE_RATE

BIT_RATE = 20_000
FRAME = SAMPLE_RATE // 50  # samples of an Opus frame
GAP = SAMPLE_RATE // 10  # of silence between phrases, so that none rings into the next
DECODED = "speech.i16"


@dataclass(frozen=True)
class Spoken:
    """A phrase in a file: its words, the name of its voice, and where it is, in samples."""

    text: str
    voice: str
    start: int
    length: int


def write_shard(path: Path, spoken: Iterable[tuple[str, str, np.ndarray]]) -> None:
    """Writes phrases (words, voice, float32 samples at 16 kHz) as `path`.opus and `path`.json; the latter comes last.

    A shard whose index is there is complete.
    """
    listed: list[list[str | int]] = []
    pieces: list[np.ndarray] = []
    at = 0
    for text, voice, samples in spoken:
        listed.append([text, voice, at, len(samples)])
        pieces += [samples, np.zeros(GAP, np.float32)]
        at += len(samples) + GAP
    _write_opus(path.with_suffix(".opus"), np.concatenate(pieces))
    unfinished = path.with_suffix(".part")
    unfinished.write_text(json.dumps(listed), encoding="utf-8")
    unfinished.rename(path.with_suffix(".json"))


def unpack(folder: Path) -> None:
    """Decodes all complete shards of a folder into one file of 16-bit samples, which `Store` reads.

    Decoding takes a third of a second for a minute of speech and processor; all processors share it.
    """
    shards = sorted(folder.glob("*.json"))
    with ProcessPoolExecutor() as pool, (folder / f"{DECODED}.part").open("wb") as file:
        for samples in pool.map(_decoded, [shard.with_suffix(".opus") for shard in shards]):
            file.write(samples.tobytes())
    os.replace(folder / f"{DECODED}.part", folder / DECODED)


class Store:
    """The phrases of a folder, decoded. Every process that opens it shares the memory of the others."""

    def __init__(self, folder: Path) -> None:
        """Opens a folder; decodes its shards first where nobody has done so."""
        if not (folder / DECODED).exists():
            unpack(folder)
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


def _decoded(file: Path) -> np.ndarray:
    listed = json.loads(file.with_suffix(".json").read_text(encoding="utf-8"))
    wanted = listed[-1][2] + listed[-1][3] + GAP
    samples = open_sound(file).read(24 * 3600)[:wanted]
    whole = np.zeros(wanted, np.int16)
    whole[: len(samples)] = np.clip(samples * 32768, -32768, 32767)
    return whole


def _write_opus(file: Path, samples: np.ndarray) -> None:
    codes = np.clip(samples * 32768, -32768, 32767).astype(np.int16)
    with av.open(str(file), "w", format="ogg") as container:
        stream = container.add_stream("libopus", rate=SAMPLE_RATE, layout="mono", bit_rate=BIT_RATE)
        assert isinstance(stream, av.AudioStream)
        for start in range(0, len(codes), FRAME):
            frame = av.AudioFrame.from_ndarray(codes[None, start : start + FRAME], format="s16", layout="mono")
            frame.sample_rate, frame.pts = SAMPLE_RATE, start
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
