"""One table of which form decodes on which backend, and the compiled steps of a model."""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping
from typing import Literal, TypeAlias, get_args

from mlx_gemma4.generation.block_step import BlockStep, block_step
from mlx_gemma4.generation.decode_step import DecodeStep
from mlx_gemma4.generation.fixed_weights import with_fixed_weights
from mlx_gemma4.generation.sampling import Choice, chooser
from mlx_gemma4.generation.segmented_step import SegmentedStep
from mlx_gemma4.generation.whole_step import whole_step
from mlx_gemma4.kernels.backend import Backend, backend
from mlx_gemma4.kernels.choice import uses_kernel
from mlx_gemma4.kernels.settings import saved
from mlx_gemma4.model.gemma4 import Gemma4

Form: TypeAlias = Literal["whole", "segments"]

FORM_OF_BACKEND: Mapping[Backend, Form] = {"cpu": "whole", "cuda": "whole", "metal": "segments"}
"""Metal's fused attention at head dim 512 takes no array mask, so there global layers run outside of compiled code."""

FORM_VARIABLE = "MLX_GEMMA4_STEP"
"""Environment variable with the form to use instead."""


def default_form() -> Form:
    """What a person names, else what a bench has chosen on this machine, else what suits the backend.

    That is whole steps where a kernel attends without a mask.
    """
    device = backend()
    named = os.environ.get(FORM_VARIABLE)
    if not named and device != "cpu" and (chosen := saved()):
        named = chosen.form
    for form in get_args(Form):
        if form == named:
            return form
    return "whole" if uses_kernel("attention") else FORM_OF_BACKEND[device]


class DecodeSteps:
    """The decode steps of one model in one form, each made when it is first asked for.

    Sessions over the same model share them, because tracing costs much more than a step. Weights are constants of the
    compiled functions: after changing weights, make new steps.
    """

    def __init__(self, model: Gemma4, form: Form | None = None, suppressed_ids: Collection[int] = ()) -> None:
        """No step yet.

        Args:
            model: with its weights.
            form: None for what suits the backend.
            suppressed_ids: ids that no step chooses.
        """
        self.form: Form = form or default_form()
        self._suppressed_ids = frozenset(suppressed_ids)
        self._model = with_fixed_weights(model)
        self._steps: dict[Choice, DecodeStep] = {}
        self._blocks: dict[Choice, BlockStep] = {}

    def of(self, choice: Choice) -> DecodeStep:
        """The step that ends in `choice`."""
        if choice not in self._steps:
            make = whole_step if self.form == "whole" else SegmentedStep
            self._steps[choice] = make(self._model, chooser(choice, self._suppressed_ids))
        return self._steps[choice]

    def block(self, choice: Choice) -> BlockStep:
        """The block of tokens that ends in `choice` for each of them."""
        if choice not in self._blocks:
            self._blocks[choice] = block_step(self._model, chooser(choice, self._suppressed_ids))
        return self._blocks[choice]
