"""What the engine reports about models that are not loaded."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from mlx_gemma4.protocol.event_base import EventBase
from mlx_gemma4.protocol.memory_fit import MachineMemory

ModelPlace: TypeAlias = Literal["prism", "huggingface", "lmstudio"]
"""Whose folder a model lies in: the app's own, the Hugging Face cache, LM Studio's."""


@dataclass(frozen=True)
class Drafter:
    """The small model that guesses the answers of another ahead.

    Attributes:
        repository: it can be downloaded from; empty if nobody knows.
        nbytes: on the disk, or of the download.
        path: of its folder; empty while it is not here.
    """

    repository: str
    nbytes: int
    path: str = ""


@dataclass(frozen=True)
class FoundModel:
    """A model on the disk, told from its headers.

    Attributes:
        path: of its folder.
        name: of the repository or folder.
        size: which published Gemma 4 it is, like `E2B`; empty for another shape.
        bits: of most stored weights; 0 if that cannot be told.
        nbytes: on the disk; of a download, what is there already.
        place: whose folder it lies in.
        repository: it comes from; empty if nobody knows.
        total_bytes: of a download that is not over, what it will have; 0 otherwise.
        need_bytes: memory that it takes at its peak; 0 if that cannot be told.
        sees: it takes pictures.
        hears: it takes sound.
        problem: why it cannot be used, as a sentence; empty for a model that can.
        lean_bytes: memory at the peak where its per-layer embeddings are read from the disk; 0 if it has none.
        drafter: that belongs to it, here or to be had; None where there is none.
    """

    path: str
    name: str
    size: str
    bits: int
    nbytes: int
    place: ModelPlace
    repository: str = ""
    total_bytes: int = 0
    need_bytes: int = 0
    sees: bool = False
    hears: bool = False
    problem: str = ""
    lean_bytes: int = 0
    drafter: Drafter | None = None


@dataclass(frozen=True)
class OfferedModel:
    """A model that can be downloaded.

    Attributes:
        repository: owner and name on the Hub.
        name: for people.
        size: which Gemma 4, like `E2B`.
        bits: of most weights.
        nbytes: of the download, about.
        need_bytes: memory that it takes at its peak, about.
        words: what it is good for, in one sentence.
        licence: under which it may be used, in a few words.
        sees: it takes pictures.
        hears: it takes sound.
        recommended: it is the one for a machine like this.
        lean_bytes: memory at the peak where its per-layer embeddings are read from the disk; 0 if it has none.
    """

    repository: str
    name: str
    size: str
    bits: int
    nbytes: int
    need_bytes: int
    words: str
    licence: str
    sees: bool = True
    hears: bool = True
    recommended: bool = False
    lean_bytes: int = 0


@dataclass(frozen=True)
class ModelsFound(EventBase):
    """What there is on the disk and what could be; the last event of a ListModels, RemoveModel or RestoreModel.

    Attributes:
        found: Gemma 4 models, and downloads that are not over.
        offered: what can be downloaded, smallest first.
        memory: of the machine, now.
        disk_free_bytes: where downloads go.
    """

    found: tuple[FoundModel, ...]
    offered: tuple[OfferedModel, ...]
    memory: MachineMemory
    disk_free_bytes: int


@dataclass(frozen=True)
class FitEstimated(EventBase):
    """What a model would take, and what there is; the last event of a FitModel. `memory_fit.judge` says how it fits.

    Attributes:
        lean_bytes: as of a `FoundModel`.
    """

    path: str
    need_bytes: int
    memory: MachineMemory
    lean_bytes: int = 0


@dataclass(frozen=True)
class DownloadProgress(EventBase):
    """How far a download is.

    Attributes:
        done_bytes: of all files.
        total_bytes: of all files.
        rate: bytes a second, over the last seconds; 0 if that cannot be told yet.
        file: that is being fetched, or checked.
        checking: the file is here and compared with what the Hub says that it is.
        host: that the bytes come from, where the Hub hands them to another; empty before any came.
    """

    done_bytes: int
    total_bytes: int
    rate: float
    file: str
    checking: bool = False
    host: str = ""


@dataclass(frozen=True)
class DownloadFinished(EventBase):
    """All files are here and are what the Hub says; the last event of a Download.

    Attributes:
        path: of the model's folder.
    """

    repository: str
    path: str
