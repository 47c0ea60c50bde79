"""What mlx-vlm and mlx-lm compute from the same tiny checkpoints and prompts. Runs in the parity environment.

12B and sounds are left to the figures in `peer_rows`, because they are prepared differently there.
"""

from __future__ import annotations

import contextlib
import io
import tempfile
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import mlx.core as mx
import numpy as np
from numpy.typing import NDArray

from mlx_gemma4.model.config import Gemma4Config
from mlx_gemma4.weights.peer_config import with_older_keys
from mlx_gemma4.weights.saving import write_checkpoint
from tests.parity.cases import CASES, Case
from tests.parity.comparisons import NO_CACHE, Line
from tests.parity.paths import Prompt, largest_difference
from tests.parity.reference import model_inputs
from tests.parity.tiny_checkpoints import CONFIGS, make_weights

CHECKPOINTS = ("e2b_like", "e4b_like", "31b_like", "26b_like")
SECOND_PROMPT = "a second prompt"  # as in `paths.PATHS`
NOT_JUDGED = float("inf")


def mlx_vlm_lines(name: str, live: dict[str, NDArray]) -> Iterator[Line]:
    """How far mlx-vlm is from the reference: in one pass, and with the beginning of the prompt in its cache."""
    if name not in CHECKPOINTS:
        return
    model = _load(name, "mlx_vlm")
    for case in _prompts(name):
        reference_LV = live[f"logits.{case.name}"]
        yield _line(name, case, NO_CACHE, 0, _mlx_vlm_logits(model, name, case, 0, len(case.token_ids)), reference_LV)
        split, cache = Prompt.of(case).split, model.language_model.make_cache()
        _mlx_vlm_logits(model, name, case, 0, split, cache)
        after_LV = _mlx_vlm_logits(model, name, case, split, len(case.token_ids), cache)
        yield _line(name, case, SECOND_PROMPT, split, after_LV, reference_LV)


def mlx_lm_lines(name: str, live: dict[str, NDArray]) -> Iterator[Line]:
    """The same of mlx-lm, which takes text alone."""
    if name not in CHECKPOINTS:
        return
    model = _load(name, "mlx_lm")
    for case in _prompts(name):
        if case.media:
            continue
        reference_LV = live[f"logits.{case.name}"]
        yield _line(name, case, NO_CACHE, 0, np.array(model(mx.array(case.token_ids)[None])[0]), reference_LV)
        split, cache = Prompt.of(case).split, model.make_cache()
        mx.eval(model(mx.array(case.token_ids[:split])[None], cache=cache))
        after_LV = np.array(model(mx.array(case.token_ids[split:])[None], cache=cache)[0])
        yield _line(name, case, SECOND_PROMPT, split, after_LV, reference_LV)


def _prompts(name: str) -> Iterator[Case]:
    """The prompts that the peers can be asked; with media only where the padding id is 0, as they take for granted."""
    pads_with_zero = CONFIGS[name]["text_config"]["pad_token_id"] == 0
    for case in CASES[name]:
        if not case.media or (pads_with_zero and all(medium.kind != "sound" for medium in case.media)):
            yield case


def _load(name: str, peer: str) -> Any:
    """The peer's model of a tiny checkpoint, whose config.json says everything in the spelling it knows."""
    from mlx_lm import utils as lm
    from mlx_vlm import utils as vlm

    config = with_older_keys(CONFIGS[name], Gemma4Config.from_dict(CONFIGS[name]))
    weights = {tensor: mx.array(values) for tensor, values in make_weights(CONFIGS[name]).items()}
    with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stdout(io.StringIO()):
        write_checkpoint(folder, weights, config)
        return vlm.load_model(Path(folder)) if peer == "mlx_vlm" else lm.load_model(Path(folder))[0]


def _mlx_vlm_logits(
    model: Any, name: str, case: Case, start: int, stop: int, cache: list[Any] | None = None
) -> NDArray[np.float32]:
    """Logits [stop − start, V] of the tokens [start, stop) with their media."""
    media = [item for item, place in zip(case.items, case.starts, strict=True) if start <= place < stop]
    reference = SimpleNamespace(config=SimpleNamespace(model_type=CONFIGS[name]["model_type"]))
    inputs = model_inputs(reference, case.token_ids[start:stop], media)
    arrays = {key: mx.array(value.numpy()) for key, value in inputs.items()}
    output = model(arrays.pop("input_ids"), arrays.pop("pixel_values", None), cache=cache, **arrays)
    return np.array(output.logits[0])


def _line(
    name: str, case: Case, path: str, start: int, logits_LV: NDArray[np.float32], reference_LV: NDArray[np.float32]
) -> Line:
    media = tuple(medium.kind for medium in case.media)
    found = largest_difference(enumerate(logits_LV, start=start), reference_LV)
    return Line(name, case.name, media, path, "", *found, NOT_JUDGED)
