"""What packed keys and values do to the tour model: how far its distributions move, and the figures of its card.

PYTHONPATH=packaging:. python -m tour_model.packed_kv --bits 8 --pictures 500 --seed 20260101
"""

import argparse
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from tour_model.evaluate import TASKS, evaluate, unseen_scene
from tour_model.questions import example as ask_about

from mlx_gemma4 import load
from mlx_gemma4.gemma import Gemma
from mlx_gemma4.generation.feature_cache import FeatureCache
from mlx_gemma4.generation.session import Session
from mlx_gemma4.prompt.prepared import Prepared
from mlx_gemma4.protocol.kv_packing import KV_BITS, KVPacking

LONGEST_ANSWER = 400
ROOM_FOR_FEATURES = 2**20  # bytes; a picture has 70 soft tokens


def divergences(gemma: Gemma, packing: KVPacking, pictures: int, seed: int) -> Iterator[dict[str, list[float]]]:
    """The Kullback–Leibler divergence, in nats, of packed from plain at every token of the plain model's answers.

    One question of each task about each picture, those that `evaluate` asks; yields the values by task, picture by
    picture.
    """
    rng = np.random.default_rng(seed)
    kept = FeatureCache(ROOM_FOR_FEATURES)
    sessions = [Session(gemma.model, encode=kept, packing=each) for each in (None, packing)]
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(pictures):
            path, shapes, width, height = unseen_scene(rng, Path(folder))
            found: dict[str, list[float]] = {}
            for task in TASKS:
                question = ask_about(rng, task, shapes, width, height, unseen=True).question
                content = [{"type": "image", "path": str(path)}, {"type": "text", "text": question}]
                prepared = gemma.prepare([{"role": "user", "content": content}])
                end_ids = gemma.tokenizer.special.end_ids
                answer, plain = _written(sessions[0].fresh(), prepared, end_ids)
                _, packed = _written(sessions[1].fresh(), prepared, end_ids, answer)
                found[task] = (np.exp(plain) * (plain - packed)).sum(axis=-1).tolist()
            yield found


def _written(
    session: Session, prepared: Prepared, end_ids: frozenset[int], answer: Sequence[int] | None = None
) -> tuple[list[int], np.ndarray]:
    """The greedy answer, or the one given, and the log probabilities before each of its tokens, float64 [L, V]."""
    token_ids, rows = [], []
    list(session.prefill(prepared))
    while len(rows) < LONGEST_ANSWER and not end_ids.intersection(token_ids[-1:]):
        logits_V = np.array(session.next_logits(), dtype=np.float64)
        rows.append(logits_V - logits_V.max() - np.log(np.exp(logits_V - logits_V.max()).sum()))
        token_ids.append(answer[len(token_ids)] if answer else int(logits_V.argmax()))
        session.accept(token_ids[-1])
    return token_ids, np.stack(rows)


def _print_divergences(by_picture: Iterator[dict[str, list[float]]], pictures: int) -> None:
    values: dict[str, list[float]] = {task: [] for task in TASKS}
    for count, found in enumerate(by_picture, 1):
        for task in TASKS:
            values[task] += found[task]
        if count % 50 == 0 or count == pictures:
            print(f"{count} pictures", flush=True)
            for task in TASKS:
                mean, highest = np.mean(values[task]), np.max(values[task])
                print(f"{task:9} KL {mean:.2e}, at most {highest:.1e}, {len(values[task])} tokens", flush=True)


def main() -> None:
    """Parses the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bits", type=int, choices=KV_BITS, default=8)
    parser.add_argument("--pictures", type=int, default=500)
    parser.add_argument("--seed", type=int, default=20260101)
    args = parser.parse_args()
    packing = KVPacking(args.bits)
    _print_divergences(divergences(load("tour"), packing, args.pictures, args.seed), args.pictures)
    kept = {name: evaluate(load("tour", kv_packing=each), args.pictures, args.seed) for name, each in
            (("plain", None), ("packed", packing))}  # fmt: skip
    for task in TASKS:
        for figure, value in kept["plain"][task].items():
            print(f"{task:9} {figure:20} {value:.4f} {kept['packed'][task][figure]:.4f}")


if __name__ == "__main__":
    main()
