"""The table that says where a kernel takes the place of plain MLX: only where it was measured to be faster."""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping
from functools import cache
from typing import Literal, TypeAlias, get_args

from mlx_gemma4.kernels.backend import Backend, backend
from mlx_gemma4.kernels.settings import saved

Kernel: TypeAlias = Literal["residual_norm", "heads", "gated_gelu", "attention"]

THERE_ARE: Mapping[Backend, frozenset[Kernel]] = {
    "cpu": frozenset(),
    "cuda": frozenset({"residual_norm", "heads", "attention"}),
    "metal": frozenset({"residual_norm", "heads", "gated_gelu", "attention"}),
}
"""What is written for a backend."""

KERNELS_OF_BACKEND: Mapping[Backend, frozenset[Kernel]] = {
    "cpu": frozenset(),
    "cuda": frozenset({"residual_norm", "heads", "attention"}),
    "metal": frozenset(),
}
"""Nothing on Metal so far: the kernels give the right numbers when they are run on a CPU, and no Mac has run them."""

VARIABLE = "MLX_GEMMA4_KERNELS"
"""Environment variable with the names of those to use instead on a GPU, a comma between them, or `all` or `none`."""


def uses_kernel(kernel: Kernel) -> bool:
    """Whether the default device's backend computes this with a kernel of ours."""
    device = backend()
    return kernel in THERE_ARE[device] and kernel in _wanted(device)


def _wanted(device: Backend) -> Collection[str]:
    """What a person names, else what a bench has chosen on this machine, else what the table has."""
    named = _named(os.environ.get(VARIABLE, ""))
    if named is not None:
        return named
    chosen = saved()
    return KERNELS_OF_BACKEND[device] if chosen is None else chosen.kernels


@cache
def _named(names: str) -> frozenset[str] | None:
    """The kernels that the variable names; None where it says nothing.

    Raises:
        ValueError: there is no kernel of that name.
    """
    if not names:
        return None
    known = frozenset(get_args(Kernel))
    chosen = known if names == "all" else frozenset() if names == "none" else frozenset(names.split(","))
    if chosen - known:
        raise ValueError(f"{VARIABLE} names {', '.join(sorted(chosen - known))}; there are {', '.join(sorted(known))}.")
    return chosen
