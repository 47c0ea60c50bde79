"""What mlx-lm 0.32 or mlx-vlm 0.7 cannot load, compute with or convert: each test is named after what breaks there."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

import mlx.core as mx
import numpy as np
import pytest

from mlx_gemma4.model.config import Gemma4Config
from mlx_gemma4.weights.loader import load_model
from mlx_gemma4.weights.number_policy import NumberPolicy
from mlx_gemma4.weights.peer_config import with_older_keys
from mlx_gemma4.weights.saving import write_checkpoint
from tests.parity.tiny_checkpoints import CONFIGS, make_token_ids, make_weights
from tests.unit.weights.peer_conversions import Peer, peer_logits

pytestmark = pytest.mark.filterwarnings("ignore")  # of the peers' dependencies

WriteFolder = Callable[[dict[str, Any]], Path]


@pytest.fixture
def write(tmp_path: Path) -> WriteFolder:
    """Write a tiny checkpoint with a config.json as given."""

    def write_folder(config: dict[str, Any]) -> Path:
        weights = {name: mx.array(values) for name, values in make_weights(config).items()}
        write_checkpoint(tmp_path / "model", weights, config)
        return tmp_path / "model"

    return write_folder


def _logits(folder: Path, policy: NumberPolicy | None = None) -> np.ndarray:
    return np.array(load_model(folder, policy)[0].logits(make_token_ids(20)).astype(mx.float32))


def _peer_fails(peer: Peer, folder: Path) -> bool:
    pytest.importorskip(peer)
    try:
        peer_logits(peer, folder)
    except (ValueError, TypeError, NotImplementedError):
        return True
    return False


@pytest.mark.parametrize("peer", ["mlx_vlm", "mlx_lm"])
def test_heads_of_global_layers_in_per_layer_config(write: WriteFolder, peer: Peer) -> None:
    """Checkpoints of transformers 5.15 and later; the older keys, which `convert` adds, let the peers read them."""
    config = deepcopy(CONFIGS["31b_like"]) | {"vocab_size": 304}
    folder = write(config)
    ours = _logits(folder)
    assert _peer_fails(peer, folder)
    folder = write(with_older_keys(config, Gemma4Config.from_dict(config)))
    np.testing.assert_array_equal(_logits(folder), ours)
    np.testing.assert_allclose(peer_logits(peer, folder), ours, rtol=0, atol=2e-4)


def test_a_vocabulary_that_is_counted_in_text_config_alone(write: WriteFolder) -> None:
    folder = write(CONFIGS["e2b_like"])
    assert _logits(folder).shape == (20, 304)
    assert _peer_fails("mlx_lm", folder)


def test_a_12b_config_that_does_not_speak_of_per_layer_embeddings(write: WriteFolder) -> None:
    config = deepcopy(CONFIGS["12b_like"])
    config["text_config"] = {
        name: value for name, value in config["text_config"].items() if "per_layer_input" not in name
    }
    model, _ = load_model(write(config))
    assert model.config.text.per_layer_embeddings is None


@pytest.mark.parametrize("name", ["e2b_like", "26b_like"])
def test_experts_in_bfloat16_on_the_cpu(write: WriteFolder, name: str) -> None:
    """MLX gathers matrices on the CPU in float32 alone, so that is what they become at load."""
    folder = write(CONFIGS[name])
    exact = _logits(folder)
    weights = {tensor: mx.array(values).astype(mx.bfloat16) for tensor, values in make_weights(CONFIGS[name]).items()}
    write_checkpoint(folder, weights, CONFIGS[name])
    assert 0 < np.abs(_logits(folder, NumberPolicy.for_device(mx.Device(mx.cpu))) - exact).mean() < 0.2
