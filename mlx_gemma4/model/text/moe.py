"""The mixture of experts that stands beside the dense MLP of every layer in 26B-A4B.

Shapes: L tokens, X experts of a token, E experts, F width of an expert, R = L·X rows, D hidden.
"""

from __future__ import annotations

import mlx.core as mx
from mlx import nn

from mlx_gemma4.model.config import ExpertsConfig
from mlx_gemma4.model.layers.activations import gated_gelu
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
        if tokens == 1:
            return self._weighted(x_LD[None], chosen_LX[0], weights_LX[0]).sum(axis=0)
        # Rows of one expert side by side: its matrices are then read once for all of them.
        chosen_R = chosen_LX.reshape(-1)
        order_R = mx.argsort(chosen_R)
        rows_R1D = x_LD[order_R // chosen][:, None]
        weighted_R1D = self._weighted(rows_R1D, chosen_R[order_R], weights_LX.reshape(-1)[order_R], in_order=True)
        return weighted_R1D[mx.argsort(order_R)].reshape(tokens, chosen, -1).sum(axis=1)

    def _weighted(
        self, x_R1D: mx.array, chosen_R: mx.array, weights_R: mx.array, *, in_order: bool = False
    ) -> mx.array:
        """Each row through its expert, times its weight: [R, 1, D]; the weight goes in before the last, linear step."""
        gate_R1F, up_R1F = mx.split(self.gate_up_proj(x_R1D, chosen_R, in_order=in_order), 2, axis=-1)
        inner_R1F = (gated_gelu(gate_R1F, up_R1F) * weights_R[:, None, None]).astype(x_R1D.dtype)
        return self.down_proj(inner_R1F, chosen_R, in_order=in_order)


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
