"""The models on this machine: listed, set aside, taken back."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from mlx_gemma4.engine.catalogue import offered
from mlx_gemma4.engine.drafters import drafter_of, find_drafters
from mlx_gemma4.engine.machine_memory import machine_memory
from mlx_gemma4.engine.model_judging import is_gemma4, judge_folder, memory_need
from mlx_gemma4.engine.model_places import candidates, subfolders
from mlx_gemma4.engine.partial_download import SUFFIX, PartialDownload
from mlx_gemma4.protocol.errors import PrismError
from mlx_gemma4.protocol.model_events import FitEstimated, FoundModel, ModelsFound
from mlx_gemma4.protocol.model_requests import FitModel, ListModels, RemoveModel, RestoreModel
from mlx_gemma4.weights.checkpoint import open_checkpoint

_ASIDE = ".removed-"
"""Begins the name of the folder that deleted models wait in; the engine's process id ends it."""


def list_models(request: ListModels | RemoveModel | RestoreModel) -> ModelsFound:
    """All there is, and what could be."""
    own = Path(request.folder)
    memory = machine_memory(request.held_bytes)
    purge(own, but=_aside(own))
    return ModelsFound((*_models(own), *_downloads(own)), offered(memory.total), memory, free_on_disk(own))


def fit_model(request: FitModel) -> FitEstimated:
    """What a model would take, and what there is.

    Raises:
        CheckpointError: there is no Gemma 4 in its folder.
    """
    need = memory_need(open_checkpoint(Path(request.path).expanduser()))
    return FitEstimated(request.path, need.whole, machine_memory(request.held_bytes), need.lean)


def remove_model(request: RemoveModel) -> ModelsFound:
    """Set a model aside; what was set aside before goes for good.

    Raises:
        PrismError: it does not lie in the app's folder, or cannot be moved.
    """
    own, path = Path(request.folder).resolve(), Path(request.path).resolve()
    _require_own(own, path)
    purge(own)
    _move(path, _aside(own) / path.relative_to(own))
    return list_models(request)


def restore_model(request: RestoreModel) -> ModelsFound:
    """Take back what was set aside last.

    Raises:
        PrismError: it is not there any more, or cannot be moved.
    """
    own, path = Path(request.folder).resolve(), Path(request.path).resolve()
    _require_own(own, path)
    _move(_aside(own) / path.relative_to(own), path)
    return list_models(request)


def purge(own: Path, but: Path | None = None) -> None:
    """Remove for good what was set aside, by engines that have ended too."""
    for folder in own.glob(f"{_ASIDE}*"):
        if folder != but:
            shutil.rmtree(folder, ignore_errors=True)


def free_on_disk(folder: Path) -> int:
    """Bytes that can be written where this folder is or will be."""
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    return shutil.disk_usage(folder).free


def _aside(own: Path) -> Path:
    """Where this engine, whose worker we are, sets models aside."""
    return own / f"{_ASIDE}{os.getppid()}"


def _models(own: Path) -> Iterator[FoundModel]:
    complete = [candidate for candidate in candidates(own) if not candidate.folder.name.endswith(SUFFIX)]
    drafters = find_drafters(complete)
    for candidate in complete:
        if is_gemma4(candidate.folder):
            model = judge_folder(candidate)
            yield model if model.problem else replace(model, drafter=drafter_of(model, drafters))


def _downloads(own: Path) -> Iterator[FoundModel]:
    """What was begun to be downloaded."""
    for owner in subfolders(own):
        for folder in subfolders(owner):
            download = PartialDownload(folder)
            manifest = download.read() if folder.name.endswith(SUFFIX) else None
            if manifest is not None:
                yield FoundModel(
                    str(folder),
                    manifest.repository,
                    "",
                    0,
                    download.here(manifest),
                    "prism",
                    manifest.repository,
                    total_bytes=manifest.nbytes,
                    problem="It has not been downloaded completely.",
                )


def _require_own(own: Path, path: Path) -> None:
    """Another program's models are its own, and a wrong path must never reach anything else."""
    if own not in path.parents or path.relative_to(own).parts[0].startswith(_ASIDE):
        raise PrismError(
            f"{path} does not lie in Prism's folder for models, so Prism does not remove it.",
            "Remove it with the program that it belongs to.",
            code="models.not_ours",
        )


def _move(source: Path, target: Path) -> None:
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        os.replace(source, target)
    except FileNotFoundError as error:
        raise PrismError(f"{source.name} is not there any more.", code="models.missing") from error
    except OSError as error:
        raise PrismError(f"{source.name} cannot be moved: {error}.", code="models.disk") from error
