"""What packed keys and values do to the tour model: how far its distributions move, and the figures of its card.

PYTHONPATH=packaging:. python -m tour_model.packed_kv --bits 8 --pictures 150 --seed 20260101
"""

import argparse
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from tour_model.evaluate import TASKS, evaluate, unseen_scene
from tour_model.questions import example as ask_about

from mlx_gemma4 import load
from mlx_gemma4.gemma import Gemma
from mlx_gemma4.generation.session import Session
from mlx_gemma4.prompt.prepared import Prepared
from mlx_gemma4.protocol.kv_packing import KV_BITS, KVPacking
from mlx_gemma4.protocol.requests import GREEDY

LONGEST_ANSWER = 400


def divergences(gemma: Gemma, packing: KVPacking, pictures: int, seed: int) -> dict[str, list[float]]:
    """The Kullback–Leibler divergence, in nats, of packed from plain at every token of the plain model's answers.

    One question of each task about each picture, in phrasings kept out of training.
    """
    rng = np.random.default_rng(seed)
    found: dict[str, list[float]] = {task: [] for task in TASKS}
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(pictures):
            path, shapes, width, height = unseen_scene(rng, Path(folder))
            for task in TASKS:
                question = ask_about(rng, task, shapes, width, height, unseen=True).question
                content = [{"type": "image", "path": str(path)}, {"type": "text", "text": question}]
                prepared = gemma.prepare([{"role": "user", "content": content}])
                found[task] += _of_one(gemma, packing, prepared)
    return found


def _of_one(gemma: Gemma, packing: KVPacking, prepared: Prepared) -> list[float]:
    session = Session(gemma.model)
    list(session.prefill(prepared))
    answer = list(session.decode(GREEDY, gemma.tokenizer.special.end_ids, LONGEST_ANSWER))
    plain, packed = (_log_probabilities(gemma, prepared, answer, each) for each in (None, packing))
    return (np.exp(plain) * (plain - packed)).sum(axis=-1).tolist()


def _log_probabilities(
    gemma: Gemma, prepared: Prepared, answer: Sequence[int], packing: KVPacking | None
) -> np.ndarray:
    """Of each token of an answer that is written to the end, float64 [L, V]."""
    session, rows = Session(gemma.model, packing=packing), []
    list(session.prefill(prepared))
    for token_id in answer:
        logits_V = np.array(session.next_logits(), dtype=np.float64)
        rows.append(logits_V - logits_V.max() - np.log(np.exp(logits_V - logits_V.max()).sum()))
        session.accept(token_id)
    return np.stack(rows)


def main() -> None:
    """Parses the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bits", type=int, choices=KV_BITS, default=8)
    parser.add_argument("--pictures", type=int, default=150, help="of which a tenth is for the divergences")
    parser.add_argument("--seed", type=int, default=20260101)
    args = parser.parse_args()
    packing = KVPacking(args.bits)
    for task, values in divergences(load("tour"), packing, max(args.pictures // 10, 1), args.seed).items():
        print(f"{task:9} KL {np.mean(values):.2e}, at most {np.max(values):.1e}, {len(values)} tokens", flush=True)
    kept = {name: evaluate(load("tour", kv_packing=each), args.pictures, args.seed) for name, each in
            (("plain", None), ("packed", packing))}  # fmt: skip
    for task in TASKS:
        for figure, value in kept["plain"][task].items():
            print(f"{task:9} {figure:20} {value:.4f} {kept['packed'][task][figure]:.4f}")


if __name__ == "__main__":
    main()
