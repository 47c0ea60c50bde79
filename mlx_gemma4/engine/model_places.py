"""Where models lie on this machine: the app's own folder, the Hugging Face cache, LM Studio's folders."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from mlx_gemma4.protocol.model_events import ModelPlace

_CACHED = "models--"
_LM_STUDIO = ("~/.lmstudio/models", "~/.cache/lm-studio/models")


@dataclass(frozen=True)
class Candidate:
    """A folder that may hold a model.

    Attributes:
        repository: that it seems to come from, told from where it lies.
    """

    folder: Path
    place: ModelPlace
    repository: str


def candidates(own: Path) -> Iterator[Candidate]:
    """Every folder with a config.json where models are kept; the app's own first."""
    yield from _by_owner(own, "prism")
    yield from _cached()
    for folder in _LM_STUDIO:
        yield from _by_owner(Path(folder).expanduser(), "lmstudio")


def hub_cache() -> Path:
    """The Hugging Face cache, as its own library finds it."""
    home = os.environ.get("HF_HOME") or os.path.join(os.environ.get("XDG_CACHE_HOME") or "~/.cache", "huggingface")
    named = os.environ.get("HF_HUB_CACHE") or os.environ.get("HUGGINGFACE_HUB_CACHE") or os.path.join(home, "hub")
    return Path(os.path.expandvars(named)).expanduser()


def subfolders(folder: Path) -> list[Path]:
    """The folders in a folder, in order; none if it cannot be read. Hidden ones are nobody's model."""
    try:
        return sorted(item for item in folder.iterdir() if not item.name.startswith(".") and item.is_dir())
    except OSError:
        return []


def _by_owner(root: Path, place: ModelPlace) -> Iterator[Candidate]:
    """Folders in `owner/name`, as downloads and LM Studio make them, or put there by hand without an owner."""
    for owner in subfolders(root):
        if (owner / "config.json").is_file():
            yield Candidate(owner, place, "")
        for folder in subfolders(owner):
            if (folder / "config.json").is_file():
                yield Candidate(folder, place, f"{owner.name}/{folder.name}")


def _cached() -> Iterator[Candidate]:
    """The snapshot of each cached repository that `main` means, or the newest there is."""
    for repository in subfolders(hub_cache()):
        if not repository.name.startswith(_CACHED):
            continue
        name = repository.name.removeprefix(_CACHED).replace("--", "/", 1)
        snapshots = [folder for folder in subfolders(repository / "snapshots") if (folder / "config.json").is_file()]
        if snapshots:
            current = _commit(repository / "refs" / "main")
            chosen = next((folder for folder in snapshots if folder.name == current), None)
            yield Candidate(chosen or max(snapshots, key=_changed), "huggingface", name)


def _commit(ref: Path) -> str:
    try:
        return ref.read_text(encoding="ascii").strip()
    except (OSError, ValueError):
        return ""


def _changed(folder: Path) -> float:
    return folder.stat().st_mtime
