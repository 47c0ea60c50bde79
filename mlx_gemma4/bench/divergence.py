"""How far 16-bit logits are from the reference's: Kullback-Leibler divergences, beside the reference's own.

transformers computes the same checkpoint on the same device, in bfloat16 and in float32. Two implementations in
bfloat16 never agree exactly; ours is as good as the reference's if both are about as far from float32.
"""

from __future__ import annotations

import json
import multiprocessing
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from mlx_gemma4.bench.prompts import FIRST_TEXT_ID, HIGHEST_TEXT_ID


@dataclass(frozen=True)
class Divergences:
    """Mean divergences over the positions of a text, in nats.

    Attributes:
        ours_from_reference: of ours from the reference, both in the stored format.
        ours_from_exact: of ours from the reference in float32.
        reference_from_exact: of the reference from itself in float32.
    """

    ours_from_reference: float
    ours_from_exact: float
    reference_from_exact: float

    def __str__(self) -> str:
        ratio = self.ours_from_exact / self.reference_from_exact if self.reference_from_exact else float("inf")
        exact = f"ours {self.ours_from_exact:.2e}, its own {self.reference_from_exact:.2e} ({ratio:.2f}×)"
        return f"KL from transformers in float32: {exact}; ours from its own {self.ours_from_reference:.2e}"


def measure_divergences(folder: Path, tokens: int) -> Divergences:
    """Compare on a random text; needs torch and transformers in the same environment.

    Raises:
        RuntimeError: one of the two processes failed; its reason stands on stderr.
    """
    ids = np.random.default_rng(0).integers(FIRST_TEXT_ID, HIGHEST_TEXT_ID, tokens, dtype=np.int32)
    with tempfile.TemporaryDirectory() as scratch:
        logits = Path(scratch) / "ours.npy"
        ours = multiprocessing.get_context("spawn").Process(target=_write_ours, args=(folder, ids, logits))
        ours.start()
        ours.join()  # its memory is free again before the reference is loaded
        if ours.exitcode != 0:
            raise RuntimeError("our logits could not be computed")
        np.save(Path(scratch) / "ids.npy", ids)
        command = [sys.executable, "-m", "mlx_gemma4.bench.torch_reference", folder, Path(scratch) / "ids.npy", logits]
        done = subprocess.run([str(word) for word in command], stdout=subprocess.PIPE, check=False)
        if done.returncode != 0:
            raise RuntimeError("the reference could not be computed")
    return Divergences(**json.loads(done.stdout.splitlines()[-1]))


def _write_ours(folder: Path, ids: np.ndarray, target: Path) -> None:
    import mlx.core as mx

    from mlx_gemma4.weights.loader import load_model

    model, _ = load_model(folder)
    np.save(target, np.array(model.logits(ids).astype(mx.float32)))
