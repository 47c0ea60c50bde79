"""The mixture of experts that stands beside the dense MLP of every layer in 26B-A4B.

Shapes: L tokens, X experts of a token, E experts, F width of an expert, R = L·X rows, D hidden.
"""

from __future__ import annotations

from functools import lru_cache

import mlx.core as mx
import numpy as np
from mlx import nn

from mlx_gemma4.model.config import ExpertsConfig
from mlx_gemma4.model.layers.activations import plain_gated_gelu
from mlx_gemma4.model.layers.expert_linear import ExpertLinear
from mlx_gemma4.model.layers.norms import RMSNorm, rms_norm


class Router(nn.Module):
    """Chooses each token's experts and says how much each counts (transformers: Gemma4TextRouter).

    Parameters: `proj.weight` [E, D], `scale` [D], `per_expert_scale` [E].
    """

    def __init__(self, hidden: int, config: ExpertsConfig, eps: float) -> None:
        super().__init__()
        self.proj = nn.Linear(hidden, config.experts, bias=False)
        self.scale = mx.ones((hidden,))
        self.per_expert_scale = mx.ones((config.experts,))
        self.chosen, self.eps = config.experts_per_token, eps
        self.score_scale = hidden**-0.5

    def __call__(self, x_LD: mx.array) -> tuple[mx.array, mx.array]:
        """The experts of each token [L, X] in no order, and their weights, float32 [L, X].

        A softmax over all experts whose largest values are scaled to a sum of 1 is the softmax of those values alone.
        """
        scores_LE = self.proj(rms_norm(x_LD, self.scale, self.eps))
        chosen_LX = mx.argpartition(scores_LE, kth=-self.chosen, axis=-1)[..., -self.chosen :]
        best_LX = mx.take_along_axis(scores_LE, chosen_LX, axis=-1).astype(mx.float32) * self.score_scale
        return chosen_LX, mx.softmax(best_LX, axis=-1) * self.per_expert_scale[chosen_LX]


class Experts(nn.Module):
    """Gated MLPs of which a token uses a few (transformers: Gemma4TextExperts).

    Parameters: `gate_up_proj.weight` [E, 2F, D] (gate rows first), `down_proj.weight` [E, D, F].
    """

    def __init__(self, hidden: int, config: ExpertsConfig) -> None:
        super().__init__()
        self.gate_up_proj = ExpertLinear(config.experts, hidden, 2 * config.width)
        self.down_proj = ExpertLinear(config.experts, config.width, hidden)

    def __call__(self, x_LD: mx.array, chosen_LX: mx.array, weights_LX: mx.array) -> mx.array:
        """The weighted sum of each token's experts: [L, D]."""
        tokens, chosen = chosen_LX.shape
        chosen_R, weights_R11 = chosen_LX.reshape(-1), weights_LX.reshape(-1, 1, 1)
        if tokens == 1:
            first, each = _row_numbers(chosen)
            inner_X1F = _weighted(self.gate_up_proj(x_LD[None], chosen_R, rows=first), weights_R11)
            return self.down_proj(inner_X1F, chosen_R, rows=each).sum(axis=0)
        # Rows of one expert side by side: its matrices are then read once for all of them.
        order_R = mx.argsort(chosen_R)
        experts_R, rows_R1D = chosen_R[order_R], x_LD[order_R // chosen][:, None]
        inner_R1F = _weighted(self.gate_up_proj(rows_R1D, experts_R), weights_R11[order_R])
        return self.down_proj(inner_R1F, experts_R)[mx.argsort(order_R)].reshape(tokens, chosen, -1).sum(axis=1)


def _weighted(gate_up_R12F: mx.array, weights_R11: mx.array) -> mx.array:
    """The inside of an expert's MLP times the expert's weight, which may as well go in before the last, linear step."""
    gate_R1F, up_R1F = mx.split(gate_up_R12F, 2, axis=-1)
    return (plain_gated_gelu(gate_R1F, up_R1F) * weights_R11).astype(gate_R1F.dtype)


@lru_cache
def _row_numbers(rows: int) -> tuple[mx.array, mx.array]:
    """Zeros and 0, 1, 2 …: made once, where MLX would make them for every product. Constants, also while tracing."""
    return mx.array(np.zeros(rows, dtype=np.uint32)), mx.array(np.arange(rows, dtype=np.uint32))


class MixtureOfExperts(nn.Module):
    """The experts' part of a layer, and the norm that the dense MLP's output has beside it.

    The router sees the residual stream itself, the experts a normed one.
    Parameters: `router.*`, `experts.*`, `input_norm.weight`, `output_norm.weight`, `dense_norm.weight` [D each].
    """

    def __init__(self, hidden: int, config: ExpertsConfig, eps: float) -> None:
        super().__init__()
        self.router = Router(hidden, config, eps)
        self.experts = Experts(hidden, config)
        self.input_norm = RMSNorm(hidden, eps)
        self.output_norm = RMSNorm(hidden, eps)
        self.dense_norm = RMSNorm(hidden, eps)

    def __call__(self, x_LD: mx.array, dense_LD: mx.array) -> mx.array:
        """What the layer's experts and its dense MLP (given its output) make of the residual stream x: [L, D]."""
        flat = x_LD.reshape(-1, x_LD.shape[-1])
        mixed = self.experts(self.input_norm(flat), *self.router(flat))
        return self.dense_norm(dense_LD) + self.output_norm(mixed).reshape(x_LD.shape)
