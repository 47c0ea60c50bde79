"""The audio tower: log-mel frames to soft tokens.

Shapes: T frames, C mel bands, S soft tokens, D hidden.
"""

from __future__ import annotations

import mlx.core as mx
from mlx import nn

from mlx_gemma4.model.audio.attention import Surroundings
from mlx_gemma4.model.audio.chunks import Chunks, relative_positions
from mlx_gemma4.model.audio.config import AudioConfig
from mlx_gemma4.model.audio.layer import ConformerLayer
from mlx_gemma4.model.audio.subsampling import Subsampling
from mlx_gemma4.model.layers.alike import AlikeLayers
from mlx_gemma4.protocol.errors import MediaError


class AudioTower(nn.Module):
    """One sound to its soft tokens (transformers: Gemma4AudioModel).

    Sounds go through one by one, so that none has another's padding. A sequence is filled up to whole chunks; nothing
    looks ahead of a row further than the config allows, and masks hide what was filled in.

    Parameters: `subsampling.*`, `layers.<n>.*`, `output_proj.weight` [output width, D], `output_proj.bias`.
    """

    def __init__(self, config: AudioConfig) -> None:
        super().__init__()
        self.config = config
        self.chunks = Chunks.of(config)
        self.subsampling = Subsampling(config)
        self.layers = [ConformerLayer(config) for _ in range(config.layers)]
        self._run_layers = AlikeLayers(self.layers)
        self.output_proj = nn.Linear(config.hidden_size, config.output_width, bias=True)

    def __call__(self, features_TC: mx.array) -> mx.array:
        """[T, C] → soft tokens [S, output width], in the dtype of the weights.

        Raises:
            MediaError: there are no frames, or they are not of the width that this tower takes.
        """
        if features_TC.shape[0] == 0 or features_TC.shape[1] != self.config.frame_width:
            raise MediaError(
                f"A sound of {features_TC.shape[0]} frames of {features_TC.shape[1]} numbers cannot be heard.",
                f"Give at least one frame of {self.config.frame_width} mel bands.",
                code="media.frames",
            )
        x = self.subsampling(features_TC)
        rows = x.shape[0]
        x = mx.pad(x, [(0, self.chunks.count(rows) * self.chunks.size - rows), (0, 0)])
        around = Surroundings(
            mask=mx.array(self.chunks.mask(rows)),
            positions=mx.array(relative_positions(self.chunks, self.config.hidden_size)).astype(x.dtype),
        )
        return self.output_proj(self._run_layers(x, around)[:rows])
