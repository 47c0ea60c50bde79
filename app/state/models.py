"""Models on this machine, models that could be, and downloads under way."""

from __future__ import annotations

from enum import StrEnum

from app.state.observable import Observable, Property
from app.words import tr
from mlx_gemma4.protocol.memory_fit import MachineMemory
from mlx_gemma4.protocol.model_events import FoundModel, OfferedModel


class DownloadStatus(StrEnum):
    """What a download is doing."""

    RUNNING = "running"
    CHECKING = "checking"
    PAUSED = "paused"
    FAILED = "failed"

    @property
    def goes_on(self) -> bool:
        """Whether the engine is at it."""
        return self in (DownloadStatus.RUNNING, DownloadStatus.CHECKING)


class ModelDownload(Observable):
    """One model on its way.

    Attributes:
        repository: on the Hub.
        done: bytes that are here.
        total: bytes that it has.
        rate: bytes a second; 0 if unknown.
        problem: why it does not go on, with what to do; empty unless it failed.
        code: of the problem.
        request_id: of the request that fetches it; empty while none does.
        was_cut_off: the engine went away; it goes on by itself when there is one again.
    """

    status = Property[DownloadStatus](DownloadStatus.PAUSED)
    done = Property(0)
    total = Property(0)
    rate = Property(0.0)
    problem = Property("")

    def __init__(self, repository: str, title: str = "", done: int = 0, total: int = 0) -> None:
        super().__init__()
        self.repository = repository
        self.title = title or repository
        self.code = ""
        self.request_id = ""
        self.was_cut_off = False
        self.done, self.total = done, total

    @property
    def wants_token(self) -> bool:
        """Whether a token could help."""
        return self.status is DownloadStatus.FAILED and self.code in ("download.gated", "download.token")

    @property
    def share(self) -> float:
        """How much of it is here, 0 to 1."""
        return min(self.done / self.total, 1.0) if self.total else 0.0

    @property
    def seconds_left(self) -> float | None:
        """At the present rate; None if that is unknown."""
        return (self.total - self.done) / self.rate if self.rate > 0 else None


class Models(Observable):
    """What there is to choose from.

    Attributes:
        is_open: the sheet is shown.
        found: models on the disk that are complete, or cannot be used for a reason.
        offered: what can be downloaded and is not here yet, as the engine lists it.
        memory: of the machine; None until the engine has looked.
        disk_free: bytes where downloads go.
        downloads: under way, paused or failed.
        removed: the model that was deleted last and can be had back; None for none.
        problem: why something could not be done, as a sentence.
        chosen: path of the model that is to be used, or the bundled one's name.
        drafters: folders of drafters that are here, by the path of their model.
        undrafted: paths of models that shall do without.
    """

    is_open = Property(False)
    found = Property[tuple[FoundModel, ...]](())
    offered = Property[tuple[OfferedModel, ...]](())
    memory = Property[MachineMemory | None](None)
    disk_free = Property(0)
    downloads = Property[tuple[ModelDownload, ...]](())
    removed = Property[FoundModel | None](None)
    problem = Property("")
    chosen = Property("")
    drafters = Property[dict[str, str]]({})
    undrafted = Property[frozenset[str]](frozenset())

    @property
    def recommended(self) -> OfferedModel | None:
        """The one for this machine, whether it is here or not."""
        return next((model for model in self.offered if model.recommended), None)

    @property
    def missing(self) -> tuple[OfferedModel, ...]:
        """What can be downloaded: neither here nor on its way. The recommended one comes first."""
        here = {model.repository for model in self.found} | {item.repository for item in self.downloads}
        missing = [model for model in self.offered if model.repository not in here]
        return tuple(sorted(missing, key=lambda model: not model.recommended))

    @property
    def usable(self) -> tuple[FoundModel, ...]:
        """Models that can be loaded, if there is the memory."""
        return tuple(model for model in self.found if not model.problem)

    def by_path(self, path: str) -> FoundModel | None:
        """The model in this folder."""
        return next((model for model in self.found if model.path == path), None)

    def download_of(self, repository: str) -> ModelDownload | None:
        """The download of this repository."""
        return next((item for item in self.downloads if item.repository == repository), None)

    def title_of(self, repository: str) -> str:
        """A repository's model in words."""
        offer = next((model for model in self.offered if model.repository == repository), None)
        if offer is not None:
            return offered_title(offer)
        drafted = self.drafted_by(repository)
        return tr("Drafter of {name}", name=_name(drafted)) if drafted else repository

    def size_of(self, repository: str) -> int:
        """Bytes of its download, as far as is known; 0 for one that nobody offers."""
        offers = {model.repository: model.nbytes for model in self.offered}
        drafters = {model.drafter.repository: model.drafter.nbytes for model in self.found if model.drafter}
        return (drafters | offers).get(repository, 0)

    def drafted_by(self, repository: str) -> FoundModel | None:
        """The model whose drafter comes from this repository; None for one that is no drafter of a model here."""
        drafted = (model for model in self.found if model.drafter and model.drafter.repository == repository)
        return next(drafted, None) if repository else None


def found_title(model: FoundModel) -> str:
    """`Gemma 4 E2B · 4-bit`, or by the folder's name what is no published size."""
    name = _name(model)
    return tr("{name} · {bits}-bit", name=name, bits=model.bits) if model.bits else name


def _name(model: FoundModel) -> str:
    return f"Gemma 4 {model.size}" if model.size else model.name


def offered_title(model: OfferedModel) -> str:
    """Likewise."""
    return tr("{name} · {bits}-bit", name=model.name, bits=model.bits)
