"""Writes spoken phrases as shards of Opus with an index each, and decodes shards into the file that training reads.

PYTHONPATH=packaging:. python -m tour_model.speech.packing shards/     # decodes; a minute of speech takes half a second
"""

import argparse
import json
import os
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import av
import numpy as np
from tour_model.speech.store import DECODED, GAP

from mlx_gemma4.media.sound import open_sound
from mlx_gemma4.protocol.cost import SAMPLE_RATE

BIT_RATE = 20_000
FRAME = SAMPLE_RATE // 50  # samples of an Opus frame
A_DAY = 24 * 3600  # seconds; no shard is longer


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

    All processors share the work.
    """
    shards = sorted(folder.glob("*.json"))
    with ProcessPoolExecutor() as pool, (folder / f"{DECODED}.part").open("wb") as file:
        for samples in pool.map(_decoded, [shard.with_suffix(".opus") for shard in shards]):
            file.write(samples.tobytes())
    os.replace(folder / f"{DECODED}.part", folder / DECODED)


def _decoded(file: Path) -> np.ndarray:
    listed = json.loads(file.with_suffix(".json").read_text(encoding="utf-8"))
    wanted = listed[-1][2] + listed[-1][3] + GAP
    samples = open_sound(file).read(A_DAY)[:wanted]
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


def main() -> None:
    """Parses the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    unpack(parser.parse_args().folder)


if __name__ == "__main__":
    main()
