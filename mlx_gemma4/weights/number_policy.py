"""In which number formats the model computes on a device."""

from __future__ import annotations

from dataclasses import dataclass

import mlx.core as mx

from mlx_gemma4.weights.key_map import GATHERED


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

    def keeps_packed(self, module: str) -> bool:
        """Whether the quantized matrix of this module of the model stays packed."""
        return self.keep_quantized or module in GATHERED

    def cast(self, array: mx.array) -> mx.array:
        """A floating-point array in the format to compute in; anything else as it is."""
        if not mx.issubdtype(array.dtype, mx.floating):
            return array
        if self.floats is not None:
            return array.astype(self.floats)
        return array.astype(mx.bfloat16) if array.dtype == mx.float16 else array
