"""What the reference's encoder-free model (12B) wants to be given. Runs in the parity environment."""

from __future__ import annotations

import ast
import math
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from transformers import PreTrainedModel
from transformers.models import gemma4_unified

from tests.parity.tiny_checkpoints import Picture

MODEL_TYPE = "gemma4_unified"


def squares(picture: Picture) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """A picture's squares [S, 6912] and their (x, y) [S, 2], in the reference's own order."""
    patches, positions = torch.from_numpy(picture.patches_P768), torch.from_numpy(picture.positions_P2)
    merged, places = _patches_merge()(patches[None], positions[None], picture.soft_tokens)
    return merged[0].numpy(), places[0].numpy()


@cache
def _patches_merge() -> Callable[..., tuple[torch.Tensor, torch.Tensor]]:
    """The reference's function, from a module that cannot be imported without torchvision."""
    source = Path(gemma4_unified.__file__).with_name("image_processing_gemma4_unified.py").read_text(encoding="utf-8")
    (function,) = (node for node in ast.parse(source).body if getattr(node, "name", None) == "patches_merge")
    scope: dict[str, Any] = {"torch": torch, "math": math}
    exec(compile(ast.Module([function], []), source, "exec"), scope)
    return scope["patches_merge"]


def sliding_only_masks(model: PreTrainedModel, inputs: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """The masks that the reference makes for its static caches: pictures see themselves in sliding layers only.

    Its forward, and generation with its default cache, let them see themselves in global layers, too.
    """
    length = inputs["input_ids"].shape[1]
    return model.create_masks_for_generate(
        model.config,
        inputs_embeds=torch.zeros(1, length, 1),
        attention_mask=None,
        past_key_values=None,
        position_ids=torch.arange(length)[None],
        mm_token_type_ids=inputs.get("mm_token_type_ids"),
    )
