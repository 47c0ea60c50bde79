"""The whole model: towers, projector, merge and decoder.

Shapes: P patches, T frames of sound, C numbers of a patch or frame, S soft tokens, L tokens, D hidden, V vocabulary.
"""

from __future__ import annotations

from collections.abc import Sequence

import mlx.core as mx
import numpy as np
from mlx import nn

from mlx_gemma4.model.audio.config import AudioConfig
from mlx_gemma4.model.audio.tower import AudioTower
from mlx_gemma4.model.config import Gemma4Config, VisionConfig
from mlx_gemma4.model.soft_token_merge import (
    SoftTokens,
    blocks_that_see_themselves,
    check_placeholders,
    merge,
    without_placeholders,
)
from mlx_gemma4.model.soft_token_projector import SoftTokenProjector
from mlx_gemma4.model.text.decoder import TextDecoder
from mlx_gemma4.model.text.forward_pass import ForwardPass
from mlx_gemma4.model.text.kv_store import Uncached
from mlx_gemma4.model.text.masks import prefill_masks
from mlx_gemma4.model.text.per_layer_embeddings import TableRows
from mlx_gemma4.model.unified.config import UnifiedVisionConfig
from mlx_gemma4.model.unified.square_embedder import SquareEmbedder
from mlx_gemma4.model.vision.tower import VisionTower


class Gemma4(nn.Module):
    """Gemma 4 with the senses its checkpoint has.

    Parameters: `text.*` (`TextDecoder`); where the config has pictures, `vision.*` (`VisionTower`, or `SquareEmbedder`
    in the encoder-free model) and `vision_projector.*` (`SoftTokenProjector`); where it has sound, `audio.*`
    (`AudioTower`, none in the encoder-free model) and `audio_projector.*`.
    """

    def __init__(self, config: Gemma4Config) -> None:
        super().__init__()
        self.config = config
        self.text = TextDecoder(config.text)
        self.vision: VisionTower | SquareEmbedder | None = None
        self.vision_projector: SoftTokenProjector | None = None
        if config.vision is not None:
            self.vision = _picture_part(config.vision)
            width, hidden = config.vision.hidden_size, config.text.hidden_size
            self.vision_projector = SoftTokenProjector(width, hidden, config.vision.norm_eps)
        self.audio: AudioTower | None = None
        self.audio_projector: SoftTokenProjector | None = None
        if config.audio is not None:
            if isinstance(config.audio, AudioConfig):
                self.audio = AudioTower(config.audio)
            width, hidden = config.audio.output_width, config.text.hidden_size
            self.audio_projector = SoftTokenProjector(width, hidden, config.audio.norm_eps)

    def encode_picture(self, patches_PC: mx.array, positions_P2: mx.array) -> mx.array:
        """One picture's soft tokens [P / pooling², D].

        Args:
            patches_PC: pixels in 0..1, float32; each patch flattened as row, column, channel.
            positions_P2: (x, y) of each patch, int32.

        Raises:
            CheckpointError: this model does not see.
            MediaError: the patches do not fill a rectangle of whole pooling squares.
        """
        self.config.sight()
        assert self.vision is not None
        assert self.vision_projector is not None
        return self.vision_projector(self.vision(patches_PC, positions_P2))

    def encode_sound(self, features_TC: mx.array) -> mx.array:
        """One sound's soft tokens [S, D], from the features float32 [T, C] that `config.audio` describes.

        Raises:
            CheckpointError: this model does not hear.
            MediaError: the features are of another width than the tower takes, or there are none.
        """
        self.config.hearing()
        assert self.audio_projector is not None
        if self.audio is None:
            return self.audio_projector(features_TC.astype(self.text.dtype))
        return self.audio_projector(self.audio(features_TC))

    def embed(self, token_ids: np.ndarray, soft: Sequence[SoftTokens]) -> tuple[mx.array, TableRows]:
        """Decoder inputs [L, D] of `token_ids` (int32 [L]) and the rows of their per-layer embeddings.

        `soft` is trusted to fit. A placeholder without a soft token, such as one that the model itself wrote, has the
        embeddings of the pad id, as in the reference.
        """
        media_ids, pad_id = self.config.media_token_ids, self.config.text.pad_token_id
        known_L = without_placeholders(token_ids, media_ids, pad_id)
        ids_L = mx.array(known_L)
        return merge(self.text.embed(ids_L), soft), self.text.fetch_rows(known_L) or ids_L

    def fetch_rows(self, tokens: mx.array) -> list[mx.array]:
        """The rows that a step will need of a table that is not in memory, which waits for its tokens; else nothing.

        Raises:
            CheckpointError: they cannot be read any more.
        """
        if not self.text.fetches_rows:
            return []
        ids_L = np.array(tokens).reshape(-1)
        return self.text.fetch_rows(
            without_placeholders(ids_L, self.config.media_token_ids, self.config.text.pad_token_id)
        )

    def logits(self, token_ids: np.ndarray, soft: Sequence[SoftTokens] = ()) -> mx.array:
        """Logits of a whole sequence without a cache: [L, V].

        Args:
            token_ids: int32 [L], placeholders expanded.
            soft: soft tokens for every placeholder, in any order, at their positions in `token_ids`.

        Raises:
            PromptError: placeholders and soft tokens do not match.
        """
        check_placeholders(token_ids, self.config.media_token_ids, [block.span for block in soft])
        x_LD, rows = self.embed(token_ids, soft)
        tokens, layers, window = len(token_ids), self.config.text.layers, self.config.text.window
        forward = ForwardPass(
            rotations=self.text.rotations(mx.arange(tokens)),
            masks=prefill_masks(tokens, earlier_in_window=0, window=window, blocks=blocks_that_see_themselves(soft)),
            stores=dict.fromkeys(self.text.plan.owners, Uncached()),
        )
        vectors = self.text.per_layer_vectors(rows, x_LD, layers)
        return self.text.logits(self.text.run_layers(self.text.begin(x_LD), vectors, forward, range(layers)).normed_LD)


def _picture_part(config: VisionConfig | UnifiedVisionConfig) -> VisionTower | SquareEmbedder:
    return SquareEmbedder(config) if isinstance(config, UnifiedVisionConfig) else VisionTower(config)
