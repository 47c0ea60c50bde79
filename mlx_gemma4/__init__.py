"""Gemma 4 in MLX: `from mlx_gemma4 import load`.

Importing this package loads neither mlx nor numpy; the first use of `load` does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlx_gemma4.protocol.version import VERSION

if TYPE_CHECKING:
    from mlx_gemma4.gemma import Gemma, load

__all__ = ["Gemma", "load"]
__version__ = VERSION


def __getattr__(name: str) -> object:
    """Import the model code only when somebody asks for it."""
    if name in __all__:
        from mlx_gemma4 import gemma

        return getattr(gemma, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
