"""How much work MLX sends to the device at once."""

from __future__ import annotations

import os
from collections.abc import Mapping

from mlx_gemma4.kernels.backend import Backend, backend
from mlx_gemma4.kernels.settings import saved

LENGTHS: Mapping[Backend, Mapping[str, str]] = {
    "cpu": {},
    "cuda": {"MLX_MAX_OPS_PER_BUFFER": "100", "MLX_MAX_MB_PER_BUFFER": "4000"},
    "metal": {},
}
"""MLX's own settings, by backend, where others than its defaults were faster in a run (docs/LOG.md).

A CUDA graph that is sent off costs the host tens of microseconds, and MLX sends one every few dozen operations.
"""


def set_lengths() -> None:
    """Apply what a bench has chosen here, or the table, unless the person has set something; before MLX computes."""
    device = backend()
    chosen = saved() if device != "cpu" else None
    for name, value in ((chosen and chosen.buffers) or LENGTHS[device]).items():
        os.environ.setdefault(name, value)
