"""Asks, when somebody wants to know, whether there is a newer Prism: one address, one question, over HTTPS."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QObject, QUrl, Signal
from PySide6.QtNetwork import QNetworkAccessManager, QNetworkReply, QNetworkRequest

from app.platform.bundled import bundled
from app.words import tr
from mlx_gemma4.protocol.version import VERSION

_MOST_BYTES = 64 << 10
_PATIENCE_MILLISECONDS = 10_000
_NUMBERS = re.compile(r"\d+(\.\d+){0,3}")


@dataclass(frozen=True)
class Release:
    """What the address said.

    Attributes:
        text: a sentence for the person.
        page: where a newer version can be had; empty if there is none.
    """

    text: str
    page: str = ""


def update_address() -> str:
    """Where this build asks; empty if whoever built it named no place."""
    return str(json.loads(bundled("updates.json").read_text(encoding="utf-8")).get("address") or "")


class UpdateCheck(QObject):
    """Asks each time that `start` is called, and never by itself.

    Attributes:
        finished: takes the Release.
    """

    finished = Signal(object)

    def __init__(self, address: str, network: QNetworkAccessManager | None = None) -> None:
        super().__init__()
        self._address = address
        self._network = network
        self._reply: QNetworkReply | None = None

    def start(self) -> None:
        """Ask, unless an answer is still awaited; does not wait."""
        if self._reply is not None:
            return
        if not self._address:
            self.finished.emit(
                Release(
                    tr("This is Prism {version}. This build knows no place to ask for a newer one.", version=VERSION)
                )
            )
            return
        url = QUrl(self._address)
        if url.scheme() != "https" or not url.host():
            self.finished.emit(Release(tr("The address for updates is not of HTTPS, so Prism did not ask.")))
            return
        if self._network is None:
            self._network = QNetworkAccessManager(self)
        request = QNetworkRequest(url)
        request.setTransferTimeout(_PATIENCE_MILLISECONDS)
        request.setAttribute(
            QNetworkRequest.Attribute.RedirectPolicyAttribute,
            QNetworkRequest.RedirectPolicy.NoLessSafeRedirectPolicy,
        )
        request.setHeader(QNetworkRequest.KnownHeaders.UserAgentHeader, "Prism")
        request.setRawHeader(b"Accept-Language", b"en")  # Qt would say which languages the person reads
        self._reply = self._network.get(request)
        self._reply.readyRead.connect(self._on_ready_read)
        self._reply.finished.connect(self._on_finished)

    def _on_ready_read(self) -> None:
        if self._reply is not None and self._reply.bytesAvailable() > _MOST_BYTES:
            self._reply.abort()

    def _on_finished(self) -> None:
        reply, self._reply = self._reply, None
        assert reply is not None
        reply.deleteLater()
        if reply.error() != QNetworkReply.NetworkError.NoError:
            self.finished.emit(Release(tr("Prism could not ask for updates: {why}.", why=reply.errorString())))
        else:
            self.finished.emit(read_release(bytes(reply.read(_MOST_BYTES).data())))


def read_release(answer: bytes) -> Release:
    """What the answer means; what is no answer is said, too."""
    try:
        told: Any = json.loads(answer)
        newest, page = str(told["version"]), str(told.get("page", ""))
    except (ValueError, KeyError, TypeError, AttributeError):
        newest, page = "", ""
    if not _NUMBERS.fullmatch(newest):
        return Release(tr("The answer about updates could not be read."))
    if _as_numbers(newest) <= _as_numbers(VERSION):
        return Release(tr("Prism {version} is the newest version.", version=VERSION))
    safe = QUrl(page).scheme() == "https"
    return Release(
        tr("Prism {newest} is there; this is {version}.", newest=newest, version=VERSION), page if safe else ""
    )


def _as_numbers(version: str) -> tuple[int, ...]:
    numbers = [int(part) for part in version.split(".")]
    while numbers and numbers[-1] == 0:
        numbers.pop()
    return tuple(numbers)
