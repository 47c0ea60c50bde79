"""Writes into a build where Check for Updates asks; the repository names no address."""

from __future__ import annotations

import json
import os
from pathlib import Path

VARIABLE = "PRISM_UPDATE_ADDRESS"
ADDRESS_FILE = "updates.json"


def write_address(resources: Path) -> None:
    """Put the address that the environment names into the build's resources.

    Raises:
        ValueError: it is not one of HTTPS.
    """
    address = os.environ.get(VARIABLE)
    if not address:
        return
    if not address.startswith("https://"):
        raise ValueError(f"{VARIABLE} is {address}; it must begin with https://.")
    (resources / ADDRESS_FILE).write_text(json.dumps({"address": address}) + "\n")
