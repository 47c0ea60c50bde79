"""Which drafter belongs to which model, told from their configs; or which one could be downloaded."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from mlx_gemma4.engine.catalogue import offered_drafter
from mlx_gemma4.engine.model_judging import is_drafter
from mlx_gemma4.engine.model_places import Candidate
from mlx_gemma4.model.config import Gemma4Config
from mlx_gemma4.model.drafter.config import DrafterConfig
from mlx_gemma4.prompt.checkpoint_files import read_json
from mlx_gemma4.protocol.errors import PrismError
from mlx_gemma4.protocol.model_events import Drafter, FoundModel
from mlx_gemma4.weights.checkpoint import open_checkpoint


class FoundDrafter(NamedTuple):
    """One on the disk that is whole."""

    config: DrafterConfig
    drafter: Drafter


def find_drafters(candidates: Iterable[Candidate]) -> list[FoundDrafter]:
    """Those among some folders, in their order; what is damaged is left out, as nobody has to have one."""
    found: list[FoundDrafter] = []
    for candidate in candidates:
        if is_drafter(candidate.folder):
            try:
                checkpoint = open_checkpoint(candidate.folder)
                config = DrafterConfig.from_dict(checkpoint.config)
            except (PrismError, OSError):
                continue
            drafter = Drafter(candidate.repository, checkpoint.nbytes, str(candidate.folder))
            found.append(FoundDrafter(config, drafter))
    return found


def drafter_of(model: FoundModel, found: Sequence[FoundDrafter]) -> Drafter | None:
    """The first that fits a model which can be used; else the one to download, if its size is a published one."""
    text = Gemma4Config.from_dict(read_json(Path(model.path), "config.json", required=True)).text
    here = (each.drafter for each in found if each.config.fits(text))
    return next(here, None) or offered_drafter(model.size)
