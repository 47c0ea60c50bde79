"""Greedy answers of transformers to prepared prompts, to compare an engine with token for token.

Runs in the parity environment: `python -m tests.parity.greedy_reference CHECKPOINT PROMPTS.npz ANSWERS.npz`.

PROMPTS.npz holds prompt n as `<n>.token_ids` (int32 [L], placeholders expanded), its picture m as `<n>.<m>.patches`
(float32 [P, 768] in 0..1) and `<n>.<m>.positions` (int32 [P, 2]), its sound, if any, as `<n>.mel` (float32 [T, 128]).
ANSWERS.npz gets `<n>.tokens`, int32, up to and with the first stop id. `write_prompts` and `read_answers` need numpy
alone.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tests.parity.tiny_checkpoints import MelSound, Picture


@dataclass(frozen=True)
class PreparedPrompt:
    """Token ids int32 [L] with expanded placeholders, and the pictures and the sound that fill them, in order."""

    token_ids: NDArray[np.int32]
    pictures: tuple[Picture, ...] = ()
    sound: MelSound | None = None


def write_prompts(file: Path, prompts: Sequence[PreparedPrompt]) -> None:
    """Write prompts for the script."""
    arrays: dict[str, NDArray] = {}
    for number, prompt in enumerate(prompts):
        arrays[f"{number}.token_ids"] = prompt.token_ids
        for index, picture in enumerate(prompt.pictures):
            arrays[f"{number}.{index}.patches"] = picture.patches_P768
            arrays[f"{number}.{index}.positions"] = picture.positions_P2
        if prompt.sound is not None:
            arrays[f"{number}.mel"] = prompt.sound.features_TC
    np.savez(file, **arrays)


def read_prompts(file: Path) -> Iterator[PreparedPrompt]:
    """The prompts of a file, one after the other."""
    with np.load(file) as arrays:
        for number in count():
            if f"{number}.token_ids" not in arrays:
                return
            pictures = []
            while f"{number}.{len(pictures)}.patches" in arrays:
                key = f"{number}.{len(pictures)}"
                pictures.append(Picture(arrays[f"{key}.patches"], arrays[f"{key}.positions"]))
            sound = MelSound(arrays[f"{number}.mel"]) if f"{number}.mel" in arrays else None
            yield PreparedPrompt(arrays[f"{number}.token_ids"], tuple(pictures), sound)


def read_answers(file: Path) -> list[list[int]]:
    """The answers of a file in the order of the prompts."""
    with np.load(file) as arrays:
        return [arrays[f"{number}.tokens"].tolist() for number in range(len(arrays.files))]


def answer(
    checkpoint: Path, prompts: Iterator[PreparedPrompt], max_tokens: int, stop_ids: Sequence[int]
) -> Iterator[NDArray[np.int32]]:
    """Greedy tokens of each prompt by the reference, up to and with a stop id; float32, eager attention.

    Args:
        checkpoint: an unquantized folder in transformers' layout.
        prompts: what to answer.
        max_tokens: most tokens of an answer.
        stop_ids: ids that end one; none for those of the folder's generation_config.json.
    """
    from tests.parity.reference import greedy_tokens, load_reference

    model = load_reference(checkpoint)
    stops = list(stop_ids) or model.generation_config.eos_token_id
    for prompt in prompts:
        media = [*prompt.pictures, *([prompt.sound] if prompt.sound else [])]
        yield greedy_tokens(model, prompt.token_ids, media, max_tokens, stops)


def main() -> None:
    """Read prompts, write answers."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("prompts", type=Path)
    parser.add_argument("answers", type=Path)
    parser.add_argument("--max-tokens", type=int, default=256)
    parser.add_argument("--stop-ids", type=int, nargs="*", default=[])
    options = parser.parse_args()
    answers = answer(options.checkpoint, read_prompts(options.prompts), options.max_tokens, options.stop_ids)
    np.savez(options.answers, **{f"{number}.tokens": tokens for number, tokens in enumerate(answers)})


if __name__ == "__main__":
    main()
