"""Holds this engine's greedy answers against transformers', token for token, on unseen prompts and pictures, or sounds.

PYTHONPATH=packaging:. python -m tour_model.agreement --reference .venv-parity/bin/python  # needs `make parity` once
PYTHONPATH=packaging:. python -m tour_model.agreement --reference .venv-parity/bin/python --prompts 100 --recordings
"""

import argparse
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from tour_model.evaluate import TASKS, unseen_scene
from tour_model.questions import example
from tour_model.speech.evaluate import PHRASES, new_recording
from tour_model.speech.voices import training_voice

from mlx_gemma4 import load
from mlx_gemma4.gemma import TOUR, Gemma, bundled
from mlx_gemma4.generation.session import Session
from mlx_gemma4.prompt.prepared import Prepared, PreparedPicture, PreparedSound
from mlx_gemma4.protocol.requests import GREEDY
from mlx_gemma4.weights.conversion import save_unquantized
from tests.parity.greedy_reference import PreparedPrompt, read_answers, write_prompts
from tests.parity.tiny_checkpoints import MelSound, Picture

LONGEST = 256


def prompts(gemma: Gemma, count: int, seed: int) -> Iterator[Prepared]:
    """Prepared prompts of all tasks in turn, each about a new picture."""
    rng = np.random.default_rng(seed)
    with tempfile.TemporaryDirectory() as folder:
        for number in range(count):
            path, shapes, width, height = unseen_scene(rng, Path(folder))
            case = example(rng, TASKS[number % len(TASKS)], shapes, width, height, unseen=True)
            content = [{"type": "image", "path": str(path)}, {"type": "text", "text": case.question}]
            yield gemma.prepare([{"role": "user", "content": content}])


def recordings(gemma: Gemma, count: int, seed: int) -> Iterator[Prepared]:
    """Prepared prompts, each about a new recording."""
    rng = np.random.default_rng(seed)
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(count):
            yield gemma.prepare([new_recording(rng, training_voice(rng), Path(folder), PHRASES)[1]])


def as_reference(prepared: Prepared) -> PreparedPrompt:
    """The same prompt for the reference."""
    pictures = [Picture(item.patches, item.positions) for item in prepared.media if isinstance(item, PreparedPicture)]
    sounds = [MelSound(item.features) for item in prepared.media if isinstance(item, PreparedSound)]
    return PreparedPrompt(prepared.token_ids, tuple(pictures), *sounds)


def our_answer(blank: Session, stop_ids: frozenset[int], prepared: Prepared) -> list[int]:
    """Greedy tokens up to and with a stop id."""
    session = blank.fresh()
    for _ in session.prefill(prepared):
        pass
    return list(session.decode(GREEDY, stop_ids, LONGEST))


def main() -> None:
    """Parses the command line, compares, and prints the share of equal answers."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--reference", type=Path, required=True, help="a Python that has torch and transformers")
    parser.add_argument("--prompts", type=int, default=200)
    parser.add_argument("--recordings", action="store_true", help="ask about recordings (needs espeak-ng and flite)")
    parser.add_argument("--seed", type=int, default=3)
    parser.add_argument("--checkpoint", default=TOUR)
    args = parser.parse_args()
    gemma = load(args.checkpoint)
    prepared = list((recordings if args.recordings else prompts)(gemma, args.prompts, args.seed))
    blank, stop_ids = Session(gemma.model), gemma.tokenizer.special.end_ids
    ours = [our_answer(blank, stop_ids, prompt) for prompt in prepared]
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        save_unquantized(bundled(TOUR) if args.checkpoint == TOUR else args.checkpoint, folder / "float32")
        write_prompts(folder / "prompts.npz", [as_reference(prompt) for prompt in prepared])
        module = [args.reference, "-m", "tests.parity.greedy_reference", folder / "float32", folder / "prompts.npz"]
        subprocess.run([*map(str, module), str(folder / "answers.npz"), "--max-tokens", str(LONGEST)], check=True)
        theirs = read_answers(folder / "answers.npz")
    equal = sum(a == b for a, b in zip(ours, theirs, strict=True))
    print(f"{equal} of {len(ours)} answers are equal token for token ({sum(map(len, ours))} tokens)")


if __name__ == "__main__":
    main()
