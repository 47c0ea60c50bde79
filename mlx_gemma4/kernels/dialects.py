"""Kernels that are the same on both GPUs are written once, in CUDA's words; for Metal the words are replaced.

A block of threads is a threadgroup, a warp a simdgroup. MLX looks into a body for the names of Metal's attributes, so
they have to stand there and not in a macro. An input without axes, `first[0]`, is a number in Metal.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import mlx.core as mx

from mlx_gemma4.kernels.backend import backend
from mlx_gemma4.kernels.block_sum import METAL_BLOCK_SUM, SUMS
from mlx_gemma4.kernels.metal_kernel import metal_kernel

_METAL_WORDS = {
    "__shared__": "threadgroup",
    "__device__ ": "",
    "__syncthreads()": "threadgroup_barrier(mem_flags::mem_threadgroup)",
    "static constexpr": "constant constexpr",
    "threadIdx.x % 32": "thread_index_in_simdgroup",
    "threadIdx.x / 32": "simdgroup_index_in_threadgroup",
    "threadIdx.x": "thread_position_in_threadgroup.x",
    "blockIdx.": "threadgroup_position_in_grid.",
    "gridDim.": "threadgroups_per_grid.",
    "warp_sum(": "simd_sum(",
    "rsqrtf(": "metal::precise::rsqrt(",
    "__expf(": "fast::exp(",
    "expf(": "metal::precise::exp(",
    "const float* ": "const device float* ",
    "const uint32_t* ": "const device uint32_t* ",
    "const T* ": "const device T* ",
    " float* into": " thread float* into",
    "first[0]": "first",
    ", parts)": ", parts, simdgroup_index_in_threadgroup, thread_index_in_simdgroup)",
}


def kernel(name: str, inputs: tuple[str, ...], outputs: tuple[str, ...], body: str, header: str = "") -> Any:
    """The kernel for the backend, to be called as MLX's own kernels are.

    Args:
        name: tells kernels with different bodies apart; what C does not allow in a name is replaced.
        inputs: names of the arrays it is given.
        outputs: names of those it makes.
        body: CUDA source of what a thread does; it may call `block_sum`, with `parts` for its memory, and `warp_sum`.
        header: CUDA source of further functions that it calls.
    """
    name = name.translate({ord(c): "_" for c in ".-+"})
    if backend() == "cuda":
        return _cuda_kernel(name, inputs, outputs, body, header)
    sums = METAL_BLOCK_SUM if "block_sum" in body else ""
    return metal_kernel(name, inputs, outputs, for_metal(body), sums + for_metal(header))


def for_metal(body: str) -> str:
    """A body in Metal's words."""
    for word, instead in _METAL_WORDS.items():
        body = body.replace(word, instead)
    return body


@cache
def _cuda_kernel(name: str, inputs: tuple[str, ...], outputs: tuple[str, ...], body: str, header: str) -> Any:
    return mx.fast.cuda_kernel(
        name=name, input_names=list(inputs), output_names=list(outputs), source=body, header=SUMS + header
    )
