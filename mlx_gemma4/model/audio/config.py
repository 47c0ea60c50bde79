"""What the audio tower of a checkpoint is made of, as frozen data read from its `audio_config`."""

from __future__ import annotations

from dataclasses import dataclass

from mlx_gemma4.model.config_fields import ConfigFields
from mlx_gemma4.protocol.cost import MEL_BANDS

_SUBSAMPLING_STEPS = 2
_NEVER_REACHED = 1e10
_FIRST_CHANNELS = 128  # the reference takes the input width of its projection from these channels, not from the bands


@dataclass(frozen=True, kw_only=True)
class AudioConfig:
    """The audio tower: two strided convolutions over a log-mel spectrogram, then a conformer (arXiv 2005.08100).

    Attributes:
        conv_channels: of the two convolutions.
        conv_kernel: frames under the light convolution of each layer.
        residual_weight: of a feed-forward half step.
        chunk: queries that are attended together.
        context_left: keys before a chunk, counting one of its own; as in config.json.
        context_right: keys after a query; 0 in every published checkpoint.
        sees_context_left: a query sees `context_left` keys, itself included; otherwise one fewer. Implementations
            disagree: transformers 5.23 has one fewer (12 keys), Google's JAX code has them all (13).
        logit_cap: attention logits stay within ±this.
        clipped_linears: linears clamp their inputs and outputs to ranges stored in the checkpoint.
        gradient_clipping: activations between layers stay within ±this.
        output_width: of a soft token before it is projected to the decoder's width.
    """

    hidden_size: int
    layers: int
    heads: int
    output_width: int
    conv_channels: tuple[int, int] = (_FIRST_CHANNELS, 32)
    conv_kernel: int = 5
    residual_weight: float = 0.5
    chunk: int = 12
    context_left: int = 13
    context_right: int = 0
    sees_context_left: bool = False
    logit_cap: float = 50.0
    clipped_linears: bool = True
    gradient_clipping: float = _NEVER_REACHED
    norm_eps: float = 1e-6

    @property
    def head_dim(self) -> int:
        """Width of one attention head."""
        return self.hidden_size // self.heads

    @property
    def limit(self) -> float | None:
        """`gradient_clipping`, or None where it is the published number, which no activation comes near.

        All that is clipped is a sum of few results of norms and of linears of such.
        """
        return self.gradient_clipping if self.gradient_clipping < _NEVER_REACHED else None

    @property
    def frame_width(self) -> int:
        """Numbers of one input frame."""
        return MEL_BANDS

    def soft_tokens(self, frames: int) -> int:
        """How many soft tokens come out for this many input frames."""
        for _ in range(_SUBSAMPLING_STEPS):
            frames = (frames + 1) // 2
        return frames

    @classmethod
    def from_fields(cls, fields: ConfigFields) -> AudioConfig:
        """Read `audio_config`; what it leaves out has transformers' defaults.

        Raises:
            CheckpointError: a field is of the wrong type, or asks for something this model does not have.
        """
        fields.expect("hidden_act", "silu")
        channels = fields.integers("subsampling_conv_channels", (_FIRST_CHANNELS, 32))
        if len(channels) != _SUBSAMPLING_STEPS or channels[0] != _FIRST_CHANNELS:
            raise fields.error("subsampling_conv_channels", list(channels), f"[{_FIRST_CHANNELS}, …], two numbers")
        hidden, heads = fields.integer("hidden_size", 1024), fields.integer("num_attention_heads", 8)
        if hidden % heads or hidden % 2:
            raise fields.error("hidden_size", hidden, f"an even multiple of {heads} heads")
        return cls(
            hidden_size=hidden,
            layers=fields.integer("num_hidden_layers", 12),
            heads=heads,
            output_width=fields.integer("output_proj_dims", 1536),
            conv_channels=(channels[0], channels[1]),
            conv_kernel=fields.integer("conv_kernel_size", 5),
            residual_weight=fields.number("residual_weight", 0.5),
            chunk=fields.integer("attention_chunk_size", 12),
            context_left=fields.integer("attention_context_left", 13, minimum=2),
            context_right=fields.integer("attention_context_right", 0, minimum=0),
            logit_cap=fields.number("attention_logit_cap", 50.0),
            clipped_linears=fields.flag("use_clipped_linears", default=True),
            gradient_clipping=fields.number("gradient_clipping", _NEVER_REACHED),
            norm_eps=fields.number("rms_norm_eps", 1e-6),
        )
