"""Which servers the person has connected to, kept from one start to the next; their keys are in the Keychain."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from pathlib import Path

from mlx_gemma4.protocol.errors import PrismError
from mlx_gemma4.protocol.server_address import ServerAddress, read_address

FILE = "servers.json"


def read_servers(home: Path) -> list[tuple[ServerAddress, bool]]:
    """Address, and whether it may be unencrypted; a file that cannot be read counts as none."""
    try:
        entries = json.loads((home / FILE).read_text(encoding="utf-8"))["servers"]
    except (OSError, ValueError, KeyError, TypeError):
        return []
    found: dict[str, tuple[ServerAddress, bool]] = {}
    for entry in entries if isinstance(entries, list) else ():
        if isinstance(entry, dict) and isinstance(entry.get("url"), str):
            try:
                address = read_address(entry["url"])
            except PrismError:
                continue
            found[address.url] = (address, entry.get("anyway") is True)
    return list(found.values())


def write_servers(home: Path, servers: Iterable[tuple[ServerAddress, bool]]) -> None:
    """Remember them; where nothing can be written, they are forgotten when Prism ends."""
    entries = [{"url": address.url, "anyway": anyway} for address, anyway in servers]
    try:
        home.mkdir(parents=True, exist_ok=True)
        beside = home / f"{FILE}.new"
        beside.write_text(json.dumps({"servers": entries}, indent=2) + "\n", encoding="utf-8")
        os.replace(beside, home / FILE)
    except OSError:
        return
