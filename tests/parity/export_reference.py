"""Runs the reference on every case and writes what it computes: `python -m tests.parity.export_reference FOLDER`.

Runs in the parity environment (requirements.txt beside this file). One .npz per tiny checkpoint: logits of each
case, arrays of components, and a digest of the weights that they belong to.
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path

import numpy as np
from safetensors.numpy import save_file

from tests.parity.cases import CASES
from tests.parity.components import component_arrays
from tests.parity.reference import load_reference, reference_logits
from tests.parity.tiny_checkpoints import CONFIGS, digest, make_weights


def export(name: str, folder: Path) -> None:
    """Write `<name>.npz` into the folder."""
    weights = make_weights(CONFIGS[name])
    with tempfile.TemporaryDirectory() as checkpoint:
        (Path(checkpoint) / "config.json").write_text(json.dumps(CONFIGS[name]))
        save_file(weights, Path(checkpoint) / "model.safetensors", metadata={"format": "pt"})
        model = load_reference(Path(checkpoint))
    arrays = {f"logits.{case.name}": reference_logits(model, case.token_ids, case.pictures) for case in CASES}
    arrays |= component_arrays(model, CASES[1], CASES[3])
    folder.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(folder / f"{name}.npz", weights_digest=digest(weights), **arrays)


if __name__ == "__main__":
    for config_name in CONFIGS:
        export(config_name, Path(sys.argv[1]))
