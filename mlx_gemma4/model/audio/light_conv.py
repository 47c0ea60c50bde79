"""The light convolution of the audio tower: each channel over the rows just before.

Shapes: S rows, D hidden, k rows under the kernel.
"""

from __future__ import annotations

import mlx.core as mx
from mlx import nn

from mlx_gemma4.model.audio.config import AudioConfig
from mlx_gemma4.model.layers.activations import within
from mlx_gemma4.model.layers.clipped_linear import ClippedLinear
from mlx_gemma4.model.layers.norms import RMSNorm


class LightConv(nn.Module):
    """x + out(silu(norm(conv(glu(in(norm(x))))))), the convolution causal (transformers: Gemma4AudioLightConv1d).

    Parameters: `in_proj.*`, `out_proj.*` (clipped linears), `kernel.weight` [D, k, 1], `pre_norm.weight`,
    `conv_norm.weight` [D each].
    """

    def __init__(self, config: AudioConfig) -> None:
        super().__init__()
        hidden, clipped = config.hidden_size, config.clipped_linears
        self.limit = config.limit
        self.in_proj = ClippedLinear(hidden, 2 * hidden, clipped=clipped)
        self.out_proj = ClippedLinear(hidden, hidden, clipped=clipped)
        self.kernel = ChannelKernel(hidden, config.conv_kernel)
        self.pre_norm = RMSNorm(hidden, config.norm_eps)
        self.conv_norm = RMSNorm(hidden, config.norm_eps)

    def __call__(self, x_SD: mx.array) -> mx.array:
        """[S, D] → [S, D]."""
        values, gates = self.in_proj.parts(self.pre_norm(x_SD), 2)
        mixed = self.conv_norm(within(self.kernel(values * mx.sigmoid(gates)), self.limit))
        return x_SD + self.out_proj(nn.silu(mixed))


class ChannelKernel(nn.Module):
    """A causal convolution of every channel by itself; parameter `weight` [D, k, 1].

    A sum of shifted rows, which fuses into one operation on every backend.
    """

    def __init__(self, channels: int, size: int) -> None:
        super().__init__()
        self.weight = mx.zeros((channels, size, 1))

    def __call__(self, x_SD: mx.array) -> mx.array:
        """[S, D] → [S, D], summed in float32; rows before the first are zero."""
        rows, size = x_SD.shape[0], self.weight.shape[1]
        padded = mx.pad(x_SD, [(size - 1, 0), (0, 0)])
        taps_1D = [tap_1D.astype(mx.float32) for tap_1D in mx.split(self.weight[:, :, 0].T, size)]
        total = padded[:rows] * taps_1D[0]
        for tap in range(1, size):
            total = total + padded[tap : tap + rows] * taps_1D[tap]
        return total.astype(x_SD.dtype)
