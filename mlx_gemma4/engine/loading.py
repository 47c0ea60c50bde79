"""A model folder to an engine that answers."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from pathlib import Path

from mlx_gemma4.engine.device_memory import kept_bytes, usable_bytes
from mlx_gemma4.engine.engine import Engine
from mlx_gemma4.engine.model_judging import stored_bits
from mlx_gemma4.generation.drafting import DrafterGuesser
from mlx_gemma4.generation.pace import ChunkPace, largest_chunk
from mlx_gemma4.generation.speculative import Speculation
from mlx_gemma4.model.gemma4 import Gemma4
from mlx_gemma4.prompt.checkpoint_files import PromptDefaults, has_learnt_to_answer, read_prompt_defaults
from mlx_gemma4.prompt.tokenizer import Tokenizer
from mlx_gemma4.protocol.cost import MediaBudgets
from mlx_gemma4.protocol.errors import CheckpointError
from mlx_gemma4.protocol.events import ModelReady
from mlx_gemma4.protocol.kv_packing import KVPacking
from mlx_gemma4.weights.checkpoint import Checkpoint, open_checkpoint
from mlx_gemma4.weights.drafter import load_drafter
from mlx_gemma4.weights.loader import LoadReport, load_model
from mlx_gemma4.weights.parameters import flat_parameters

TOUR = "tour"
_TOUR_NAME = "Tour model"


@dataclass(frozen=True, eq=False)
class LoadedModel:
    """A model in memory, and what answers with it.

    Attributes:
        checkpoint: the folder it was read from.
        report: how its weights were read.
        drafter_bytes: memory of the drafter beside it, if there is one.
    """

    model: Gemma4
    tokenizer: Tokenizer
    engine: Engine
    checkpoint: Checkpoint
    defaults: PromptDefaults
    report: LoadReport
    drafter_bytes: int = 0

    @property
    def budgets(self) -> MediaBudgets:
        """What the model is given of media."""
        return self.defaults.budgets

    @property
    def held_bytes(self) -> int:
        """What its parameters take."""
        return self.report.nbytes + self.drafter_bytes

    def ready(self, path: str) -> ModelReady:
        """What the app is told about it; `path` as it was asked for."""
        return ModelReady(
            path,
            name=_TOUR_NAME if path == TOUR else self.checkpoint.folder.resolve().name,
            bits=stored_bits(self.checkpoint),
            memory_bytes=self.held_bytes,
            sees=self.model.config.vision is not None,
            hears=self.model.audio_projector is not None,
            max_soft_tokens=self.defaults.max_soft_tokens,
            chats=has_learnt_to_answer(self.checkpoint.folder, self.tokenizer.special),
            drafts=self.drafter_bytes > 0,
            from_disk=self.report.disk_bytes > 0,
        )


def inspect_model(path: str | os.PathLike[str]) -> Checkpoint:
    """The cheapest look at a model folder; `"tour"` is the bundled one.

    Raises:
        CheckpointError: the folder is no Gemma 4 checkpoint, incomplete or damaged.
    """
    return open_checkpoint(bundled(TOUR) if os.fspath(path) == TOUR else Path(path).expanduser())


def read_model(
    checkpoint: Checkpoint,
    *,
    longest_chunk_seconds: float | None = None,
    wide_audio_span: bool = False,
    drafter: str | os.PathLike[str] | None = None,
    map_ple: bool = False,
    kv_packing: KVPacking | None = None,
) -> LoadedModel:
    """Load what has been looked at.

    Args:
        checkpoint: from `inspect_model`.
        longest_chunk_seconds: prompts are read in chunks that take no longer than this, where pictures allow; None
            reads them in the largest chunks.
        wide_audio_span: see `load_model`.
        drafter: folder of the model's drafter; None decodes without one.
        map_ple: see `load_model`.
        kv_packing: how keys and values are kept; None keeps them as they are.

    Raises:
        CheckpointError: its files do not fit each other or are damaged; nothing has been allocated.
        PrismError: its keys and values cannot be packed.
    """
    folder = checkpoint.folder
    tokenizer = Tokenizer(folder)
    rows = checkpoint.config.get("text_config", checkpoint.config).get("vocab_size", tokenizer.vocabulary_size)
    if tokenizer.vocabulary_size > rows:
        raise CheckpointError(
            f"{folder}: tokenizer.json has {tokenizer.vocabulary_size} tokens, but the model only knows {rows}.",
            "The files belong to different models; download the model again.",
        )
    defaults = read_prompt_defaults(folder)
    model, report = load_model(folder, wide_audio_span=wide_audio_span, map_ple=map_ple)
    if "audio" in report.absent:
        defaults = replace(defaults, sound=None)
    speculation, drafter_bytes = _speculation(model, drafter)
    pace = ChunkPace(largest_chunk(), longest_chunk_seconds)
    kept = kept_bytes(report.nbytes + drafter_bytes, usable_bytes())
    engine = Engine(model, tokenizer, defaults, pace, kept, speculation, kv_packing)
    return LoadedModel(model, tokenizer, engine, checkpoint, defaults, report, drafter_bytes)


def _speculation(model: Gemma4, folder: str | os.PathLike[str] | None) -> tuple[Speculation | None, int]:
    """A drafter beside the model, and the memory that it takes."""
    if not folder:
        return None, 0
    drafter = load_drafter(Path(folder).expanduser())
    return Speculation(DrafterGuesser(model, drafter)), sum(array.nbytes for array in flat_parameters(drafter).values())


def bundled(name: str) -> Path:
    """A folder of data that comes with the package, in an installed one and in a checkout.

    Raises:
        CheckpointError: it is not there.
    """
    package = Path(__file__).parents[1]
    for root in (package, package.parent):
        if (root / "resources" / name).is_dir():
            return root / "resources" / name
    raise CheckpointError(
        f"The bundled folder resources/{name} is not there.",
        "Install the package again.",
        code="checkpoint.not_bundled",
    )
