"""The reference's small operations with fewer passes over memory, for training: same values, less traffic.

A tower of 320 columns is bound by memory traffic, not by arithmetic. Norms run as PyTorch's fused kernel, clipped
linears whose bounds are infinite skip their clamps, rotations take a roll and one fused multiply-add, and weights are
cast to the activations' type once a batch (so that no autocast is needed). A test holds the outputs equal to the
untouched reference.
"""

from typing import Any

import torch
import torch.nn.functional as F
from torch import nn
from transformers.models.gemma4 import modeling_gemma4 as reference

_casts: dict[tuple[int, torch.dtype], torch.Tensor] = {}


def forget_casts() -> None:
    """Drop the cast weights: after a backward pass, whose graph they belong to, and so before weights change."""
    _casts.clear()


def lighten(model: nn.Module) -> None:
    """Replaces the forward functions of norms and linears in place, and the reference's rotation functions."""
    for module in model.modules():
        if isinstance(module, reference.Gemma4RMSNorm):
            module.forward = _norm.__get__(module)
        elif isinstance(module, reference.Gemma4ClippableLinear):
            if not all(
                torch.isinf(getattr(module, f"{side}_{end}")) for side in ("input", "output") for end in ("min", "max")
            ):
                raise ValueError("a clipped linear has finite bounds: its clamps cannot be skipped")
            module.forward = module.linear.forward = _linear.__get__(module.linear)
        elif isinstance(module, nn.Linear):
            module.forward = _linear.__get__(module)
    reference.apply_rotary_pos_emb = _rotate
    reference.apply_multidimensional_rope = _rotate_axes


def _norm(self: Any, hidden_states: torch.Tensor) -> torch.Tensor:
    weight = cast(self.weight, hidden_states.dtype) if self.with_scale else None
    return F.rms_norm(hidden_states, hidden_states.shape[-1:], weight, self.eps)


def _linear(self: nn.Linear, hidden_states: torch.Tensor) -> torch.Tensor:
    bias = None if self.bias is None else cast(self.bias, hidden_states.dtype)
    return F.linear(hidden_states, cast(self.weight, hidden_states.dtype), bias)


def cast(weight: torch.Tensor, dtype: torch.dtype) -> torch.Tensor:
    """The weight in a type; one tensor for all that use it until `forget_casts`, so that gradients meet in it."""
    if weight.dtype == dtype:
        return weight
    key = id(weight), dtype
    if key not in _casts:
        _casts[key] = weight.to(dtype)
    return _casts[key]


def _rotate(x: torch.Tensor, cos: torch.Tensor, sin: torch.Tensor, unsqueeze_dim: int = 1) -> torch.Tensor:
    half = x.shape[-1] // 2
    signed = torch.cat([-sin[..., :half], sin[..., half:]], -1)
    return torch.addcmul(x * cos.unsqueeze(unsqueeze_dim), x.roll(half, -1), signed.unsqueeze(unsqueeze_dim))


def _rotate_axes(
    x: torch.Tensor, cos: torch.Tensor, sin: torch.Tensor, position_ids: torch.Tensor, unsqueeze_dim: int = 2
) -> torch.Tensor:
    axes = position_ids.shape[-1]
    parts = x.unflatten(-1, (axes, -1))
    quarter = parts.shape[-1] // 2
    signs = torch.ones(parts.shape[-1], device=x.device, dtype=x.dtype)
    signs[:quarter] = -1
    rolled = parts.roll(quarter, -1).flatten(-2)
    return torch.addcmul(x * cos.unsqueeze(unsqueeze_dim), rolled, (sin * signs.repeat(axes)).unsqueeze(unsqueeze_dim))
