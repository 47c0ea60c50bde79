"""What mlx-vlm and mlx-lm need in a config.json that transformers 5.15 and later leave out.

Neither reads `per_layer_config`, and mlx-lm takes 262,144 pieces for granted where the vocabulary's size is not at the
top as well.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mlx_gemma4.model.config import Gemma4Config


def with_older_keys(values: Mapping[str, Any], config: Gemma4Config) -> dict[str, Any]:
    """A parsed config.json with the same facts under their older names as well; what is there is left alone."""
    shape = config.text.full
    older: dict[str, Any] = {"global_head_dim": shape.head_dim}
    if shape.values_are_keys:
        older["num_global_key_value_heads"] = shape.kv_heads
    if config.text.per_layer_embeddings is None:
        older["hidden_size_per_layer_input"] = 0
    text = values.get("text_config")
    if not isinstance(text, Mapping):
        return older | dict(values)
    return {"vocab_size": config.text.vocab_size, **values, "text_config": older | dict(text)}
