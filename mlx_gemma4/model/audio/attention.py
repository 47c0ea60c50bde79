"""Attention of the audio tower: chunk by chunk, to the rows just before, with relative positions.

Shapes: S rows (a multiple of a chunk), U chunks, W rows of a chunk, K keys around it, N heads, H head dim, D hidden.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import mlx.core as mx
from mlx import nn

from mlx_gemma4.model.audio.chunks import Chunks
from mlx_gemma4.model.audio.config import AudioConfig
from mlx_gemma4.model.layers.activations import softcap
from mlx_gemma4.model.layers.clipped_linear import ClippedLinear, ClippedLinears

_HIDDEN_LOGIT = -1e9
_KEY_SCALE = math.log(1 + math.e) / math.log(2)


class Surroundings(NamedTuple):
    """What all layers share, made once per sound: which keys are seen, bool [U, W, K]; sinusoids [K + 1, D]."""

    mask: mx.array
    positions: mx.array


class ChunkedAttention(nn.Module):
    """Local attention with capped logits (transformers: Gemma4AudioAttention).

    Parameters: `qkv_proj.*`, `o_proj.*` (clipped linears), `relative_k_proj.weight` [D, D], `per_dim_scale` [H].
    """

    def __init__(self, config: AudioConfig) -> None:
        super().__init__()
        hidden, clipped = config.hidden_size, config.clipped_linears
        self.heads, self.head_dim, self.cap = config.heads, config.head_dim, config.logit_cap
        self.chunks = Chunks.of(config)
        self.qkv_proj = ClippedLinears(hidden, hidden, 3, clipped=clipped)
        self.o_proj = ClippedLinear(hidden, hidden, clipped=clipped)
        self.relative_k_proj = nn.Linear(hidden, hidden, bias=False)
        self.per_dim_scale = mx.zeros((config.head_dim,))

    def __call__(self, x_SD: mx.array, around: Surroundings) -> mx.array:
        """[S, D] → [S, D]; computed in float32 between the projections."""
        rows = x_SD.shape[0]
        scale_H = nn.softplus(self.per_dim_scale.astype(mx.float32)) * (self.head_dim**-0.5 / math.log(2))
        q_1SNH, kv_2SNH = mx.split(self._split(self.qkv_proj.stacked(x_SD)), [1])
        q_NSH = (q_1SNH.squeeze(0) * scale_H).swapaxes(0, 1)
        k_NUKH, v_NUKH = self.chunks.windows(kv_2SNH)
        by_distance = q_NSH @ self._split(self.relative_k_proj(around.positions)).transpose(1, 2, 0)
        q_NUWH = q_NSH.reshape(self.heads, -1, self.chunks.size, self.head_dim)
        logits = q_NUWH @ k_NUKH.swapaxes(-1, -2) * _KEY_SCALE + self.chunks.aligned(by_distance)
        weights = mx.softmax(mx.where(around.mask, softcap(logits, self.cap), _HIDDEN_LOGIT), axis=-1)
        attended = (weights @ v_NUKH).transpose(1, 2, 0, 3).reshape(rows, -1)
        return self.o_proj(attended.astype(x_SD.dtype))

    def _split(self, projected: mx.array) -> mx.array:
        return projected.astype(mx.float32).reshape(*projected.shape[:-1], self.heads, self.head_dim)
