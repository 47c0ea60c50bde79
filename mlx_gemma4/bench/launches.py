"""`mlx-gemma4 bench --launches`: how many kernels a token, or a layer of a tower, has Metal start.

Counted in graphs, on any machine: a model of the published structure with narrow matrices is traced as on a Mac. Views
start nothing, everything else is one launch.
"""

from __future__ import annotations

import io
import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any
from unittest.mock import patch

import mlx.core as mx
from mlx import nn

from mlx_gemma4.bench.sizes import SIZES, narrow
from mlx_gemma4.bench.stand_ins import as_on_metal
from mlx_gemma4.cache.layer_caches import LayerCaches
from mlx_gemma4.generation.sampling import Choice, Draw
from mlx_gemma4.generation.steps import FORM_OF_BACKEND, DecodeSteps
from mlx_gemma4.kernels.choice import VARIABLE, uses_kernel
from mlx_gemma4.kernels.packed_rows import arrays_of
from mlx_gemma4.model.audio.config import AudioConfig
from mlx_gemma4.model.audio.tower import AudioTower
from mlx_gemma4.model.config import Gemma4Config, VisionConfig
from mlx_gemma4.model.gemma4 import Gemma4
from mlx_gemma4.model.vision.tower import VisionTower
from mlx_gemma4.protocol.requests import GREEDY, SamplingSettings

VIEWS = frozenset(
    "AsStrided Broadcast BroadcastAxes ExpandDims Flatten Reshape Slice Split Squeeze".split()
    + "StopGradient Transpose Unflatten View".split()
)
PEERS = {"E2B": 1004, "E4B": 1235, "26B-A4B": 1405, "31B": 1460}
"""Launches of the better of mlx-lm 0.32.2 and mlx-vlm 0.7.10, greedy with log-probabilities, counted alike."""
PEER_VISION_LAYER = 144
ROWS = 2_000
"""Of the sequence when a token is decoded; the caches' capacity is more than 1,024."""


@dataclass(frozen=True)
class Launches:
    """Primitives of a graph by name, fused ones under their joined name."""

    by_name: Counter[str]

    @property
    def primitives(self) -> int:
        """All of them."""
        return self.by_name.total()

    @property
    def launches(self) -> int:
        """Those that start a kernel."""
        return sum(count for name, count in self.by_name.items() if name not in VIEWS)


def count(arrays: Iterable[mx.array]) -> Launches:
    """The graph that computing some arrays takes."""
    dot = io.StringIO()
    mx.export_to_dot(dot, *arrays)
    return Launches(Counter(re.findall(r'label ?="([^"]+)", shape=rectangle', dot.getvalue())))


def count_step(
    config: Gemma4Config, kernels: str = "none", settings: SamplingSettings = GREEDY, block: int = 0
) -> Launches:
    """One decode step of a model in 4 bits, with kernels of ours as `choice.VARIABLE` names them.

    With `block`, so many tokens at once, as where a drafter has guessed.
    """
    model = Gemma4(replace(narrow(config), vision=None, audio=None))
    model.set_dtype(mx.bfloat16)
    nn.quantize(model.text, 64, 4, class_predicate=lambda _, module: hasattr(module, "to_quantized"))
    caches = LayerCaches(model.text)
    caches.reserve(ROWS + max(block, 1))
    draw = Draw.of(settings, model.config.text.vocab_size)
    mx.eval(model.parameters(), caches.arrays(), draw)
    with _named_kernels(kernels), as_on_metal():
        form = "whole" if uses_kernel("attention") else FORM_OF_BACKEND["metal"]
        steps, offset = DecodeSteps(model, form), mx.array(ROWS)
        if block:
            tokens = mx.array([5] * block, mx.uint32)
            several = steps.block(Choice.of(settings))(tokens, offset, draw, caches.arrays())
            written = [array for rows in several.globals for array in arrays_of(rows)]
            return count([several.chosen, several.hidden_LD, *written, *several.rows])
        made = steps.of(Choice.of(settings))(mx.array(5, mx.uint32), offset, draw, caches.arrays(), ROWS)
        written = [array for rows in made.arrays for array in arrays_of(rows)]
        return count([made.chosen, made.offset, *made.draw, *written])


def count_vision_layer(config: Gemma4Config, kernels: str = "none") -> Launches:
    """One layer of the picture tower, which is what one more layer adds."""
    vision = narrow(config).vision
    assert isinstance(vision, VisionConfig)
    grid = mx.array([[column, row] for row in range(6) for column in range(9)])
    patches = mx.zeros((len(grid), 3 * vision.patch_size**2), mx.bfloat16)
    towers = [VisionTower(replace(vision, layers=layers)) for layers in (2, 3)]
    return _one_more_layer(towers, [patches, grid], kernels)


def count_sound_layer(config: Gemma4Config, kernels: str = "none") -> Launches:
    """The same of the audio tower, for four seconds."""
    audio = config.audio
    assert isinstance(audio, AudioConfig)
    audio = replace(audio, hidden_size=128, output_width=128)
    towers = [AudioTower(replace(audio, layers=layers)) for layers in (2, 3)]
    return _one_more_layer(towers, [mx.zeros((400, audio.frame_width))], kernels)


def _one_more_layer(towers: Sequence[nn.Module], inputs: Sequence[mx.array], kernels: str) -> Launches:
    counts = []
    for tower in towers:
        tower.set_dtype(mx.bfloat16)
        mx.eval(tower.parameters(), inputs)
        with _named_kernels(kernels), as_on_metal():
            counts.append(count([tower(*inputs)]).by_name)
    return Launches(counts[1] - counts[0])


def report(sizes: Sequence[str] = tuple(SIZES)) -> str:
    """A table of some sizes."""
    lines = [f"{'launches per token, greedy':30}{'plain':>8}{'kernels':>9}{'peers':>7}{'primitives':>14}"]
    lines += [_row(size, count_step, PEERS.get(size, "–")) for size in sizes]
    pictures = [size for size in sizes if isinstance(SIZES[size].vision, VisionConfig)]
    lines += ["", "a layer of the picture tower"]
    lines += [_row(size, count_vision_layer, PEER_VISION_LAYER) for size in pictures]
    sounds = [size for size in sizes if isinstance(SIZES[size].audio, AudioConfig)]
    lines += ["", "a layer of the audio tower", *[_row(size, count_sound_layer, "–") for size in sounds]]
    return "\n".join(lines)


def _row(size: str, counted: Callable[[Gemma4Config, str], Launches], peers: int | str) -> str:
    plain, fused = (counted(SIZES[size], kernels) for kernels in ("none", "all"))
    return f"{size:30}{plain.launches:8}{fused.launches:9}{peers:>7}{f'{plain.primitives} / {fused.primitives}':>14}"


def _named_kernels(names: str) -> Any:
    return patch.dict("os.environ", {VARIABLE: names})
