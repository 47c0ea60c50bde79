"""The reference's side of `bench.divergence`: `python -m mlx_gemma4.bench.torch_reference FOLDER IDS.npy OURS.npy`.

Runs where torch and transformers are, on the GPU if there is one; prints one line of JSON.
"""

from __future__ import annotations

import importlib
import json
import sys
from pathlib import Path
from typing import Any

import numpy as np

ROWS_AT_ONCE = 32  # of float64 logits, 262,144 wide


def main() -> None:
    """Compute the reference in both formats and print all three divergences."""
    folder, ids_file, ours_file = map(Path, sys.argv[1:])
    ids, ours = np.load(ids_file), np.load(ours_file)
    stored, exact = _logits(folder, ids, "bfloat16"), _logits(folder, ids, "float32")
    found = {
        "ours_from_reference": _divergence(stored, ours),
        "ours_from_exact": _divergence(exact, ours),
        "reference_from_exact": _divergence(exact, stored),
    }
    print(json.dumps(found))


def _logits(folder: Path, ids: np.ndarray, dtype: str) -> np.ndarray:
    """Float32 logits [tokens, vocabulary] of the checkpoint computed in a format."""
    torch: Any = importlib.import_module("torch")
    transformers: Any = importlib.import_module("transformers")
    device = "cuda" if torch.cuda.is_available() else "cpu"
    kind = getattr(transformers, transformers.AutoConfig.from_pretrained(folder).architectures[0])
    with torch.no_grad():
        model = kind.from_pretrained(folder, dtype=getattr(torch, dtype)).to(device).eval()
        logits = model(input_ids=torch.from_numpy(ids).long()[None].to(device), use_cache=False).logits[0]
        return logits.float().cpu().numpy()


def _divergence(true: np.ndarray, other: np.ndarray) -> float:
    """Mean over positions of KL(true ‖ other), computed in float64."""
    sums = [
        _row_sums(true[first : first + ROWS_AT_ONCE], other[first : first + ROWS_AT_ONCE])
        for first in range(0, len(true), ROWS_AT_ONCE)
    ]
    return float(np.concatenate(sums).mean())


def _row_sums(true: np.ndarray, other: np.ndarray) -> np.ndarray:
    log_p, log_q = _log_softmax(true), _log_softmax(other)
    return (np.exp(log_p) * (log_p - log_q)).sum(axis=-1)


def _log_softmax(logits: np.ndarray) -> np.ndarray:
    shifted = logits.astype(np.float64) - logits.max(axis=-1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))


if __name__ == "__main__":
    main()
