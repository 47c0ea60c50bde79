"""Attention in three ways: exactly, by MLX's own Metal kernel, and by ours.

Shapes: N query heads, L rows, K kv heads, C slots, S keys in order, H head dim.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import mlx.core as mx
import numpy as np

from mlx_gemma4.kernels.packed_rows import Packed, Packing, pack, unpack
from mlx_gemma4.kernels.row_attention import row_attention
from tests.kernels.shim.machine import Made, data_of, run_kernel
from tests.kernels.shim.source import Kernel

HEADER = Path(mx.__file__).parent / "include/mlx/backend/metal/kernels/sdpa_vector.h"
NAME_OF = {mx.float32: "float", mx.float16: "float16_t", mx.bfloat16: "bfloat16_t"}


@dataclass(frozen=True)
class Case:
    """A shape of attention: `group` query heads per kv head, a query that sees `window` keys (0: all).

    Where they are `behind`, the new rows are behind a ring of `window` slots.
    """

    head_dim: int
    kv_heads: int = 1
    group: int = 8
    rows: int = 1
    window: int = 0
    slots: int = 1024
    blocks: int | None = None
    behind: bool = False

    def draw(self, dtype: mx.Dtype, seed: int = 0) -> list[mx.array]:
        """Queries, keys and values; scores spread over ±8, so that few keys matter much."""
        mx.random.seed(seed)
        heads = self.kv_heads * self.group
        q_NLH = 2 * mx.random.normal((heads, self.rows, self.head_dim)) / self.head_dim**0.5
        cached = [mx.random.normal((self.kv_heads, self.slots, self.head_dim)) for _ in range(2)]
        return [array.astype(dtype) for array in (q_NLH, *cached)]

    def seen(self, first: int, row: int) -> np.ndarray:
        """The slots that a row sees, in the order of their positions."""
        position = first + row
        start = max(0, position - self.window + 1) if self.window else 0
        positions = np.arange(start, position + 1)
        if self.behind:
            return np.where(positions < first, positions % self.window, self.window + positions - first)
        return positions % self.slots if self.window else positions

    def exact(self, arrays: Sequence[mx.array], first: int) -> np.ndarray:
        """In float64: [L, N·H]."""
        q_NLH, k_KCH, v_KCH = (np.array(array.astype(mx.float32)).astype(np.float64) for array in arrays)
        out = np.empty((self.rows, len(q_NLH), self.head_dim))
        for row in range(self.rows):
            slots = self.seen(first, row)
            for head in range(len(q_NLH)):
                scores = k_KCH[head // self.group][slots] @ q_NLH[head, row]
                weights = np.exp(scores - scores.max())
                out[row, head] = weights @ v_KCH[head // self.group][slots] / weights.sum()
        return out.reshape(self.rows, -1)

    def ours(self, arrays: Sequence[mx.array], first: int) -> mx.array:
        """By our kernel."""
        q_NLH, k_KCH, v_KCH = arrays
        return row_attention(
            q_NLH, k_KCH, v_KCH, mx.array(first), window=self.window, behind=self.behind, blocks=self.blocks
        )

    def packed(self, arrays: Sequence[mx.array], first: int, packing: Packing) -> tuple[mx.array, list[mx.array]]:
        """By our kernel over packed keys and values; and the arrays that it amounts to, in float32."""
        q_NLH, *cached = arrays
        parts = [pack(array, packing) for array in cached]
        made = row_attention(q_NLH, *parts, mx.array(first), window=self.window, blocks=self.blocks)
        floats = [Packed(part.codes, part.scales.astype(mx.float32), part.biases.astype(mx.float32)) for part in parts]
        amounts = [unpack(part, self.head_dim) for part in floats]
        return made, [q_NLH.astype(mx.float32), *amounts]

    def mlx(self, arrays: Sequence[mx.array], first: int) -> mx.array:
        """By MLX's own kernel, a row at a time, over keys that were put in order for it: [L, N·H]."""
        rows = [self._row_by_mlx(arrays, self.seen(first, row), row) for row in range(self.rows)]
        return mx.concatenate(rows)

    def _row_by_mlx(self, arrays: Sequence[mx.array], slots: np.ndarray, row: int) -> mx.array:
        q_NLH, k_KCH, v_KCH = arrays
        given = [q_NLH[:, row : row + 1], *(mx.take(array, mx.array(slots), axis=1) for array in (k_KCH, v_KCH))]
        heads, dtype = len(q_NLH), q_NLH.dtype
        strides = [len(slots) * self.head_dim, self.head_dim] * 2
        kernel = _mlx_kernel(dtype, self.head_dim)
        data = [data_of(array) for array in given] + [b""]
        data += [struct.pack("<i", number) for number in (self.group, len(slots))]
        data += [struct.pack("<Q", number) for number in strides] + [struct.pack("<f", 1.0)]
        made = Made((1, heads * self.head_dim), dtype)
        return _run_with_out_at(kernel, data, made, (heads * 1024, 1, 1))


def _mlx_kernel(dtype: mx.Dtype, head_dim: int) -> Kernel:
    name = NAME_OF[dtype]
    return Kernel(HEADER.read_text(), "sdpa_vector", f"sdpa_vector<{name}, {head_dim}>", element=name)


def _run_with_out_at(kernel: Kernel, data: list[bytes], made: Made, grid: tuple[int, int, int]) -> mx.array:
    """MLX's kernel has its output as the fourth buffer; those of masks and sinks are left empty."""
    out = kernel.buffers.index("out")
    given = data[:out] + data[out + 1 :]
    given += [b"\0" * 8] * (len(kernel.buffers) - 1 - len(given))
    return run_kernel(kernel, given, [made], grid, (1024, 1, 1), made_at=out)[0]


def error(found: mx.array, exact: np.ndarray) -> float:
    """The largest difference; infinite where something is no number."""
    differences = np.abs(np.array(found.astype(mx.float32)).astype(np.float64) - exact)
    return float(differences.max()) if np.isfinite(differences).all() else float("inf")
