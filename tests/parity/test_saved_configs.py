"""config.json as transformers 5.23 itself writes it: other keys than older ones, the same model.

transformers needs no torch for this, so it runs where the other comparisons have only stored arrays.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import mlx.core as mx
import numpy as np
import pytest

from mlx_gemma4.model.config import Gemma4Config
from mlx_gemma4.weights.loader import load_model
from mlx_gemma4.weights.saving import write_checkpoint
from tests.parity.tiny_checkpoints import CONFIGS, make_token_ids, make_weights

transformers = pytest.importorskip("transformers")


def saved_config(name: str, folder: Path) -> dict[str, Any]:
    """A tiny checkpoint's config.json once transformers has read and written it."""
    (folder / "config.json").write_text(json.dumps(CONFIGS[name]))
    transformers.AutoConfig.from_pretrained(folder).save_pretrained(folder)
    return json.loads((folder / "config.json").read_text())


@pytest.mark.parametrize("name", CONFIGS)
def test_a_rewritten_config_is_read_as_the_same_model(name: str, tmp_path: Path) -> None:
    """Peers read only the older keys and then expect other shapes where global layers have heads of their own."""
    saved = saved_config(name, tmp_path)
    assert "per_layer_config" in saved["text_config"]
    assert not {"global_head_dim", "num_global_key_value_heads"} & saved["text_config"].keys()
    assert Gemma4Config.from_dict(saved) == Gemma4Config.from_dict(CONFIGS[name])


@pytest.mark.parametrize("name", CONFIGS)
def test_layer_numbers_are_read_with_and_without_leading_zeros(name: str, tmp_path: Path) -> None:
    saved = saved_config(name, tmp_path)
    spelled = [
        {form(int(layer)): override for layer, override in saved["text_config"]["per_layer_config"].items()}
        for form in (str, "{:02d}".format, "{:04d}".format)
    ]
    configs = [saved | {"text_config": saved["text_config"] | {"per_layer_config": layers}} for layers in spelled]
    assert all(Gemma4Config.from_dict(config) == Gemma4Config.from_dict(CONFIGS[name]) for config in configs)


def test_a_rewritten_config_and_the_same_weights_give_the_same_logits(tmp_path: Path) -> None:
    weights = {tensor: mx.array(values) for tensor, values in make_weights(CONFIGS["26b_like"]).items()}
    (tmp_path / "new").mkdir()
    write_checkpoint(tmp_path / "old", weights, CONFIGS["26b_like"])
    write_checkpoint(tmp_path / "new", weights, saved_config("26b_like", tmp_path / "new"))
    old, new = (np.array(load_model(tmp_path / age)[0].logits(make_token_ids(20))) for age in ("old", "new"))
    np.testing.assert_array_equal(new, old)
