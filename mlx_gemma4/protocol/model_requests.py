"""What can be asked of the engine about models that are not loaded: finding, fetching, removing them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from mlx_gemma4.protocol.errors import RequestError

_REPOSITORY = re.compile(r"[A-Za-z0-9][\w.-]{0,95}/[A-Za-z0-9][\w.-]{0,95}")


@dataclass(frozen=True)
class ListModels:
    """Look for models on the disk: answered by ModelsFound.

    Attributes:
        folder: the app's own, which downloads go into. The Hugging Face cache and LM Studio's folders are looked
            through as well.
        held_bytes: what the loaded model takes; the engine fills it in.
    """

    id: str
    folder: str
    held_bytes: int = 0


@dataclass(frozen=True)
class FitModel:
    """Say whether the model in a folder fits into the memory that is free now: answered by FitEstimated."""

    id: str
    path: str
    held_bytes: int = 0


@dataclass(frozen=True)
class RemoveModel:
    """Set aside a model, or what there is of one, of the app's own folder: answered by ModelsFound.

    RestoreModel brings it back until the next RemoveModel, or until another engine lists the folder.
    """

    id: str
    folder: str
    path: str
    held_bytes: int = 0


@dataclass(frozen=True)
class RestoreModel:
    """Take back a RemoveModel of the same path: answered by ModelsFound."""

    id: str
    folder: str
    path: str
    held_bytes: int = 0


@dataclass(frozen=True)
class Download:
    """Fetch a model from a Hub: answered by DownloadProgress again and again, then DownloadFinished.

    A Stop pauses it. The same request goes on where it was, in another engine too.

    Attributes:
        repository: owner and name.
        folder: the app's own, in which the model gets one by the repository's name.
        token: to the Hub, for repositories that ask for one; empty for none.
    """

    id: str
    repository: str
    folder: str
    token: str = field(default="", repr=False)

    def __post_init__(self) -> None:
        """Refuse what cannot be a repository."""
        if not _REPOSITORY.fullmatch(self.repository) or ".." in self.repository:
            raise RequestError(
                f"{self.repository!r} is not the name of a repository.",
                "Give owner and name, like mlx-community/gemma-4-e2b-it-4bit.",
            )
