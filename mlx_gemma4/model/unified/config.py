"""What the encoder-free model has in place of towers, as frozen data read from config.json."""

from __future__ import annotations

from dataclasses import dataclass

from mlx_gemma4.model.config_fields import ConfigFields


@dataclass(frozen=True, kw_only=True)
class UnifiedVisionConfig:
    """Pictures without a tower: squares of 16×16 patches go through one linear each.

    Attributes:
        hidden_size: width of a square after that linear, which the projector takes.
        patch_size: side of a patch, in pixels.
        positions: rows of each axis of the position table.
        pooling: side of the square of patches that becomes one soft token.
        norm_eps: of the projector's norm; the other norms have PyTorch's default for layer norms.
    """

    hidden_size: int
    patch_size: int = 16
    positions: int = 1120
    pooling: int = 3
    norm_eps: float = 1e-6

    @property
    def square_values(self) -> int:
        """Numbers of one square: its pixels' red, green and blue."""
        return 3 * (self.patch_size * self.pooling) ** 2

    @classmethod
    def from_fields(cls, fields: ConfigFields) -> UnifiedVisionConfig:
        """Read `vision_config`.

        Raises:
            CheckpointError: a field is of the wrong type, or asks for something this model does not have.
        """
        hidden = fields.integer("mm_embed_dim", 3840)
        fields.expect("output_proj_dims", hidden)
        patch, pooling = fields.integer("patch_size", 16), fields.integer("pooling_kernel_size", 3)
        fields.expect("model_patch_size", patch * pooling)
        return cls(
            hidden_size=hidden,
            patch_size=patch,
            positions=fields.integer("mm_posemb_size", 1120),
            pooling=pooling,
            norm_eps=fields.number("rms_norm_eps", 1e-6),
        )


@dataclass(frozen=True, kw_only=True)
class UnifiedAudioConfig:
    """Sound without a tower: the samples of a frame are its features, and one frame is one soft token.

    Attributes:
        frame_width: samples of a frame, at 16 kHz.
        norm_eps: of the projector's norm.
    """

    frame_width: int
    norm_eps: float = 1e-6

    @property
    def output_width(self) -> int:
        """Width of a soft token before it is projected to the decoder's width."""
        return self.frame_width

    def soft_tokens(self, frames: int) -> int:
        """How many soft tokens a number of frames becomes."""
        return frames

    @classmethod
    def from_fields(cls, fields: ConfigFields) -> UnifiedAudioConfig:
        """Read `audio_config`; raises `CheckpointError` as `UnifiedVisionConfig.from_fields` does."""
        frame = fields.integer("audio_embed_dim", 640)
        for other_name in ("audio_samples_per_token", "hidden_size", "output_proj_dims"):
            fields.expect(other_name, frame)
        return cls(frame_width=frame, norm_eps=fields.number("rms_norm_eps", 1e-6))
