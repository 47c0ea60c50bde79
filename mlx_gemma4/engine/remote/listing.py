"""What a server says about its models: names always, what they can by some."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mlx_gemma4.engine.remote.failures import Failures
from mlx_gemma4.protocol.server_events import ServedModel

_OTHER_KINDS = ("embedding", "embeddings", "rerank", "tts", "stt", "image")
_SEES, _HEARS = {"image", "vision"}, {"audio"}


def read_models(answer: Any, failures: Failures) -> list[ServedModel]:
    """The models of `/v1/models` that can be talked to.

    Raises:
        PrismError: it is no list of models.
    """
    entries = answer.get("data") if isinstance(answer, dict) else None
    if not isinstance(entries, list):
        raise failures.garbled()
    found = [_read(entry) for entry in entries if isinstance(entry, dict)]
    return [model for model in found if model is not None]


def _read(entry: Mapping[str, Any]) -> ServedModel | None:
    name = entry.get("id")
    if not isinstance(name, str) or not name.strip() or entry.get("type") in _OTHER_KINDS:
        return None
    senses = _senses(entry)
    return ServedModel(
        name,
        sees=None if senses is None else bool(senses & _SEES),
        hears=None if senses is None else bool(senses & _HEARS),
        context=_context(entry),
    )


def _senses(entry: Mapping[str, Any]) -> set[str] | None:
    """What it takes, from llama.cpp's `architecture`, `capabilities` or LM Studio's `type`; None if nobody says."""
    architecture = entry.get("architecture")
    lists = [architecture.get("input_modalities") if isinstance(architecture, dict) else None]
    lists += [entry.get("input_modalities"), entry.get("capabilities")]
    for values in lists:
        if isinstance(values, list) and values:
            return {str(value).lower() for value in values}
    if entry.get("type") in ("vlm", "llm"):
        return {"image"} if entry["type"] == "vlm" else set()
    return None


def _context(entry: Mapping[str, Any]) -> int:
    """By vLLM's name for it, LM Studio's, OpenRouter's, or llama.cpp's in `meta`."""
    meta = entry.get("meta")
    values = [entry.get(name) for name in ("max_model_len", "loaded_context_length", "max_context_length")]
    values += [entry.get("context_length"), meta.get("n_ctx") if isinstance(meta, dict) else None]
    return next((value for value in values if isinstance(value, int) and value > 0), 0)
