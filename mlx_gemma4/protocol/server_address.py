"""Where another program answers: what people type as its address, and whether words may go there unencrypted."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from mlx_gemma4.protocol.errors import RequestError

EXAMPLE = "http://localhost:1234"
_NEAR_ENDINGS = (".localhost", ".local", ".lan", ".home.arpa", ".internal")
"""Names that only a network at home or at work knows."""
_DEFAULT_PATH = "/v1"
_ENDPOINTS = re.compile(r"/(chat/completions|completions|models)$")
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://")


@dataclass(frozen=True)
class ServerAddress:
    """The address of an OpenAI-compatible server.

    Attributes:
        url: what its endpoints follow, like `http://localhost:1234/v1`.
        host: who that is, for people: `localhost:1234`.
        name: the host without the port.
        encrypted: nobody on the way can read along.
    """

    url: str
    host: str
    name: str
    encrypted: bool

    @property
    def is_near(self) -> bool:
        """Whether it is this machine or in its own network, as far as the name tells."""
        return is_near(self.name)

    @property
    def is_safe(self) -> bool:
        """Whether words can go there without a warning."""
        return self.encrypted or self.is_near


def read_address(text: str) -> ServerAddress:
    """What was typed or pasted: with or without `http://`, `/v1` or a whole endpoint behind it.

    Without a scheme it is `http` for what is near and `https` for all else.

    Raises:
        RequestError: it is no address of a server.
    """
    text = text.strip()
    scheme = _SCHEME.match(text)
    try:
        parts = urlsplit(text if scheme else f"//{text}")
        name, port = (parts.hostname or "").rstrip("."), parts.port
        name.encode("idna") if not _is_ip(name) else None
    except (ValueError, UnicodeError):
        raise _no_address(text) from None
    if (
        not name
        or re.search(r"[\s\x00-\x20/\\%<>\"|^`{}]", name)
        or (scheme and scheme[1].lower() not in ("http", "https"))
    ):
        raise _no_address(text)
    if parts.username is not None or parts.query or parts.fragment:
        raise RequestError(
            "The address holds more than an address.", "Leave out keys and questions; the key has a field of its own."
        )
    encrypted = scheme[1].lower() == "https" if scheme else not is_near(name)
    host = f"[{name}]" if ":" in name else name
    if port is not None and port != (443 if encrypted else 80):
        host = f"{host}:{port}"
    path = _ENDPOINTS.sub("", parts.path.rstrip("/")) or _DEFAULT_PATH
    return ServerAddress(f"{'https' if encrypted else 'http'}://{host}{path}", host, name, encrypted)


def is_near(name: str) -> bool:
    """Whether a host of this name or number is this machine, or in its own network."""
    if _is_ip(name):
        number = ipaddress.ip_address(name.partition("%")[0])
        return number.is_loopback or number.is_link_local or (number.is_private and not number.is_unspecified)
    name = name.lower()
    return bool(name) and ("." not in name or name.endswith(_NEAR_ENDINGS))


def remote_path(address: ServerAddress, model: str) -> str:
    """What a server's model is called where models on the disk have the path of their folder."""
    return f"{address.url}#{model}"


def split_remote_path(path: str) -> tuple[str, str] | None:
    """The server's address and the model's name; None for the path of a folder."""
    if not path.startswith(("http://", "https://")):
        return None
    url, mark, model = path.partition("#")
    return (url, model) if mark and model else None


def _is_ip(name: str) -> bool:
    try:
        ipaddress.ip_address(name.partition("%")[0])
    except ValueError:
        return False
    return True


def _no_address(text: str) -> RequestError:
    return RequestError(f"“{text[:80]}” is not the address of a server.", f"Give one like {EXAMPLE}.")
