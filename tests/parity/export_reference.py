"""Runs the reference and writes what it computes: `python -m tests.parity.export_reference FOLDER [CHECKPOINT …]`.

Runs in the parity environment, for all tiny checkpoints or the named ones. One .npz per tiny checkpoint: logits of each
case, arrays of components, and a digest of the weights that they belong to.
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import save_file
from transformers import PreTrainedModel

from tests.parity.cases import CASES, GREEDY_CASES, GREEDY_LENGTH, SUPPRESSED_IDS, Case
from tests.parity.components import component_arrays
from tests.parity.reference import greedy_tokens, load_reference, logits_by_forward, reference_logits
from tests.parity.tiny_checkpoints import CONFIGS, digest, make_weights


def compute(name: str) -> dict[str, NDArray]:
    """All arrays of one tiny checkpoint, by the names under which they are stored."""
    weights = make_weights(CONFIGS[name])
    with tempfile.TemporaryDirectory() as checkpoint:
        (Path(checkpoint) / "config.json").write_text(json.dumps(CONFIGS[name]))
        save_file(weights, Path(checkpoint) / "model.safetensors", metadata={"format": "pt"})
        model = load_reference(Path(checkpoint))
    arrays = {f"logits.{case.name}": reference_logits(model, case.token_ids, case.items) for case in CASES[name]}
    if name == "12b_like":
        arrays |= {f"forward.{case.name}": _forward_difference(model, case, arrays) for case in CASES[name]}
    arrays |= component_arrays(model)
    for case in GREEDY_CASES[name]:
        prompt = (model, case.token_ids, case.items, GREEDY_LENGTH)
        arrays[f"greedy.{case.name}"] = greedy_tokens(*prompt)
        if suppressed_ids := SUPPRESSED_IDS.get(name):
            arrays[f"suppressed.{case.name}"] = greedy_tokens(*prompt, suppressed_ids=suppressed_ids)
    return arrays | {"weights_digest": np.array(digest(weights))}


def _forward_difference(model: PreTrainedModel, case: Case, arrays: dict[str, NDArray]) -> NDArray[np.float32]:
    """How far the reference's own masks take a logit from those that we follow: [largest, of the last token]."""
    differences_LV = np.abs(logits_by_forward(model, case.token_ids, case.items) - arrays[f"logits.{case.name}"])
    return np.array([differences_LV.max(), differences_LV[-1].max()], dtype=np.float32)


def _rounded(key: str, array: NDArray) -> NDArray:
    """Logits as multiples of 2⁻¹⁵, which takes a fifth less when compressed; at most 1.5e-5 away."""
    return (np.round(array * 2.0**15) * 2.0**-15).astype(np.float32) if key.startswith("logits.") else array


if __name__ == "__main__":
    target = Path(sys.argv[1])
    target.mkdir(parents=True, exist_ok=True)
    for config_name in sys.argv[2:] or CONFIGS:
        rounded = {key: _rounded(key, array) for key, array in compute(config_name).items()}
        np.savez_compressed(target / f"{config_name}.npz", **rounded)
