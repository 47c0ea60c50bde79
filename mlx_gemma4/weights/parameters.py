"""Parameters by their dotted path in a model, and tensors by their name in a file."""

from __future__ import annotations

from functools import reduce
from pathlib import Path
from typing import cast

import mlx.core as mx
from mlx import nn
from mlx.utils import tree_flatten


def flat_parameters(model: nn.Module) -> dict[str, mx.array]:
    """Every parameter by its path, such as `text.layers.0.scale`."""
    return dict(cast("list[tuple[str, mx.array]]", tree_flatten(model.parameters())))


def parent_of(model: nn.Module, path: str) -> tuple[nn.Module, str]:
    """The module that holds the last attribute of a path, and that attribute's name."""
    *steps, last = path.split(".")
    return reduce(lambda node, step: node[int(step)] if step.isdigit() else getattr(node, step), steps, model), last


def load_lazily(file: Path) -> dict[str, mx.array]:
    """A safetensors file's tensors by name; MLX reads each when it is first evaluated."""
    return cast("dict[str, mx.array]", mx.load(str(file)))
