"""The Hub, by its own library: what a repository holds, and the bytes of a file from where one is on."""

from __future__ import annotations

import errno
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx2
from huggingface_hub import HfApi, constants, get_hf_file_metadata, hf_hub_url
from huggingface_hub.errors import (
    FileMetadataError,
    GatedRepoError,
    HfHubHTTPError,
    RepositoryNotFoundError,
    RevisionNotFoundError,
)
from huggingface_hub.file_download import http_get
from huggingface_hub.utils import build_hf_headers, disable_progress_bars

from mlx_gemma4.engine.partial_download import Manifest, RemoteFile
from mlx_gemma4.protocol.errors import PrismError

_WANTED = ("config.json", "generation_config.json", "tokenizer.json", "tokenizer_config.json", "LICENSE")
_WANTED += ("processor_config.json", "preprocessor_config.json", "chat_template.jinja", "chat_template.json")
_WANTED += ("special_tokens_map.json", "model.safetensors.index.json")
_CHUNK_BYTES = 1 << 20  # the library's own 10 MB would make progress jump on slow lines
_LIBRARY = "prism"
_UNREACHABLE = (httpx2.TransportError, FileMetadataError, ConnectionError)


class Hub:
    """One repository as one person may see it."""

    def __init__(self, repository: str, token: str = "") -> None:
        """`token` is empty for none; what other programs have stored is never used."""
        disable_progress_bars()
        constants.DOWNLOAD_CHUNK_SIZE = _CHUNK_BYTES
        self._repository = repository
        self._token = token or False
        self.address = constants.ENDPOINT.split("://")[-1]
        self.serving = ""  # the host that gives the bytes

    def look(self) -> Manifest:
        """The files of the newest commit that a model is loaded from.

        Raises:
            PrismError: there is no such repository, it may not be read, or the Hub cannot be reached.
        """
        try:
            api = HfApi(token=self._token, library_name=_LIBRARY)
            info = api.model_info(self._repository, files_metadata=True)
        except (HfHubHTTPError, *_UNREACHABLE) as error:
            raise self._explained(error) from error
        files = [_described(sibling) for sibling in info.siblings or () if _is_wanted(sibling.rfilename)]
        if info.sha is None or not any(file.name.endswith(".safetensors") for file in files):
            raise PrismError(
                f"{self._repository} holds no model in safetensors.",
                "Choose a repository of mlx-community or google.",
                code="download.foreign",
            )
        return Manifest(self._repository, info.sha, tuple(sorted(files, key=lambda file: (file.size, file.name))))

    def fetch(self, manifest: Manifest, file: RemoteFile, part: Path, arrived: Callable[[int], None]) -> None:
        """Append to `part` what it lacks; `arrived` is called with the number of bytes that came.

        Raises:
            PrismError: the file may not be read, the disk is full, or the line was cut and stays so.
        """
        try:
            url, headers = self._location(manifest, file)
            here = part.stat().st_size if part.exists() else 0
            with part.open("ab") as stream:
                http_get(
                    url,
                    stream,
                    resume_size=here,
                    headers=headers,
                    expected_size=file.size,
                    _tqdm_bar=_Counter(arrived),  # type: ignore[arg-type]  # of a bar only `update` is used
                )
        except (HfHubHTTPError, *_UNREACHABLE) as error:
            raise self._explained(error) from error
        except OSError as error:
            raise explained_disk_error(error, self._repository) from error

    def _location(self, manifest: Manifest, file: RemoteFile) -> tuple[str, dict[str, str]]:
        """Where a file's bytes are now, and what must be said there; a token goes to the Hub alone."""
        url = hf_hub_url(self._repository, file.name, revision=manifest.commit)
        headers = build_hf_headers(token=self._token, library_name=_LIBRARY)
        headers["Accept-Encoding"] = "identity"  # a compressed answer cannot be continued
        location = get_hf_file_metadata(url, token=self._token, library_name=_LIBRARY).location
        self.serving = httpx2.URL(location).netloc.decode()
        if httpx2.URL(location).host != httpx2.URL(url).host:
            headers.pop("authorization", None)
        return location, headers

    def _explained(self, error: Exception) -> PrismError:
        name, address = self._repository, self.address
        status = error.response.status_code if isinstance(error, HfHubHTTPError) else 0
        if isinstance(error, GatedRepoError) or status == 403:
            return PrismError(
                f"{name} is only given to people who have accepted its terms.",
                f"Accept them at {address}/{name}, then enter a token from {address}/settings/tokens.",
                code="download.gated",
            )
        if status == 401 and self._token:
            return PrismError(
                f"The Hub does not accept the token, or there is no {name}.",
                f"Make a new token at {address}/settings/tokens and enter it.",
                code="download.token",
            )
        if isinstance(error, RepositoryNotFoundError | RevisionNotFoundError) or status in (401, 404):
            return PrismError(
                f"There is no {name} on {address}, or it is not open to everybody.",
                f"If it is yours, enter a token from {address}/settings/tokens.",
                code="download.token",
            )
        if status:
            return PrismError(
                f"{address} answered with error {status}.", "Try again in a while.", code="download.server"
            )
        return PrismError(
            f"The connection to {address} was lost.",
            "What has arrived stays: resume when you are online.",
            code="download.connection",
        )


def explained_disk_error(error: OSError, repository: str) -> PrismError:
    """An error of the disk as a sentence."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return PrismError(
            f"The disk is full, so {repository} cannot be downloaded.",
            "What has arrived stays: make room on the disk, then resume.",
            code="download.disk",
        )
    if error.errno is None:  # the library's own: fewer or more bytes came than there are
        return PrismError(
            f"{repository} did not arrive in full.", "What has arrived stays: resume.", code="download.connection"
        )
    return PrismError(
        f"{repository} cannot be written to the disk: {error.strerror}.",
        "Look at the folder for models, then resume.",
        code="download.disk",
    )


class _Counter:
    """What the library takes for a progress bar."""

    def __init__(self, arrived: Callable[[int], None]) -> None:
        self.update = arrived


def _is_wanted(name: str) -> bool:
    return "/" not in name and (name in _WANTED or name.endswith(".safetensors"))


def _described(sibling: Any) -> RemoteFile:
    lfs = sibling.lfs
    if lfs is not None:
        return RemoteFile(sibling.rfilename, int(lfs.size), str(lfs.sha256), True)
    return RemoteFile(sibling.rfilename, int(sibling.size or 0), str(sibling.blob_id or ""), False)
