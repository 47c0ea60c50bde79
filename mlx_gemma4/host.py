"""What this machine lacks that makes MLX slow on it, in sentences for a person (standard library only)."""

import importlib.util
import shutil
import sys
import tempfile
from pathlib import Path


def slow_reasons() -> tuple[str, ...]:
    """Says why MLX runs slower here than it could; empty on a Mac and on a Linux machine set up by `make setup`.

    Nothing here is an error: without a fast BLAS MLX uses the reference BLAS of its wheel, and without g++ it runs the
    operations of a compiled step one by one.
    """
    if sys.platform != "linux":
        return ()
    reasons: list[str] = []
    if importlib.util.find_spec("mlx_fast_blas") is None:
        reasons.append("MLX runs on the slow BLAS of its wheel; install gcc and run `make -B setup`.")
    if shutil.which("g++") is None:
        reasons.append("MLX cannot join operations into one loop without a C++ compiler; install g++.")
    return tuple(reasons)


def first_answer_note() -> str | None:
    """Says that the first answer on this machine will take longer, where MLX has not compiled anything yet.

    On Linux it makes its fused loops with g++, a few dozen of them, and keeps them in the temporary folder.
    """
    kept = Path(tempfile.gettempdir()) / "mlx"
    if sys.platform != "linux" or shutil.which("g++") is None or kept.exists():
        return None
    return "MLX compiles its loops for this machine first: the first answer takes some ten seconds more."
