"""What a bench on this machine has chosen, in a file of the user's: kernels, the form of a step, command buffers."""

from __future__ import annotations

import json
import os
import sys
from dataclasses import asdict, dataclass, field
from functools import cache
from pathlib import Path

import mlx.core as mx

_MLX = getattr(mx, "__version__", "")
FILE = "MLX_GEMMA4_SETTINGS"
"""Environment variable with the path of the file, or `none` for no file."""


@dataclass(frozen=True)
class Settings:
    """How a model is run on a GPU.

    Attributes:
        kernels: names of those that take the place of plain MLX (`choice.Kernel`).
        form: of a decode step, `whole` or `segments`; empty for what suits the backend.
        buffers: MLX's variables for the length of command buffers.
    """

    kernels: tuple[str, ...] = ()
    form: str = ""
    buffers: dict[str, str] = field(default_factory=dict)


def settings_file() -> Path | None:
    """Where the choice is kept."""
    if named := os.environ.get(FILE):
        return None if named == "none" else Path(named).expanduser()
    if sys.platform == "darwin":
        return Path("~/Library/Application Support/Prism/kernels.json").expanduser()
    return Path(os.environ.get("XDG_CONFIG_HOME") or "~/.config", "prism", "kernels.json").expanduser()


def device_name() -> str:
    """The chip, as MLX names it."""
    info = mx.device_info()
    return str(info.get("device_name", info.get("architecture", "")))


def save(settings: Settings, file: Path) -> None:
    """Keep a choice for this chip and this version of MLX, in place of an earlier one."""
    file.parent.mkdir(parents=True, exist_ok=True)
    kept = {"device": device_name(), "mlx": _MLX, **asdict(settings)}
    unfinished = file.with_name(file.name + ".new")
    unfinished.write_text(json.dumps(kept, indent=1) + "\n")
    unfinished.replace(file)


@cache
def saved() -> Settings | None:
    """The choice that was kept for this chip and this version of MLX; None without one, or where it cannot be read."""
    file = settings_file()
    try:
        kept = json.loads(file.read_text()) if file else {}
        if (kept.get("device"), kept.get("mlx")) != (device_name(), _MLX):
            return None
        kernels, form, buffers = kept["kernels"], kept["form"], kept["buffers"]
        texts = [*kernels, form, *buffers, *buffers.values()]
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
    return Settings(tuple(kernels), form, buffers) if all(isinstance(text, str) for text in texts) else None
