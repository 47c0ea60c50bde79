"""The picture tower: patches and their positions to soft tokens.

Shapes: P patches, S soft tokens, C numbers of a patch, D hidden.
"""

from __future__ import annotations

import mlx.core as mx
from mlx import nn

from mlx_gemma4.model.config import VisionConfig
from mlx_gemma4.model.layers.alike import AlikeLayers
from mlx_gemma4.model.vision.axial_rope import AxialRotation
from mlx_gemma4.model.vision.encoder_layer import VisionLayer
from mlx_gemma4.model.vision.pooling import pool_by_position


class PatchEmbedder(nn.Module):
    """A linear of the pixels plus a learned row for x and one for y.

    Parameters: `input_proj.weight` [D, C], `position_table` [2, positions, D] (x rows, then y rows).
    """

    def __init__(self, config: VisionConfig) -> None:
        super().__init__()
        self.input_proj = nn.Linear(3 * config.patch_size**2, config.hidden_size, bias=False)
        self.position_table = mx.ones((2, config.positions, config.hidden_size))

    def __call__(self, patches_PC: mx.array, positions_P2: mx.array) -> mx.array:
        """Pixels in 0..1 [P, C] and (x, y) [P, 2] → [P, D]; the tower wants pixels in −1..1."""
        pixels = (2 * (patches_PC - 0.5)).astype(self.position_table.dtype)
        by_x, by_y = self.position_table[0][positions_P2[:, 0]], self.position_table[1][positions_P2[:, 1]]
        return self.input_proj(pixels) + (by_x + by_y)


class VisionTower(nn.Module):
    """One picture to its soft tokens (transformers: Gemma4VisionModel).

    Parameters: `patch_embedder.*`, `layers.<n>.*` and, where standardized, `std_bias` and `std_scale` [D].
    """

    def __init__(self, config: VisionConfig) -> None:
        super().__init__()
        self.config = config
        self.patch_embedder = PatchEmbedder(config)
        self.layers = [VisionLayer(config) for _ in range(config.layers)]
        self._run_layers = AlikeLayers(self.layers)
        if config.standardize:
            self.std_bias = mx.zeros((config.hidden_size,))
            self.std_scale = mx.ones((config.hidden_size,))

    def __call__(self, patches_PC: mx.array, positions_P2: mx.array) -> mx.array:
        """[P, C] and [P, 2] → soft tokens [P / pooling², D], in the dtype of the weights.

        Raises:
            MediaError: the patches do not fill a rectangle of whole pooling squares.
        """
        x = self.patch_embedder(patches_PC, positions_P2)
        dtype = x.dtype
        rotation = AxialRotation.of(positions_P2, self.config.head_dim, self.config.rope_theta)
        pooled = pool_by_position(self._run_layers(x, rotation), positions_P2, self.config.pooling)
        if self.config.standardize:
            pooled = (pooled - self.std_bias.astype(mx.float32)) * self.std_scale.astype(mx.float32)
        return pooled.astype(dtype)
