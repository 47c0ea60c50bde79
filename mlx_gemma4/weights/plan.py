"""Holds a checkpoint's tensor headers against the model, before any tensor is read.

Every parameter of the model must be made of stored tensors of exactly the right shapes, and every stored tensor must
be used or be known to be harmless.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace

from mlx_gemma4.model.config import Gemma4Config
from mlx_gemma4.protocol.errors import CheckpointError
from mlx_gemma4.weights.checkpoint import Checkpoint
from mlx_gemma4.weights.key_map import (
    canonical_name,
    harmless_reason,
    rows_of,
    source_rows,
    source_spellings,
    with_rows,
)
from mlx_gemma4.weights.layouts import axes_to_ours
from mlx_gemma4.weights.name_lists import compact_names
from mlx_gemma4.weights.quantization import Packing, check_quantization, packing_of
from mlx_gemma4.weights.safetensors_header import TensorInfo

FLOATS = frozenset({"F32", "F16", "BF16"})


@dataclass(frozen=True)
class Source:
    """A stored tensor that a parameter is made of; a packed one has scales and, in affine mode, biases beside it.

    `axes` are those of a tensor that must be transposed to have our layout.
    """

    weight: TensorInfo
    scales: TensorInfo | None = None
    biases: TensorInfo | None = None
    packing: Packing | None = None
    axes: tuple[int, ...] | None = None

    @property
    def tensors(self) -> tuple[TensorInfo, ...]:
        """All tensors to read for it."""
        return tuple(info for info in (self.weight, self.scales, self.biases) if info is not None)


@dataclass(frozen=True)
class LoadPlan:
    """What to read for each parameter of the model.

    Attributes:
        sources: by parameter path, the tensors whose rows are joined.
        ignored: stored names that are harmless to leave unread, by the reason.
    """

    sources: Mapping[str, tuple[Source, ...]]
    ignored: Mapping[str, tuple[str, ...]]

    def without(self, parameters: Collection[str]) -> LoadPlan:
        """The same, some parameters not read."""
        kept = {path: sources for path, sources in self.sources.items() if path not in parameters}
        return replace(self, sources=kept)


class TensorMismatch(CheckpointError):
    """The stored tensors are not those of the model that config.json describes.

    Attributes:
        missing: names that the model needs, in transformers' spelling without `model.`.
        unused: stored names that nothing explains.
        misshapen: stored names with what is wrong with each.
    """

    default_code = "checkpoint.tensors"

    def __init__(self, missing: list[str], unused: list[str], misshapen: Mapping[str, str]) -> None:
        kinds = {
            "missing": compact_names(missing),
            "not part of this model": compact_names(unused),
            "of the wrong shape": ", ".join(f"{name} {why}" for name, why in misshapen.items()),
        }
        problems = "; ".join(f"{kind}: {names}" for kind, names in kinds.items() if names)
        super().__init__(f"The weights do not fit config.json. Tensors {problems}.", "Download the checkpoint again.")
        self.missing, self.unused, self.misshapen = tuple(missing), tuple(unused), dict(misshapen)


def make_plan(checkpoint: Checkpoint, config: Gemma4Config, shapes: Mapping[str, tuple[int, ...]]) -> LoadPlan:
    """Find the tensors of every parameter.

    Args:
        checkpoint: an opened folder.
        config: the model's, read from the folder.
        shapes: shape of every parameter of the model, by its path, as if nothing were quantized.

    Returns:
        What to read for each parameter.

    Raises:
        TensorMismatch: tensors are missing, unexplained or of another shape; all of them are named.
        CheckpointError: the weights are quantized in a format that is not read.
    """
    check_quantization(checkpoint.config)
    matcher = _Matcher(_by_canonical_name(checkpoint))
    sources = {parameter: matcher.sources(parameter, shape, config) for parameter, shape in shapes.items()}
    unused, ignored = _sort_leftovers(matcher.stored, matcher.seen, config)
    if matcher.missing or matcher.misshapen or unused:
        raise TensorMismatch(matcher.missing, unused, matcher.misshapen)
    return LoadPlan(sources, ignored)


def _by_canonical_name(checkpoint: Checkpoint) -> dict[str, TensorInfo]:
    stored: dict[str, TensorInfo] = {}
    for name, info in checkpoint.tensors.items():
        first = stored.setdefault(canonical_name(name), info)
        if first is not info:
            raise CheckpointError(f"{first.name} and {name} are the same tensor.", code="checkpoint.damaged")
    return stored


@dataclass
class _Matcher:
    """Looks tensors up one by one and remembers everything that was wrong."""

    stored: Mapping[str, TensorInfo]
    seen: set[str] = field(default_factory=set)
    missing: list[str] = field(default_factory=list)
    misshapen: dict[str, str] = field(default_factory=dict)

    def sources(self, parameter: str, shape: tuple[int, ...], config: Gemma4Config) -> tuple[Source, ...]:
        """The tensors whose rows make up a parameter, under the first of its spellings that is stored."""
        spellings = source_spellings(parameter, config)
        names = next((names for names in spellings if any(name in self.stored for name in names)), spellings[0])
        rows = source_rows(parameter, rows_of(shape), config, len(names))
        found = (self.source(name, with_rows(shape, count)) for name, count in zip(names, rows, strict=True))
        return tuple(source for source in found if source is not None)

    def source(self, name: str, shape: tuple[int, ...]) -> Source | None:
        """The tensors of one matrix, vector or scalar; None after a note of what is wrong."""
        weight = self._take(name)
        if weight is None:
            self.missing.append(name)
            return None
        module = name.removesuffix(".weight")
        scales = self._take(f"{module}.scales") if name.endswith(".weight") else None
        if scales is None:
            axes = axes_to_ours(name, weight.shape, shape)
            if (weight.shape != shape and axes is None) or weight.dtype not in FLOATS:
                self.misshapen[weight.name] = f"is {_described(weight)}, not {list(shape)} of floats"
                return None
            return Source(weight, axes=axes)
        return self._packed_source(module, weight, scales, shape)

    def _packed_source(
        self, module: str, weight: TensorInfo, scales: TensorInfo, shape: tuple[int, ...]
    ) -> Source | None:
        biases = self._take(f"{module}.biases")
        if scales.dtype in FLOATS and biases is None:
            self.missing.append(f"{module}.biases")
            return None
        infos = [info for info in (weight, scales, biases) if info is not None]
        packing = None
        if len(shape) >= 2 and all(info.shape[:-1] == shape[:-1] for info in infos):
            widths = shape[-1], weight.shape[-1], scales.shape[-1]
            packing = packing_of(*widths, has_float_scales=scales.dtype in FLOATS)
        fits = weight.dtype == "U32" and (biases is None or biases.shape == scales.shape)
        if packing is None or not fits or packing.has_biases != (biases is not None):
            stored = ", ".join(_described(info) for info in infos)
            self.misshapen[weight.name] = f"is packed as {stored}, which is no packed form of {list(shape)}"
            return None
        return Source(weight, scales, biases, packing)

    def _take(self, name: str) -> TensorInfo | None:
        info = self.stored.get(name)
        if info is not None:
            self.seen.add(name)
        return info


def _sort_leftovers(
    stored: Mapping[str, TensorInfo], seen: set[str], config: Gemma4Config
) -> tuple[list[str], dict[str, tuple[str, ...]]]:
    """Names that nothing wants: those without an excuse, and the others by their reason."""
    unused: list[str] = []
    ignored: dict[str, tuple[str, ...]] = {}
    for name in sorted(stored.keys() - seen):
        reason = harmless_reason(name, config)
        if reason is None:
            unused.append(name)
        else:
            ignored[reason] = (*ignored.get(reason, ()), name)
    return unused, ignored


def _described(info: TensorInfo) -> str:
    return f"{info.dtype} {list(info.shape)}"
