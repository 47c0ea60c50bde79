"""Weights in formats that are not read: a refusal that names the repository with the same model for MLX."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mlx_gemma4.protocol.errors import CheckpointError
from mlx_gemma4.weights.gguf_header import read_description
from mlx_gemma4.weights.published_sizes import PUBLISHED, size_of_shape

_KINDS = {
    ".gguf": "GGUF",
    ".bin": "PyTorch pickle",
    ".pt": "PyTorch pickle",
    ".pth": "PyTorch pickle",
    ".ckpt": "PyTorch pickle",
    ".npz": "NumPy",
    ".h5": "Keras",
}


def kind_of_weights(file: Path) -> str | None:
    """What a file's name says about its format; None for one that holds no weights, or holds safetensors."""
    return _KINDS.get(file.suffix.lower())


def refuse_file(file: Path) -> CheckpointError:
    """The error for a file of weights that was given instead of a model folder, or lies in one without safetensors."""
    kind = kind_of_weights(file)
    hint = _gguf_hint(file) if kind == "GGUF" else "Choose a checkpoint in safetensors."
    return CheckpointError(
        f"{file.name} holds {kind} weights; only safetensors are read.", hint, code="checkpoint.foreign"
    )


def refuse_quantization(method: object, config: Mapping[str, Any]) -> CheckpointError:
    """The error for a checkpoint that is quantized by another tool than MLX."""
    text = config.get("text_config")
    text = text if isinstance(text, Mapping) else config
    size = size_of_shape(text.get("num_hidden_layers"), text.get("hidden_size"))
    return CheckpointError(
        f"The weights are quantized as {method!r}, which is not read.",
        # Google's own checkpoints of this format come from quantization-aware training.
        _use_instead(size, qat=method == "compressed-tensors"),
        code="checkpoint.quantization",
    )


def _gguf_hint(file: Path) -> str:
    described = read_description(file)
    architecture = described.get("general.architecture", "gemma4")
    if not str(architecture).startswith("gemma4"):
        return f"It is a model of another kind, {architecture}."
    names = " ".join(str(described.get(f"general.{key}", "")) for key in ("name", "basename", "size_label"))
    names = f"{names} {file.stem}"
    shape = (described.get(f"{architecture}.{key}") for key in ("block_count", "embedding_length"))
    return _use_instead(size_of_shape(*shape) or _size_in_name(names), qat="qat" in names.lower())


def _size_in_name(name: str) -> str | None:
    words = re.split(r"[^a-z0-9]+", name.lower())
    return next((size for size in PUBLISHED if size.lower().split("-")[0] in words), None)


def _use_instead(size: str | None, *, qat: bool) -> str:
    """The sentence with the repository; mlx-community writes the sizes of its first conversions in small letters."""
    if size is None:
        return "Look for gemma-4 at huggingface.co/mlx-community."
    name = f"{size}-it-qat-4bit" if qat else f"{size if size == '12B' else size.lower()}-it-4bit"
    return f"Use mlx-community/gemma-4-{name} instead."
