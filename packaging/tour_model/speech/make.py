"""Has phrases spoken and packs them into shards; goes on where it was broken off.

PYTHONPATH=packaging:. python -m tour_model.speech.make --out shards/ --shards 40   # needs espeak-ng and flite
"""

import argparse
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from tour_model.speech.packing import write_shard
from tour_model.speech.phrases import phrase
from tour_model.speech.voices import speak, training_voice

from mlx_gemma4.protocol.cost import SAMPLE_RATE

PHRASES_OF_A_VOICE = 16  # in a row, at one speed and pitch


def spoken(rng: np.random.Generator, minutes: float) -> Iterator[tuple[str, str, np.ndarray]]:
    """Phrases for so many minutes, with the name of who says them."""
    left = minutes * 60 * SAMPLE_RATE
    while left > 0:
        voice = training_voice(rng)
        for _ in range(PHRASES_OF_A_VOICE):
            text = phrase(rng, unseen=False)
            samples = speak(voice, text)
            left -= len(samples)
            yield text, f"{voice.name} {voice.speed} {voice.pitch}", samples


def main() -> None:
    """Parses the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--shards", type=int, default=40)
    parser.add_argument("--minutes", type=float, default=15, help="of speech in a shard, about 2 MB")
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    for number in range(args.shards):
        path = args.out / f"shard-{number:03}"
        if not path.with_suffix(".json").exists():
            began = time.monotonic()
            write_shard(path, spoken(np.random.default_rng([args.seed, number]), args.minutes))
            print(f"{path.name}: {time.monotonic() - began:.0f} s", flush=True)


if __name__ == "__main__":
    main()
