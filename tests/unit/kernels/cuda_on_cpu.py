"""Runs CUDA kernels on the CPU: a thread for every thread of a block, the blocks one after the other."""

from __future__ import annotations

import ctypes
import math
import subprocess
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import mlx.core as mx
import numpy as np

_SHIM = r"""
#include <algorithm>
#include <barrier>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <memory>
#include <thread>
#include <vector>
#define __device__
#define __shared__ static
using std::max, std::min;
struct Place { int x, y, z; };
static thread_local Place threadIdx, blockIdx;
static Place gridDim;
static std::unique_ptr<std::barrier<>> together, warps[32];
static float exchanged[1024];
static void __syncthreads() { together->arrive_and_wait(); }
static float __shfl_xor_sync(unsigned, float value, int step) {
  auto& warp = *warps[threadIdx.x / 32];  // warps may be in different turns of a loop
  exchanged[threadIdx.x] = value;
  warp.arrive_and_wait();
  value = exchanged[threadIdx.x ^ step];
  warp.arrive_and_wait();
  return value;
}
static float rsqrtf(float x) { return 1.0f / std::sqrt(x); }
#define __expf(x) std::exp(static_cast<float>(x))  // the C library has a function of that name
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
static void launch(Place blocks, int threads, Body body) {
  gridDim = blocks;
  together = std::make_unique<std::barrier<>>(threads);
  for (int warp = 0; warp * 32 < threads; ++warp) {
    warps[warp] = std::make_unique<std::barrier<>>(min(32, threads - warp * 32));
  }
  for (int block = 0; block < blocks.x * blocks.y * blocks.z; ++block) {
    std::vector<std::jthread> team;
    for (int thread = 0; thread < threads; ++thread) {
      team.emplace_back([=] {
        threadIdx = {thread, 0, 0};
        blockIdx = {block % blocks.x, block / blocks.x % blocks.y, block / blocks.x / blocks.y};
        body();
      });
    }
  }
}
"""


KINDS = {mx.float32: "float", mx.bfloat16: "bfloat", mx.uint32: "uint32_t", mx.int32: "int"}


def cuda_kernel(folder: Path) -> Callable[..., Callable[..., list[mx.array]]]:
    """What stands in for `mx.fast.cuda_kernel`; the sources and libraries are put into a folder."""

    def make(*, name: str, input_names: list[str], output_names: list[str], source: str, header: str) -> Any:
        def run(
            *,
            inputs: Sequence[mx.array],
            template: Sequence[tuple[str, Any]],
            grid: tuple[int, int, int],
            threadgroup: tuple[int, int, int],
            output_shapes: Sequence[tuple[int, ...]],
            output_dtypes: Sequence[mx.Dtype],
        ) -> list[mx.array]:
            made = [np.zeros(math.prod(shape) * dtype.size, np.uint8)
                    for shape, dtype in zip(output_shapes, output_dtypes, strict=True)]  # fmt: skip
            given = [np.array(array.reshape(-1).view(mx.uint8)) for array in inputs]
            kinds = [KINDS[dtype] for dtype in (*(array.dtype for array in inputs), *output_dtypes)]
            names = [*input_names, *output_names]
            parameters = ", ".join(
                f"{'const ' if index < len(inputs) else ''}{kind}* {named}"
                for index, (kind, named) in enumerate(zip(kinds, names, strict=True))
            )
            shapes = {f"{named}_shape": array.shape for named, array in zip(input_names, inputs, strict=True)}
            blocks = [-(-wanted // threads) for wanted, threads in zip(grid, threadgroup, strict=True)]
            library = _compiled(folder / name, f"""{_SHIM}{header}
{_constants(template, shapes)}
static void kernel({parameters}) {{{source}}}
extern "C" void run({parameters}) {{
  launch({{{", ".join(map(str, blocks))}}}, {threadgroup[0]}, [=] {{ kernel({", ".join(names)}); }});
}}
""")  # fmt: skip
            library.run(*(array.ctypes.data_as(ctypes.c_void_p) for array in (*given, *made)))
            return [mx.array(numbers).view(dtype).reshape(shape)
                    for numbers, dtype, shape in zip(made, output_dtypes, output_shapes, strict=True)]  # fmt: skip

        return run

    return make


def _constants(template: Sequence[tuple[str, Any]], shapes: Mapping[str, Sequence[int]]) -> str:
    """A kernel's template arguments, and the shapes of what it is given."""
    lines = [
        f"using {name} = {KINDS[value]};" if isinstance(value, mx.Dtype) else f"constexpr int {name} = {value:d};"
        for name, value in template
    ]
    lines += [f"constexpr int {name}[] = {{{', '.join(map(str, shape))}}};" for name, shape in shapes.items() if shape]
    return "\n".join(lines)


def _compiled(path: Path, source: str) -> ctypes.CDLL:
    """A library made by g++; every one has a file of its own, as a loaded one must not be written over."""
    path = path.with_name(f"{path.name}-{sum(1 for _ in path.parent.iterdir())}")
    source_file, library = path.with_suffix(".cpp"), path.with_suffix(".so")
    source_file.write_text(source)
    options = ["-std=c++20", "-O1", "-shared", "-fPIC", "-pthread"]
    subprocess.run(["g++", *options, str(source_file), "-o", str(library)], check=True)
    return ctypes.CDLL(str(library))
