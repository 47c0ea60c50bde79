"""Puts OpenBLAS under MLX on Linux, in every program of the environment this module is installed in.

`install.py` copies it into site-packages beside a .pth file that imports it when Python starts. All that happens
then is one entry in `sys.meta_path`; the libraries are opened when `mlx.core` is first imported, and only then.
"""

import ctypes
import importlib.util
import os
import sys
from pathlib import Path
from typing import Any

SHIM = Path(__file__).with_name("libmlx_fast_blas.so")
MAX_THREADS = 8


class _BeforeMlx:
    """A finder that finds nothing: it opens the libraries when it is asked for `mlx.core`."""

    @staticmethod
    def find_spec(name: str, path: object = None, target: object = None) -> Any:
        if name == "mlx.core":
            sys.meta_path[:] = [finder for finder in sys.meta_path if finder is not _BeforeMlx]
            open_libraries()
        return None


def open_libraries() -> None:
    """Makes `cblas_sgemm` a global symbol of this process, answered by the OpenBLAS of the `scipy_openblas32` wheel."""
    wheel = importlib.util.find_spec("scipy_openblas32")
    if wheel is None or not wheel.submodule_search_locations or not SHIM.exists():
        return
    openblas = Path(wheel.submodule_search_locations[0], "lib", "libscipy_openblas.so")
    if not openblas.exists():
        return
    threads = int(os.environ.get("OPENBLAS_NUM_THREADS") or min(len(os.sched_getaffinity(0)), MAX_THREADS))
    shim = ctypes.CDLL(str(SHIM), mode=ctypes.RTLD_GLOBAL)
    if shim.fast_blas_open(str(openblas).encode(), threads):
        raise ImportError(f"{openblas} lacks a symbol that {SHIM.name} forwards to; run `make setup` again")


sys.meta_path.insert(0, _BeforeMlx)
