"""Copies of checkpoint folders, quantized or unquantized, under transformers' tensor names, in flat memory."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Generator, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import mlx.core as mx

from mlx_gemma4.model.gemma4 import Gemma4
from mlx_gemma4.protocol.errors import CheckpointError
from mlx_gemma4.weights.checkpoint import Checkpoint, open_checkpoint
from mlx_gemma4.weights.conversion_pieces import as_stored, copied, joined, packed, unpacked
from mlx_gemma4.weights.key_map import canonical_name, is_spare, mlx_name, source_spellings, transformers_name
from mlx_gemma4.weights.loader import plan_of
from mlx_gemma4.weights.parameters import parent_of
from mlx_gemma4.weights.peer_config import with_older_keys
from mlx_gemma4.weights.plan import LoadPlan
from mlx_gemma4.weights.quantization import Packing
from mlx_gemma4.weights.writing import SHARD_BYTES, Piece, write_pieces

ChoosePacking = Callable[[str, tuple[int, ...]], Packing | None]
WEIGHT_SUFFIXES = (".safetensors", ".safetensors.index.json", ".gguf", ".bin", ".pt", ".pth", ".ckpt")
SPARE_BYTES = 100_000_000  # for tokenizer and configs, and so that the disk is not filled to the last byte


@dataclass(frozen=True)
class FolderCopy:
    """A copy of a checkpoint folder that is ready to be written; no tensor has been read yet.

    Attributes:
        source: what is copied.
        target: the folder to write; made if need be.
        pieces: every tensor to be written, and how it comes about.
        config: the new config.json.
    """

    source: Checkpoint
    target: Path
    pieces: list[Piece]
    config: Mapping[str, Any]

    @property
    def nbytes(self) -> int:
        """Size of all tensors to be written."""
        return sum(piece.nbytes for piece in self.pieces)

    def write(self, shard_bytes: int = SHARD_BYTES) -> Iterator[int]:
        """Write the folder; yields the bytes of each tensor, or of several that belong together, once it is done."""
        yield from write_pieces(self.target, self.pieces, self.config, shard_bytes=shard_bytes)
        for file in self.source.folder.iterdir():  # tokenizer, templates and whatever else lies beside the weights
            if file.is_file() and file.name != "config.json" and not file.name.endswith(WEIGHT_SUFFIXES):
                shutil.copy2(file, self.target / file.name)

    def write_new(self) -> Generator[int, None, None]:
        """As `write`, but into a folder that must not exist; it appears when it is complete, or not at all.

        Raises:
            CheckpointError: the target exists, cannot be made, or does not fit on its disk.
        """
        parent = self.target.absolute().parent
        if self.target.exists():
            raise CheckpointError(f"{self.target} exists already.", "Name a folder that does not.")
        if not parent.is_dir():
            raise CheckpointError(f"{parent} does not exist.", "Make it first.")
        free = shutil.disk_usage(parent).free
        if self.nbytes + SPARE_BYTES > free:
            sizes = f"takes {self.nbytes / 1e9:.1f} GB, and {free / 1e9:.1f} GB are free"
            raise CheckpointError(f"{self.target} {sizes}.", "Make room, or name a folder on another disk.")
        unfinished = parent / f".{self.target.name}.{os.getpid()}"
        try:
            yield from replace(self, target=unfinished).write()
            unfinished.rename(self.target)
        except OSError as problem:
            reason = problem.strerror or problem
            raise CheckpointError(f"{self.target} cannot be written: {reason}.", code="checkpoint.write") from problem
        finally:
            shutil.rmtree(unfinished, ignore_errors=True)


def save_quantized(
    source: str | Path, target: str | Path, choose: ChoosePacking, *, floats: mx.Dtype | None = None
) -> None:
    """Copy a checkpoint folder, its matrices quantized; arguments and errors are those of `plan_quantized`."""
    for _ in plan_quantized(source, target, choose, floats=floats).write():
        pass


def save_unquantized(source: str | Path, target: str | Path, *, floats: mx.Dtype = mx.float32) -> None:
    """Copy a checkpoint folder with the values that its quantized matrices stand for, as transformers can read it.

    Args:
        source: a checkpoint with or without quantized matrices.
        target: the folder to write; made if need be.
        floats: the format of all its tensors.

    Raises:
        CheckpointError: the source is no sound checkpoint, does not fit its config, or is also the target.
    """
    checkpoint = _open_source(source, target)
    model, plan = plan_of(checkpoint)
    pieces = _left_over(checkpoint, plan, model, floats)
    for parameter, parts in plan.sources.items():
        names = source_spellings(parameter, model.config)[0]
        if len(names) == len(parts):
            named = zip(names, parts, strict=True)
            pieces += [unpacked(_stored_name(checkpoint, name), part, floats) for name, part in named]
        else:
            pieces.append(joined(_stored_name(checkpoint, names[0]), parts, floats))
    config = {key: value for key, value in checkpoint.config.items() if not key.startswith("quantization")}
    config["dtype"] = str(floats).rpartition(".")[2]
    for _ in FolderCopy(checkpoint, Path(target), pieces, config).write():
        pass


def plan_quantized(
    source: str | Path, target: str | Path, choose: ChoosePacking, *, floats: mx.Dtype | None = None
) -> FolderCopy:
    """What a quantized copy of a checkpoint folder will be.

    Args:
        source: an unquantized checkpoint, under any of the names that can be read. Tokenizer and other files are
            copied along; tensors that this version does not use are kept.
        target: the folder to write.
        choose: given a tensor's name and shape, how to pack it, or None to leave it alone. Asked for every matrix, and
            stack of experts, that the model can compute with in packed form.
        floats: format of everything that is not packed, scales included; None leaves it as stored. Codes are chosen
            from the stored values, before this rounding.

    Raises:
        CheckpointError: the source is no sound checkpoint, is quantized already, or is also the target.
    """
    checkpoint = _open_source(source, target)
    if any(name.endswith(".scales") for name in checkpoint.tensors):
        raise CheckpointError(f"{source} is quantized already.", "Convert the original, in bfloat16.")
    model, plan = plan_of(checkpoint)
    pieces = _left_over(checkpoint, plan, model, floats)
    packings: dict[str, Packing] = {}
    for parameter, parts in plan.sources.items():
        targets = [_stored_name(checkpoint, name) for name in source_spellings(parameter, model.config)[-1]]
        names_of_part = [targets] if len(parts) < len(targets) else [[name] for name in targets]
        for part, names in zip(parts, names_of_part, strict=True):
            packing = choose(names[0], part.weight.shape) if can_be_packed(model, parameter) else None
            if packing is None:
                pieces.append(as_stored(_stored_name(checkpoint, canonical_name(part.weight.name)), part, floats))
            else:
                modules = [name.removesuffix(".weight") for name in names]
                packings |= dict.fromkeys(modules, packing)
                pieces.append(packed(modules, part.weight, packing, floats))
    config = with_older_keys(checkpoint.config, model.config)
    if packings:
        config["quantization"] = quantization_block(packings)
    return FolderCopy(checkpoint, Path(target), pieces, config)


def quantization_block(packings: Mapping[str, Packing]) -> dict[str, Any]:
    """config.json's `quantization`: the commonest packing, then each module that differs, by its path in the peers."""
    counts = list(packings.values())
    default = max(set(counts), key=lambda packing: (counts.count(packing), packing.bits))
    overrides = {_mlx_path(module): packing.as_config() for module, packing in packings.items() if packing != default}
    return default.as_config() | overrides


def _open_source(source: str | Path, target: str | Path) -> Checkpoint:
    """Open the source, whose files are read while the target's are written, so they cannot be the same."""
    checkpoint = open_checkpoint(source)
    if checkpoint.folder.resolve() == Path(target).resolve():
        raise CheckpointError(f"{source} cannot be converted in place.", "Name another folder to write to.")
    return checkpoint


def can_be_packed(model: Gemma4, parameter: str) -> bool:
    """Whether a parameter is a matrix, or stack of them, with which the model can compute in packed form."""
    module, name = parent_of(model, parameter)
    return name == "weight" and hasattr(module, "to_quantized")


def _left_over(checkpoint: Checkpoint, plan: LoadPlan, model: Gemma4, floats: mx.Dtype | None) -> list[Piece]:
    """Tensors that the model does not use, but for those that no implementation does."""
    names = [name for names in plan.ignored.values() for name in names if not is_spare(name, model.config)]
    stored = {canonical_name(name): info for name, info in checkpoint.tensors.items()}
    return [copied(_stored_name(checkpoint, name), stored[name], floats) for name in names]


def _stored_name(checkpoint: Checkpoint, canonical: str) -> str:
    """The name of a tensor in the copy: transformers', whose models for text alone have no `language_model`."""
    if checkpoint.config["model_type"].endswith("_text"):
        return f"model.{canonical.removeprefix('language_model.')}"
    return transformers_name(canonical)


def _mlx_path(module: str) -> str:
    """Where the peers have a module, given its name in the copy; they agree with transformers on text alone."""
    canonical = canonical_name(module)
    return mlx_name(canonical) if module == transformers_name(canonical) else module
