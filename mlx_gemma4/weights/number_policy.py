"""In which number formats the model computes on a device."""

from __future__ import annotations

from dataclasses import dataclass

import mlx.core as mx

from mlx_gemma4.weights.key_map import GATHERED
from mlx_gemma4.weights.quantization import Matrix, unpack


@dataclass(frozen=True)
class NumberPolicy:
    """What becomes of stored numbers at load.

    Attributes:
        floats: the format of all floating-point weights and quantization scales; None leaves each as stored, except
            that float16, which overflows in the picture tower, becomes bfloat16.
        keep_quantized: whether quantized matrices stay packed; else only gathered tables do.
    """

    floats: mx.Dtype | None
    keep_quantized: bool

    @classmethod
    def for_device(cls, device: mx.Device) -> NumberPolicy:
        """GPUs compute in what is stored. CPUs compute in float32, where packed and 16-bit products are far slower."""
        if device.type == mx.DeviceType.cpu:
            return cls(floats=mx.float32, keep_quantized=False)
        return cls(floats=None, keep_quantized=True)

    def convert(self, stored: Matrix, module: str) -> Matrix:
        """A stored matrix, vector or scalar of a module of the model as it is kept in memory.

        Gathered tables stay as stored, packed or not, as only the rows in use are ever converted; the scales of packed
        ones are converted, since rows come out in their format.
        """
        if stored.packing is None:
            return stored if module in GATHERED else Matrix(self._cast(stored.weight))
        if not (self.keep_quantized or module in GATHERED):
            return Matrix(self._cast(unpack(stored)))
        scales, biases = stored.scales, stored.biases
        return Matrix(
            stored.weight,
            None if scales is None else self._cast(scales),
            None if biases is None else self._cast(biases),
            stored.packing,
        )

    def _cast(self, array: mx.array) -> mx.array:
        if not mx.issubdtype(array.dtype, mx.floating):
            return array
        if self.floats is not None:
            return array.astype(self.floats)
        return array.astype(mx.bfloat16) if array.dtype == mx.float16 else array
