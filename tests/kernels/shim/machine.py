"""Compiles kernels with clang, each once, and runs them in processes of their own."""

from __future__ import annotations

import hashlib
import os
import shutil
import struct
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import mlx.core as mx
import numpy as np

from tests.kernels.shim.source import Kernel

INCLUDE = Path(__file__).parent / "include"
KEPT = Path(__file__).parents[3] / "build" / "kernels"
MLX_HEADERS = Path(mx.__file__).parents[0] / "include"
COMPILERS = ("clang++-19", "clang++-20", "clang++-21")
"""With the 16-bit floats that Metal has."""
FLAGS = [
    "-std=c++17",
    "-ffp-contract=off",
    "-Xclang",
    "-ffloat16-excess-precision=none",
    "-Xclang",
    "-fbfloat16-excess-precision=none",
    "-Wno-everything",
    f"-I{INCLUDE}",
    f"-I{MLX_HEADERS}",
]
RUNS = ["-O2", "-ftrivial-auto-var-init=pattern"]
SECONDS = 60
NUMPY_OF = {mx.bfloat16: np.uint16, mx.float16: np.float16, mx.float32: np.float32}


class KernelFaultError(Exception):
    """A kernel did what it must not do, or is not accepted by the compiler; the message is what was said of it."""


@cache
def compiler() -> str | None:
    """The clang that is there."""
    return next((found for name in COMPILERS if (found := shutil.which(name))), None)


@dataclass(frozen=True)
class Made:
    """What a kernel makes: shape and dtype of one output."""

    shape: tuple[int, ...]
    dtype: mx.Dtype


def run_kernel(
    kernel: Kernel,
    given: Sequence[bytes],
    made: Sequence[Made],
    grid: Sequence[int],
    threadgroup: Sequence[int],
    seed: int = 0,
    made_at: int | None = None,
) -> list[mx.array]:
    """Run a kernel, whose buffers are the given ones and then those it makes, unless `made_at` says where these are.

    Raises:
        KernelFaultError: it did something wrong.
    """
    assert len(given) + len(made) == len(kernel.buffers)
    program = _compiled(kernel)
    numbers = [seed, *grid, *threadgroup, len(kernel.buffers)]
    sizes = [int(np.prod(one.shape)) * one.dtype.size for one in made]
    with tempfile.TemporaryDirectory() as folder:
        inputs, outputs = Path(folder, "in"), Path(folder, "out")
        with inputs.open("wb") as file:
            file.write(struct.pack(f"<{len(numbers)}Q", *numbers))
            buffers = [struct.pack("<2Q", 0, len(data)) + data for data in given]
            at = len(buffers) if made_at is None else made_at
            buffers[at:at] = [struct.pack("<2Q", 1, size) for size in sizes]
            file.write(b"".join(buffers))
        done = subprocess.run([program, inputs, outputs], capture_output=True, text=True, timeout=SECONDS, check=False)
        if done.returncode:
            raise KernelFaultError(done.stderr.strip() or f"ended with {done.returncode}")
        written = outputs.read_bytes()
    results, at = [], 0
    for one, size in zip(made, sizes, strict=True):
        results.append(_array(written[at : at + size], one))
        at += size
    return results


def check_types(kernel: Kernel) -> None:
    """Have the compiler check the kernel's types, with Metal's address spaces.

    Raises:
        KernelFaultError: it does not accept them.
    """
    _run_clang(kernel.to_check(), ["-fsyntax-only"], "checked", Path(os.devnull))


def data_of(array: mx.array) -> bytes:
    """The bytes of an array, row by row."""
    return np.array(array.view(mx.uint16) if array.dtype == mx.bfloat16 else array).tobytes()


def _array(data: bytes, made: Made) -> mx.array:
    numbers = mx.array(np.frombuffer(data, NUMPY_OF[made.dtype]).reshape(made.shape))
    return numbers.view(mx.bfloat16) if made.dtype == mx.bfloat16 else numbers


def _compiled(kernel: Kernel) -> Path:
    return _run_clang(kernel.to_run(), RUNS, "program", None)


def _run_clang(source: str, flags: list[str], kind: str, output: Path | None) -> Path:
    """Compile, unless the same was compiled before; the result's path, or that of a mark that it was accepted."""
    clang = compiler()
    assert clang
    known = "\0".join([clang, mx.__version__, *FLAGS, *flags, source, *_shim_sources()])
    kept = KEPT / f"{hashlib.sha256(known.encode()).hexdigest()[:24]}.{kind}"
    if kept.exists():
        return kept
    KEPT.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=KEPT) as folder:
        text, made = Path(folder, "kernel.cpp"), Path(folder, "made")
        text.write_text(source)
        command = [clang, *FLAGS, *flags, str(text), "-o", str(output or made)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise KernelFaultError(done.stderr.replace(folder, "")[:4000])
        made.touch()
        made.rename(kept)
    return kept


@cache
def _shim_sources() -> list[str]:
    return [path.read_text() for path in sorted(INCLUDE.rglob("*")) if path.is_file()]
