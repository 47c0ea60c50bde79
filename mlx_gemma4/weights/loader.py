"""A checkpoint folder to a ready model."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import mlx.core as mx
from mlx import nn

from mlx_gemma4.kernels import command_buffers
from mlx_gemma4.model.audio.config import AudioConfig
from mlx_gemma4.model.config import Gemma4Config
from mlx_gemma4.model.gemma4 import Gemma4
from mlx_gemma4.weights.checkpoint import Checkpoint, open_checkpoint
from mlx_gemma4.weights.key_map import GATHERED, canonical_name
from mlx_gemma4.weights.number_policy import NumberPolicy
from mlx_gemma4.weights.parameters import flat_parameters, load_lazily, parent_of
from mlx_gemma4.weights.plan import LoadPlan, Source, make_plan
from mlx_gemma4.weights.quantization import Matrix, Packing, join_rows
from mlx_gemma4.weights.safetensors_header import TensorInfo
from mlx_gemma4.weights.table_on_disk import StoredTable

_SENSES = {"vision": {"vision_tower", "vision_embedder", "embed_vision"}, "audio": {"audio_tower", "embed_audio"}}


@dataclass(frozen=True)
class LoadReport:
    """What was done with a checkpoint's tensors.

    Attributes:
        tensors: how many were read.
        nbytes: memory of the model's parameters.
        disk_bytes: of the tables that were left on the disk.
        packed: modules of the model that stay quantized, and how.
        rewritten: modules whose parts are quantized differently; joined in 8 bits or unpacked, no value changed.
        ignored: stored names that were left unread, by the reason.
        absent: "vision" and "audio", where the config speaks of that but the files hold none of its tensors.
    """

    tensors: int
    nbytes: int
    disk_bytes: int
    packed: Mapping[str, Packing]
    rewritten: tuple[str, ...]
    ignored: Mapping[str, tuple[str, ...]]
    absent: tuple[str, ...]


def load_model(
    folder: str | Path, policy: NumberPolicy | None = None, *, wide_audio_span: bool = False, map_ple: bool = False
) -> tuple[Gemma4, LoadReport]:
    """Load a checkpoint written by transformers, mlx-vlm, mlx-lm or this package.

    Args:
        folder: config.json with safetensors: float32, bfloat16, float16 or quantized by MLX.
        policy: number formats; None takes those of MLX's default device.
        wide_audio_span: in the audio tower a query sees 13 keys instead of 12 (see `AudioConfig.sees_context_left`).
        map_ple: leave the table of per-layer embeddings on the disk, and read its rows as tokens need them.

    Returns:
        The model, its parameters evaluated, and a report of what was done.

    Raises:
        CheckpointError: the folder is foreign, damaged or does not fit its config; nothing was allocated.
    """
    command_buffers.set_lengths()
    checkpoint = open_checkpoint(folder)
    model, plan = plan_of(checkpoint, wide_audio_span=wide_audio_span)
    policy = policy or NumberPolicy.for_device(mx.default_device())
    tables = _leave_on_disk(model, plan, policy) if map_ple else {}
    packed, rewritten = fill(model, plan.without(tables), policy)
    report = LoadReport(
        tensors=sum(len(source.tensors) for sources in plan.sources.values() for source in sources),
        nbytes=sum(array.nbytes for array in flat_parameters(model).values()),
        disk_bytes=sum(table.nbytes for table in tables.values()),
        packed=packed,
        rewritten=rewritten,
        ignored=plan.ignored,
        absent=tuple(
            sense
            for sense in _SENSES
            if getattr(model.config, sense) is None and checkpoint.config.get(f"{sense}_config")
        ),
    )
    return model, report


def plan_of(checkpoint: Checkpoint, *, wide_audio_span: bool = False) -> tuple[Gemma4, LoadPlan]:
    """The model of an opened folder, its parameters not computed, and where each of them is stored.

    Raises:
        CheckpointError: the folder does not fit its config.
    """
    config = _with_stored_senses(Gemma4Config.from_dict(checkpoint.config), checkpoint)
    if isinstance(config.audio, AudioConfig) and wide_audio_span:
        config = dataclasses.replace(config, audio=dataclasses.replace(config.audio, sees_context_left=True))
    model = Gemma4(config)  # lazy: nothing of its initial values is computed
    shapes = {path: array.shape for path, array in flat_parameters(model).items()}
    return model, make_plan(checkpoint, config, shapes)


def _leave_on_disk(model: nn.Module, plan: LoadPlan, policy: NumberPolicy) -> dict[str, StoredTable]:
    """Put tables that are only gathered in the places of those in memory; by the paths of their parameters."""
    tables: dict[str, StoredTable] = {}
    for path, sources in plan.sources.items():
        module = path.removesuffix(".weight")
        if module in GATHERED:
            (source,) = sources
            tables[path] = StoredTable(source, policy, module)
            parent, name = parent_of(model, module)
            setattr(parent, name, tables[path])
    return tables


def fill(model: nn.Module, plan: LoadPlan, policy: NumberPolicy) -> tuple[dict[str, Packing], tuple[str, ...]]:
    """Read and place one parameter after the other, so that no more than one is in memory twice.

    Returns:
        The modules that stay packed, and how; and those whose parts were packed differently.
    """
    files = _LazyFiles(source for sources in plan.sources.values() for source in sources)
    packed: dict[str, Packing] = {}
    rewritten: list[str] = []
    for path, sources in plan.sources.items():
        module = path.removesuffix(".weight")
        if len({source.packing for source in sources}) > 1:
            rewritten.append(module)
        matrix = policy.convert(join_rows([files.read(source) for source in sources]), module)
        if matrix.packing is not None:
            packed[module] = matrix.packing
            _place_packed_module(model, module, matrix.packing)
        _place(model, path, matrix.parameters())
    return packed, tuple(rewritten)


def _with_stored_senses(config: Gemma4Config, checkpoint: Checkpoint) -> Gemma4Config:
    """The config without what a text-only conversion left out, all tensors of it."""
    stored = {canonical_name(name).partition(".")[0] for name in checkpoint.tensors}
    return dataclasses.replace(config, **{sense: None for sense, parts in _SENSES.items() if stored.isdisjoint(parts)})


class _LazyFiles:
    """Hands out each tensor once, unread: an array that is still held after it was evaluated keeps its bytes."""

    def __init__(self, sources: Iterable[Source]) -> None:
        files = {info.file for source in sources for info in source.tensors}
        self._arrays = {file: load_lazily(file) for file in files}

    def read(self, source: Source) -> Matrix:
        weight = self._take(source.weight)
        return Matrix(
            weight if source.axes is None else weight.transpose(source.axes),
            None if source.scales is None else self._take(source.scales),
            None if source.biases is None else self._take(source.biases),
            source.packing,
        )

    def _take(self, info: TensorInfo) -> mx.array:
        return self._arrays[info.file].pop(info.name)


def _place_packed_module(model: nn.Module, path: str, packing: Packing) -> None:
    """Put the quantized kind of a linear or embedding in the place of the plain one."""
    parent, name = parent_of(model, path)
    plain = getattr(parent, name)
    setattr(parent, name, plain.to_quantized(packing.group_size, packing.bits, packing.mode))


def _place(model: nn.Module, path: str, arrays: Mapping[str, mx.array]) -> None:
    mx.eval(*arrays.values())
    parent, last = parent_of(model, path)
    for name, array in arrays.items():
        setattr(parent, last if name == "weight" else name, array)
