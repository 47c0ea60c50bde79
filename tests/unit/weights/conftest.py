"""Tiny checkpoint folders for the tests of weights."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

import mlx.core as mx
import numpy as np
import pytest

from mlx_gemma4.model.gemma4 import Gemma4
from mlx_gemma4.weights.saving import write_checkpoint
from tests.parity.tiny_checkpoints import E2B_LIKE, make_token_ids, make_weights

WriteFolder = Callable[..., Path]


@pytest.fixture
def config() -> dict[str, Any]:
    """config.json of the tiny checkpoint; a test may change its copy."""
    return deepcopy(E2B_LIKE)


@pytest.fixture(scope="session")
def stored_weights() -> dict[str, mx.array]:
    """The tiny checkpoint's tensors, float32, under transformers' names."""
    return {name: mx.array(values) for name, values in make_weights(E2B_LIKE).items()}


@pytest.fixture
def weights(stored_weights: dict[str, mx.array]) -> dict[str, mx.array]:
    """The tiny checkpoint's tensors in a dict that a test may change."""
    return dict(stored_weights)


@pytest.fixture
def folder(tmp_path: Path, config: dict[str, Any], weights: dict[str, mx.array]) -> Path:
    """The tiny checkpoint on disk, one file."""
    write_checkpoint(tmp_path / "model", weights, config)
    return tmp_path / "model"


def text_logits(model: Gemma4) -> np.ndarray:
    """Logits of twenty tokens."""
    return np.array(model.logits(make_token_ids(20)))
