"""Which matrices of a Gemma 4 are quantized how, where a person only says how many bits.

What costs little and loses much is protected: the towers and projectors stay as they are, and the experts' router and
everything of the per-layer embeddings keep 8 bits (4-bit tables were reported to give garbage, 4-bit projections to
double the divergence for 1 % of the size).
"""

from __future__ import annotations

import re

from mlx_gemma4.protocol.errors import RequestError
from mlx_gemma4.weights.conversion import ChoosePacking
from mlx_gemma4.weights.quantization import AFFINE_GROUPS, BLOCK_FLOAT_MODES, Packing

MODES = ("affine", *BLOCK_FLOAT_MODES)
BITS = (4, 8)
DEFAULT_GROUP = 64
_DECODER = re.compile(r"model\.(language_model\.|layers\.|embed_tokens|per_layer_)")
_EIGHT_BITS = re.compile(r"router\.proj|embed_tokens_per_layer|per_layer_(model_projection|input_gate|projection)\.")


def read_packing(mode: str = "affine", bits: int | None = None, group_size: int | None = None) -> Packing:
    """The packing that a person asks for; what is left out is the mode's own, or 4 bits in groups of 64.

    Raises:
        RequestError: the three do not go together.
    """
    if mode != "affine":
        if mode not in BLOCK_FLOAT_MODES:
            raise RequestError(f"There is no quantization mode {mode!r}.", f"Known are {', '.join(MODES)}.")
        fixed = BLOCK_FLOAT_MODES[mode]
        if (bits or fixed[0], group_size or fixed[1]) != fixed:
            raise RequestError(f"{mode} always has {fixed[0]} bits in groups of {fixed[1]}.", "Leave both out.")
        return Packing(*fixed, mode)
    if (bits or 4) not in BITS:
        raise RequestError(f"Weights cannot be quantized to {bits} bits.", "Choose 4 or 8.")
    if (group_size or DEFAULT_GROUP) not in AFFINE_GROUPS:
        raise RequestError(f"There are no groups of {group_size}.", "Choose 32, 64 or 128.")
    return Packing(bits or 4, group_size or DEFAULT_GROUP)


def protecting(packing: Packing) -> ChoosePacking:
    """The recipe, with `packing` for everything that is not protected."""

    def choose(name: str, shape: tuple[int, ...]) -> Packing | None:
        if not _DECODER.match(name):
            return None
        if _EIGHT_BITS.search(name):
            group_size = packing.group_size if packing.mode == "affine" else DEFAULT_GROUP
            return _that_divides(shape[-1], Packing(8, group_size))
        return _that_divides(shape[-1], packing)

    return choose


def _that_divides(columns: int, packing: Packing) -> Packing | None:
    """The packing, in smaller groups if need be; None where a row cannot be cut into any."""
    if packing.mode != "affine":
        return packing if columns % packing.group_size == 0 else None
    groups = (group for group in reversed(AFFINE_GROUPS) if group <= packing.group_size and columns % group == 0)
    return next((Packing(packing.bits, group) for group in groups), None)
