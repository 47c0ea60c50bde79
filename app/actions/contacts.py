"""Notes whom Prism contacts: what is sent to the engine says it, and so do the events that come back."""

from __future__ import annotations

import os
import time
from urllib.parse import urlsplit

from app.actions.help import HelpActions
from app.engine_link.bridge import EngineBridge
from app.state.contacts import Contacts, Purpose
from mlx_gemma4.protocol.errors import RequestError
from mlx_gemma4.protocol.events import DownloadProgress, Event, ModelReady
from mlx_gemma4.protocol.requests import Ask, Download, ListServer, LoadRemote, Request
from mlx_gemma4.protocol.server_address import read_address

HUB = "huggingface.co"


class ContactLog:
    """Listens, and asks nobody."""

    def __init__(self, contacts: Contacts, bridge: EngineBridge, help_actions: HelpActions) -> None:
        self._contacts = contacts
        self._server = ""  # that answers, if it is not this machine
        self._served: set[tuple[str, str]] = set()  # requests, and who gave them their bytes
        bridge.request_sent.connect(self._on_sent)
        bridge.event_received.connect(self._on_event)
        help_actions.asked.connect(lambda host: self._note(host, Purpose.UPDATES))

    def _on_sent(self, request: Request) -> None:
        match request:
            case Download():
                self._note(hub_host(), Purpose.DOWNLOAD)
            case LoadRemote() | ListServer():
                self._note(_host(request.address), Purpose.SERVER_MODELS)
            case Ask():
                self._note(self._server, Purpose.SERVER_ANSWERS)
            case _:
                pass

    def _on_event(self, event: Event) -> None:
        match event:
            case ModelReady():
                self._server = event.host
            case DownloadProgress() if event.host not in ("", hub_host()):
                if (event.request_id, event.host) not in self._served:
                    self._served.add((event.request_id, event.host))
                    self._note(event.host, Purpose.DOWNLOAD)
            case _:
                pass

    def _note(self, address: str, purpose: Purpose) -> None:
        self._contacts.note(address, purpose, time.time())


def hub_host() -> str:
    """Whom models are fetched from; HF_ENDPOINT can name another."""
    return urlsplit(os.environ.get("HF_ENDPOINT", "")).netloc or HUB


def _host(address: str) -> str:
    try:
        return read_address(address).host
    except RequestError:
        return ""  # nobody was contacted
