"""Runs the body of a CUDA kernel on the CPU: a thread for every thread of a block, the blocks one after the other."""

from __future__ import annotations

import ctypes
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

_SHIM = r"""
#include <barrier>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <memory>
#include <thread>
#include <vector>
#define __device__
#define __shared__ static
struct Place { int x, y; };
static thread_local Place threadIdx, blockIdx;
static Place gridDim;
static std::unique_ptr<std::barrier<>> together;
static float exchanged[1024];
static void __syncthreads() { together->arrive_and_wait(); }
static float __shfl_xor_sync(unsigned, float value, int step) {
  exchanged[threadIdx.x] = value;
  __syncthreads();
  value = exchanged[threadIdx.x ^ step];
  __syncthreads();
  return value;
}
static float rsqrtf(float x) { return 1.0f / std::sqrt(x); }
struct bfloat {  // the upper half of a float, rounded to nearest, ties to even
  uint16_t bits;
  bfloat() = default;
  explicit bfloat(float value) {
    uint32_t whole;
    std::memcpy(&whole, &value, 4);
    bits = (whole + 0x7fff + ((whole >> 16) & 1)) >> 16;
  }
  explicit operator float() const {
    uint32_t whole = uint32_t(bits) << 16;
    float value;
    std::memcpy(&value, &whole, 4);
    return value;
  }
};
template <typename Body>
static void launch(int blocks_x, int blocks_y, int threads, Body body) {
  gridDim = {blocks_x, blocks_y};
  together = std::make_unique<std::barrier<>>(threads);
  for (int y = 0; y < blocks_y; ++y) {
    for (int x = 0; x < blocks_x; ++x) {
      std::vector<std::jthread> team;
      for (int thread = 0; thread < threads; ++thread) {
        team.emplace_back([=] {
          threadIdx = {thread, 0};
          blockIdx = {x, y};
          body();
        });
      }
    }
  }
}
"""


def run_kernel(
    folder: Path,
    header: str,
    body: str,
    constants: Mapping[str, int | str],
    inputs: Sequence[tuple[str, str, np.ndarray]],
    outputs: Sequence[tuple[str, str, np.ndarray]],
    blocks: tuple[int, int],
) -> None:
    """Compile a kernel with g++ and run it; what it puts out is written into the arrays of `outputs`.

    Args:
        folder: for the source and the library.
        header: of the kernel.
        body: of the kernel.
        constants: its template arguments, THREADS among them; a string is a type.
        inputs: name, C++ type of the elements, and the numbers.
        outputs: likewise.
        blocks: along x and y.
    """
    names = [f"{'const ' if index < len(inputs) else ''}{kind}* {name}" for index, (name, kind, _) in
             enumerate([*inputs, *outputs])]  # fmt: skip
    fixed = "\n".join(
        f"using {name} = {value};" if isinstance(value, str) else f"constexpr int {name} = {value};"
        for name, value in constants.items()
    )
    arguments = ", ".join(name for name, _, _ in [*inputs, *outputs])
    source = f"""{_SHIM}{header}
{fixed}
static void kernel({", ".join(names)}) {{{body}}}
extern "C" void run({", ".join(names)}) {{
  launch({blocks[0]}, {blocks[1]}, THREADS, [=] {{ kernel({arguments}); }});
}}
"""
    (folder / "kernel.cpp").write_text(source)
    library = folder / "kernel.so"
    command = [
        "g++",
        "-std=c++20",
        "-O1",
        "-shared",
        "-fPIC",
        "-pthread",
        str(folder / "kernel.cpp"),
        "-o",
        str(library),
    ]
    subprocess.run(command, check=True)
    pointers = [array.ctypes.data_as(ctypes.c_void_p) for _, _, array in [*inputs, *outputs]]
    ctypes.CDLL(str(library)).run(*pointers)
