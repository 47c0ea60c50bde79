"""Finds the data that comes with the app."""

from __future__ import annotations

from pathlib import Path

_APP = Path(__file__).parents[1]
_PLACES = (_APP.parent / "resources", _APP.parent / "mlx_gemma4" / "resources")
"""In a checkout, and where the wheel puts it."""


def bundled(name: str) -> Path:
    """A file or folder of `resources/`, wherever the app is installed.

    Raises:
        FileNotFoundError: it is not there; the installation is incomplete.
    """
    for place in _PLACES:
        if (place / name).exists():
            return place / name
    raise FileNotFoundError(f"resources/{name} is not there; install Prism again.")
