"""Muon (Jordan et al. 2024) with equal matrices orthogonalized together: the same steps in a tenth of the launches."""

import math
from collections import defaultdict
from typing import Any

import torch

MOMENTUM, ROUNDS = 0.95, 5
COEFFICIENTS = (3.4445, -4.7750, 2.0315)
LEAST_NORM = 1e-7


class Muon(torch.optim.Optimizer):
    """`torch.optim.Muon` with Nesterov's momentum, its rate matched to AdamW's (Liu et al. 2025, arXiv 2502.16982).

    Groups may have their own `lr` and `weight_decay`. Parameters are matrices; those without a gradient stay.
    """

    def __init__(self, groups: list[dict[str, Any]]) -> None:
        super().__init__(groups, {"lr": 1e-3, "weight_decay": 0.0})

    @torch.no_grad()
    def step(self, closure: None = None) -> None:  # type: ignore[override]
        """Moves every matrix by its orthogonalized momentum."""
        for group in self.param_groups:
            alike: dict[torch.Size, list[torch.nn.Parameter]] = defaultdict(list)
            for parameter in group["params"]:
                if parameter.grad is not None:
                    alike[parameter.shape].append(parameter)
            for shape, parameters in alike.items():
                updates = orthogonalized(torch.stack(self._momenta(parameters)))
                torch._foreach_mul_(parameters, 1 - group["lr"] * group["weight_decay"])
                rate = group["lr"] * 0.2 * math.sqrt(max(shape))
                torch._foreach_add_(parameters, list(updates.to(parameters[0].dtype).unbind()), alpha=-rate)

    def _momenta(self, parameters: list[torch.nn.Parameter]) -> list[torch.Tensor]:
        gradients = [parameter.grad for parameter in parameters]
        for parameter in parameters:
            if parameter not in self.state:
                self.state[parameter]["momentum"] = torch.zeros_like(parameter)
        momenta = [self.state[parameter]["momentum"] for parameter in parameters]
        torch._foreach_lerp_(momenta, gradients, 1 - MOMENTUM)
        return list(torch._foreach_lerp(gradients, momenta, MOMENTUM))


def orthogonalized(matrices_KAB: torch.Tensor) -> torch.Tensor:
    """The nearest orthogonal matrices, roughly, by Newton and Schulz's iteration; bfloat16 [K, A, B]."""
    a, b, c = COEFFICIENTS
    found = matrices_KAB.bfloat16()
    tall = found.shape[1] > found.shape[2]
    if tall:
        found = found.mT
    found = found / found.norm(dim=(1, 2), keepdim=True).clamp(min=LEAST_NORM)
    for _ in range(ROUNDS):
        gram = found @ found.mT
        found = torch.baddbmm(found, torch.baddbmm(gram, gram, gram, beta=b, alpha=c), found, beta=a)
    return found.mT if tall else found
