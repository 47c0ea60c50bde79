"""What a Gemma 4 checkpoint is made of, as frozen data read from its config.json."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mlx_gemma4.model.audio.config import AudioConfig
from mlx_gemma4.model.config_fields import ConfigFields
from mlx_gemma4.model.text.attention_types import AttentionType
from mlx_gemma4.model.unified.config import UnifiedAudioConfig, UnifiedVisionConfig
from mlx_gemma4.protocol.errors import CheckpointError

_DEFAULT_PATTERN = 6  # without `layer_types`, every sixth layer is global (transformers: Gemma4TextConfig)
_UNIFIED = "gemma4_unified"
# What an absent field of text_config means in the models with encoders, and in the one without.
_TEXT_DEFAULTS = {"hidden_size_per_layer_input": 256, "vocab_size_per_layer_input": 262_144}
_UNIFIED_TEXT_DEFAULTS = {
    "sliding_window": 1024,
    "max_position_embeddings": 262_144,
    "use_bidirectional_attention": "vision",
}


@dataclass(frozen=True, kw_only=True)
class AttentionShape:
    """Heads and position encoding of one attention type.

    Attributes:
        kv_heads: key/value heads; the query heads are shared evenly among them.
        head_dim: width of one head.
        rope_theta: base of the rotary frequencies.
        rotated_fraction: part of the head that rotates ("proportional" RoPE); 1 for all of it.
        window: how many keys a query sees, itself included; None for all.
        values_are_keys: there is no value projection: values are the key projection, normed but not rotated.
    """

    kv_heads: int
    head_dim: int
    rope_theta: float
    rotated_fraction: float = 1.0
    window: int | None = None
    values_are_keys: bool = False


@dataclass(frozen=True, kw_only=True)
class PerLayerEmbeddingConfig:
    """The small per-layer embeddings (PLE) of the E models: `vocab_size` rows of `width` numbers for every layer."""

    vocab_size: int
    width: int


@dataclass(frozen=True, kw_only=True)
class ExpertsConfig:
    """The mixture of experts beside each dense MLP (26B-A4B)."""

    experts: int
    experts_per_token: int
    width: int


@dataclass(frozen=True, kw_only=True)
class TextConfig:
    """The text decoder.

    Attributes:
        borrowing_layers: how many of the last layers read another layer's keys and values.
        double_wide_borrowers: whether those layers' MLPs are twice as wide.
        media_sees_itself: whether the soft tokens of one picture (or frame of a video) attend to each other in both
            directions. In sliding layers only, and within the window; sound never does.
        pad_token_id: the id whose rows stand in for soft tokens' own (0 in every published checkpoint).
    """

    vocab_size: int
    hidden_size: int
    intermediate_size: int
    layer_types: tuple[AttentionType, ...]
    query_heads: int
    sliding: AttentionShape
    full: AttentionShape
    borrowing_layers: int = 0
    double_wide_borrowers: bool = False
    per_layer_embeddings: PerLayerEmbeddingConfig | None = None
    experts: ExpertsConfig | None = None
    logit_softcap: float | None = None
    norm_eps: float = 1e-6
    max_positions: int = 131_072
    media_sees_itself: bool = False
    pad_token_id: int = 0

    @property
    def layers(self) -> int:
        """Number of decoder layers."""
        return len(self.layer_types)

    @property
    def window(self) -> int:
        """How many keys a query of a sliding layer sees, itself included."""
        assert self.sliding.window is not None
        return self.sliding.window

    def shape(self, layer: int) -> AttentionShape:
        """The attention shape of one layer."""
        return self.sliding if self.layer_types[layer] is AttentionType.SLIDING else self.full

    def feed_forward_width(self, layer: int) -> int:
        """Width of one layer's MLP: layers that borrow K/V are twice as wide in E2B."""
        borrows = layer >= self.layers - self.borrowing_layers
        return self.intermediate_size * (2 if borrows and self.double_wide_borrowers else 1)

    @classmethod
    def from_fields(cls, fields: ConfigFields) -> TextConfig:
        """Read `text_config`.

        Raises:
            CheckpointError: a field is missing, of the wrong type, or asks for something this model does not have.
        """
        fields.expect("hidden_activation", "gelu_pytorch_tanh")
        fields.expect("attention_bias", False)
        fields.expect("tie_word_embeddings", True)
        layer_types = _read_layer_types(fields)
        borrowing = fields.integer("num_kv_shared_layers", 0, minimum=0)
        if not set(layer_types[len(layer_types) - borrowing :]) <= set(layer_types[: len(layer_types) - borrowing]):
            raise fields.error("num_kv_shared_layers", borrowing, "small enough to leave an owner of each layer type")
        return cls(
            vocab_size=fields.integer("vocab_size"),
            hidden_size=fields.integer("hidden_size"),
            intermediate_size=fields.integer("intermediate_size"),
            layer_types=layer_types,
            query_heads=fields.integer("num_attention_heads"),
            sliding=_read_sliding_shape(fields),
            full=_read_global_shape(fields, layer_types),
            borrowing_layers=borrowing,
            double_wide_borrowers=fields.flag("use_double_wide_mlp", default=False),
            per_layer_embeddings=_read_per_layer_embeddings(fields),
            experts=_read_experts(fields),
            logit_softcap=fields.optional_number("final_logit_softcapping"),
            norm_eps=fields.number("rms_norm_eps", 1e-6),
            max_positions=fields.integer("max_position_embeddings", 131_072),
            media_sees_itself=_read_media_sees_itself(fields),
            pad_token_id=fields.integer("pad_token_id", 0, minimum=0),
        )


@dataclass(frozen=True, kw_only=True)
class VisionConfig:
    """The picture tower: a transformer over 16×16 patches that is pooled to soft tokens.

    `positions` is the number of rows of each axis of the position table, `pooling` the side of the square of patches
    that becomes one soft token.
    """

    hidden_size: int
    intermediate_size: int
    layers: int
    heads: int
    head_dim: int
    patch_size: int = 16
    positions: int = 10_240
    pooling: int = 3
    rope_theta: float = 100.0
    clipped_linears: bool = False
    standardize: bool = False
    norm_eps: float = 1e-6

    @classmethod
    def from_fields(cls, fields: ConfigFields) -> VisionConfig:
        """Read `vision_config`; raises `CheckpointError` as `TextConfig.from_fields` does."""
        fields.expect("hidden_activation", "gelu_pytorch_tanh")
        fields.expect("attention_bias", False)
        heads = fields.integer("num_attention_heads")
        fields.expect("num_key_value_heads", heads)
        rope = fields.block("rope_parameters") or ConfigFields({}, f"{fields.where}.rope_parameters")
        rope.expect("rope_type", "axial", "default")
        head_dim = fields.integer("head_dim", 64)
        if head_dim % 4:
            raise fields.error("head_dim", head_dim, "a multiple of 4, as it is rotated by two axes")
        return cls(
            hidden_size=fields.integer("hidden_size"),
            intermediate_size=fields.integer("intermediate_size"),
            layers=fields.integer("num_hidden_layers"),
            heads=heads,
            head_dim=head_dim,
            patch_size=fields.integer("patch_size", 16),
            positions=fields.integer("position_embedding_size", 10_240),
            pooling=fields.integer("pooling_kernel_size", 3),
            rope_theta=rope.number("rope_theta", 100.0),
            clipped_linears=fields.flag("use_clipped_linears", default=False),
            standardize=fields.flag("standardize", default=False),
            norm_eps=fields.number("rms_norm_eps", 1e-6),
        )


@dataclass(frozen=True, kw_only=True)
class Gemma4Config:
    """A whole model; a sense that a checkpoint does not have is None."""

    text: TextConfig
    vision: VisionConfig | UnifiedVisionConfig | None = None
    audio: AudioConfig | UnifiedAudioConfig | None = None
    image_token_id: int = 258_880
    audio_token_id: int = 258_881
    video_token_id: int = 258_884

    @property
    def media_token_ids(self) -> tuple[int, int, int]:
        """The placeholder ids that soft tokens replace."""
        return self.image_token_id, self.audio_token_id, self.video_token_id

    def sight(self) -> VisionConfig | UnifiedVisionConfig:
        """How the model takes pictures; raises `CheckpointError` where it takes none."""
        if self.vision is None:
            raise CheckpointError(
                "This checkpoint does not see.", "Choose a model that takes pictures.", code="checkpoint.blind"
            )
        return self.vision

    def hearing(self) -> AudioConfig | UnifiedAudioConfig:
        """How the model takes sound; raises `CheckpointError` where it takes none."""
        if self.audio is None:
            raise CheckpointError(
                "This checkpoint does not hear.", "Choose a model that takes sound.", code="checkpoint.deaf"
            )
        return self.audio

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Gemma4Config:
        """Read a parsed config.json of model type `gemma4` or `gemma4_unified`, or of the decoder alone of either.

        Raises:
            CheckpointError: another model type, or a field that is missing or cannot be used.
        """
        fields = ConfigFields(values, "config.json")
        fields.expect("model_type", "gemma4", _UNIFIED, "gemma4_text", f"{_UNIFIED}_text")
        kind = fields.values.get("model_type", "")
        unified = kind.startswith(_UNIFIED)
        text = fields if kind.endswith("_text") else fields.block("text_config")
        if text is None:
            raise CheckpointError("config.json has no text_config.", "Is it complete?", code="checkpoint.config")
        text = ConfigFields({**(_UNIFIED_TEXT_DEFAULTS if unified else _TEXT_DEFAULTS), **text.values}, text.where)
        vision, audio = fields.block("vision_config"), fields.block("audio_config")
        return cls(
            text=TextConfig.from_fields(text),
            vision=(UnifiedVisionConfig if unified else VisionConfig).from_fields(vision) if vision else None,
            audio=(UnifiedAudioConfig if unified else AudioConfig).from_fields(audio) if audio else None,
            image_token_id=fields.integer("image_token_id", 258_880, minimum=0),
            audio_token_id=fields.integer("audio_token_id", 258_881, minimum=0),
            video_token_id=fields.integer("video_token_id", 258_884, minimum=0),
        )


def _read_layer_types(fields: ConfigFields) -> tuple[AttentionType, ...]:
    layers = fields.integer("num_hidden_layers")
    names = fields.names("layer_types")
    if names is None:
        names = [
            (AttentionType.SLIDING if (layer + 1) % _DEFAULT_PATTERN else AttentionType.GLOBAL).value
            for layer in range(layers)
        ]
    known = {kind.value: kind for kind in AttentionType}
    if len(names) != layers or not set(names) <= set(known):
        raise fields.error("layer_types", list(names), f"{layers} names out of {', '.join(known)}")
    if known[names[-1]] is not AttentionType.GLOBAL:
        raise fields.error("layer_types", list(names), "a list that ends with full_attention")
    return tuple(known[name] for name in names)


def _read_rope(fields: ConfigFields, kind: AttentionType) -> tuple[float, float]:
    """(theta, rotated fraction) of one attention type."""
    defaults = {AttentionType.SLIDING: (10_000.0, 1.0), AttentionType.GLOBAL: (1_000_000.0, 0.25)}
    ropes = fields.block("rope_parameters")
    rope = ropes.block(kind.value) if ropes else None
    if rope is None:
        return defaults[kind]
    rope.expect("rope_type", "default", "proportional")
    theta = rope.number("rope_theta", defaults[kind][0])
    proportional = rope.values.get("rope_type") == "proportional"
    return theta, rope.number("partial_rotary_factor", 1.0) if proportional else 1.0


def _read_sliding_shape(fields: ConfigFields) -> AttentionShape:
    theta, fraction = _read_rope(fields, AttentionType.SLIDING)
    return AttentionShape(
        kv_heads=fields.integer("num_key_value_heads"),
        head_dim=fields.integer("head_dim"),
        rope_theta=theta,
        rotated_fraction=fraction,
        window=fields.integer("sliding_window", 512),
    )


def _read_global_shape(fields: ConfigFields, layer_types: tuple[AttentionType, ...]) -> AttentionShape:
    """Global layers have their own head size and count, under one of two spellings.

    Checkpoints saved by transformers before 5.15 have `global_head_dim` and `num_global_key_value_heads`, later ones
    `per_layer_config`, keyed by layer number ("5" or "05").
    """
    values_are_keys = fields.flag("attention_k_eq_v", default=False)
    theta, fraction = _read_rope(fields, AttentionType.GLOBAL)
    kv_heads = fields.integer("num_key_value_heads")
    per_layer = fields.block("per_layer_config")
    if per_layer is None:
        head_dim = fields.integer("global_head_dim", 512)
        if values_are_keys:
            kv_heads = fields.integer("num_global_key_value_heads", kv_heads)
    else:
        shapes = {_read_layer_override(fields, per_layer, layer) for layer in _global_layers(layer_types)}
        if len(shapes) != 1:
            raise fields.error("per_layer_config", dict(per_layer.values), "the same for all full_attention layers")
        head_dim, kv_heads = shapes.pop()
    return AttentionShape(
        kv_heads=kv_heads,
        head_dim=head_dim,
        rope_theta=theta,
        rotated_fraction=fraction,
        values_are_keys=values_are_keys,
    )


def _global_layers(layer_types: tuple[AttentionType, ...]) -> list[int]:
    return [layer for layer, kind in enumerate(layer_types) if kind is AttentionType.GLOBAL]


def _read_layer_override(fields: ConfigFields, per_layer: ConfigFields, layer: int) -> tuple[int, int]:
    """(head dim, kv heads) of one layer, falling back on the values of all layers."""
    for name in per_layer.values:
        if name.isdigit() and int(name) == layer:
            override = per_layer.block(name) or ConfigFields({}, per_layer.where)
            return (
                override.integer("head_dim", fields.integer("head_dim")),
                override.integer("num_key_value_heads", fields.integer("num_key_value_heads")),
            )
    return fields.integer("head_dim"), fields.integer("num_key_value_heads")


def _read_per_layer_embeddings(fields: ConfigFields) -> PerLayerEmbeddingConfig | None:
    width = fields.integer("hidden_size_per_layer_input", 0, minimum=0)
    if width == 0:
        return None
    rows = fields.integer("vocab_size_per_layer_input", fields.integer("vocab_size"))
    return PerLayerEmbeddingConfig(vocab_size=rows, width=width)


def _read_experts(fields: ConfigFields) -> ExpertsConfig | None:
    if not fields.flag("enable_moe_block", default=False):
        return None
    experts, per_token = fields.integer("num_experts"), fields.integer("top_k_experts")
    if per_token > experts:
        raise fields.error("top_k_experts", per_token, f"at most num_experts, {experts}")
    return ExpertsConfig(experts=experts, experts_per_token=per_token, width=fields.integer("moe_intermediate_size"))


def _read_media_sees_itself(fields: ConfigFields) -> bool:
    fields.expect("use_bidirectional_attention", None, "vision")
    return fields.values.get("use_bidirectional_attention") == "vision"
