"""Fetches a model from a Hub: goes on where it was, checks every file, and never leaves half a model looking whole."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from mlx_gemma4.engine.hub import Hub, explained_disk_error
from mlx_gemma4.engine.model_store import free_on_disk
from mlx_gemma4.engine.partial_download import Manifest, PartialDownload, RemoteFile, digest_of
from mlx_gemma4.protocol.byte_units import DISK_GB
from mlx_gemma4.protocol.errors import PrismError
from mlx_gemma4.protocol.model_events import DownloadFinished, DownloadProgress
from mlx_gemma4.protocol.model_requests import Download

SPARE_BYTES = 500_000_000
"""Of the disk, that a download leaves to everybody else."""
_TRIES = 4  # without a byte between them
_PAUSE_SECONDS = 1.0
_TOLD_EVERY = 0.25
_RATE_SECONDS = 4.0


def download(request: Download, tell: Callable[[DownloadProgress], None]) -> DownloadFinished:
    """Fetch all files, telling how far it is four times a second.

    Raises:
        PrismError: it cannot be completed now; what has arrived stays, unless it was damaged.
    """
    models = Path(request.folder)
    partial = PartialDownload.of(models, request.repository)
    if partial.target.exists():
        raise PrismError(
            f"{partial.target} is there already.", "Delete it to download it again.", code="download.exists"
        )
    hub = Hub(request.repository, request.token)
    manifest = partial.read() or hub.look()
    try:
        partial.write(manifest)
        _require_room(partial, manifest)
        progress = _Progress(
            partial.here(manifest), manifest.nbytes, lambda event: tell(replace(event, host=hub.serving))
        )
        for file in manifest.files:
            if not partial.done(file).is_file():
                _complete(hub, partial, manifest, file, progress)
        return DownloadFinished(request.repository, str(partial.finish()))
    except OSError as error:
        raise explained_disk_error(error, request.repository) from error


def _complete(hub: Hub, partial: PartialDownload, manifest: Manifest, file: RemoteFile, progress: _Progress) -> None:
    """Fetch one file and check it; one that is damaged is fetched a second time, from its beginning."""
    for last in (False, True):
        _fetch(hub, partial, manifest, file, progress)
        progress.begin(file.name, checking=True)
        part = partial.part(file)
        if part.stat().st_size == file.size and digest_of(part, file) == file.digest:
            part.rename(partial.done(file))
            return
        progress.lose(partial.here_of(file))
        part.unlink()
        if last:
            raise PrismError(
                f"{file.name} arrived damaged, twice.",
                "Resume to fetch it once more; if that does not help, choose another model.",
                code="download.damaged",
            )


def _fetch(hub: Hub, partial: PartialDownload, manifest: Manifest, file: RemoteFile, progress: _Progress) -> None:
    """Fetch the rest of one file, again while a cut line still brings something."""
    progress.begin(file.name)
    tries, part = 0, partial.part(file)
    if part.exists() and part.stat().st_size > file.size:
        part.unlink()
    part.touch()
    while part.stat().st_size < file.size:
        here = part.stat().st_size
        try:
            hub.fetch(manifest, file, part, progress.arrived)
        except PrismError as error:
            tries = 1 if part.stat().st_size > here else tries + 1
            if error.code != "download.connection" or tries >= _TRIES:
                raise
            progress.correct(partial.here(manifest))
            time.sleep(_PAUSE_SECONDS)


def _require_room(partial: PartialDownload, manifest: Manifest) -> None:
    needed, free = manifest.nbytes - partial.here(manifest), free_on_disk(partial.folder)
    if needed + SPARE_BYTES > free:
        raise PrismError(
            f"{manifest.repository} needs {_gigabytes(needed)} GB more; {_gigabytes(free)} GB are free on the disk.",
            f"Make room: {_gigabytes(SPARE_BYTES)} GB should stay free beside it.",
            code="download.disk",
        )


class _Progress:
    """Counts bytes and tells of them, not too often; the rate is that of the last seconds."""

    def __init__(self, done: int, total: int, tell: Callable[[DownloadProgress], None]) -> None:
        self._done, self._total, self._tell = done, total, tell
        self._file, self._checking = "", False
        self._told = float("-inf")
        self._moments: deque[tuple[float, int]] = deque([(time.monotonic(), done)])

    def begin(self, file: str, *, checking: bool = False) -> None:
        """What is done now."""
        self._file, self._checking = file, checking
        self._say(time.monotonic())

    def arrived(self, count: int | None) -> None:
        """More bytes of the file are here; the library also takes some back."""
        self._done += count or 0
        now = time.monotonic()
        if now - self._told >= _TOLD_EVERY:
            self._say(now)

    def lose(self, count: int) -> None:
        """So many bytes were of no use."""
        self._done -= count

    def correct(self, done: int) -> None:
        """What is on the disk counts; some of what had arrived may not be."""
        self._done = done

    def _say(self, now: float) -> None:
        self._told = now
        self._moments.append((now, self._done))
        while len(self._moments) > 2 and now - self._moments[0][0] > _RATE_SECONDS:
            self._moments.popleft()
        since, before = self._moments[0]
        rate = max(self._done - before, 0) / (now - since) if now - since >= _TOLD_EVERY else 0.0
        self._tell(DownloadProgress(self._done, self._total, rate, self._file, self._checking))


def _gigabytes(size: int) -> str:
    return f"{size / DISK_GB:.1f}"
