"""Four mel frames to one row, by two convolutions.

Shapes: T frames, C mel bands, S rows, D hidden.
"""

from __future__ import annotations

import mlx.core as mx
from mlx import nn

from mlx_gemma4.model.audio.config import AudioConfig

_KERNEL, _STRIDE, _PADDING = 3, 2, 1


class _Halving(nn.Module):
    """Convolution with stride two, layer norm over the channels, ReLU.

    Parameters: `conv.weight` [channels out, 3, 3, channels in], `norm.weight` [channels out].
    """

    def __init__(self, channels_in: int, channels_out: int, eps: float) -> None:
        super().__init__()
        self.conv = nn.Conv2d(channels_in, channels_out, _KERNEL, _STRIDE, _PADDING, bias=False)
        self.norm = nn.LayerNorm(channels_out, eps, bias=False)

    def __call__(self, x: mx.array) -> mx.array:
        return nn.relu(self.norm(self.conv(x)))


class Subsampling(nn.Module):
    """Frames and bands halved twice, then a linear of all bands and channels to one row.

    Parameters: `first.*`, `second.*`, `projection.weight` [D, bands / 4 × channels].
    (transformers: Gemma4AudioSubSampleConvProjection. There the frames that pad a clip are set to zero before each
    convolution, which is what the edge of a clip without them looks like.)
    """

    def __init__(self, config: AudioConfig) -> None:
        super().__init__()
        first, second = config.conv_channels
        self.first = _Halving(1, first, config.norm_eps)
        self.second = _Halving(first, second, config.norm_eps)
        self.projection = nn.Linear(config.frame_width // 4 * second, config.hidden_size, bias=False)

    def __call__(self, features_TC: mx.array) -> mx.array:
        """[T, C] → [S, D], S a quarter of T, rounded up; in the dtype of the weights."""
        x = features_TC.astype(self.first.conv.weight.dtype)[None, :, :, None]
        x = self.second(self.first(x))[0]  # [S, bands / 4, channels]
        return self.projection(x.reshape(x.shape[0], -1))
