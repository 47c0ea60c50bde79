"""Which tensors of a checkpoint make up each parameter of the model, as rows.

Checkpoint names are compared in one spelling: transformers' without its leading `model.`. mlx-vlm and mlx-lm write
the decoder as `language_model.model.…`, which is folded into that spelling. Rows are those of each matrix: experts are
stacks of matrices, [experts, rows, columns].
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from mlx_gemma4.model.config import Gemma4Config


@dataclass(frozen=True)
class Row:
    """One parameter of the model and the tensors whose rows, joined in this order, are its rows.

    `{layer}` stands for a number, `{rest}` for the rest of a name; both are the same on both sides.

    Attributes:
        ours: a path in the model.
        theirs: names in transformers.
        converted: other names that mlx-vlm and mlx-lm have for it, and the only ones under which it can be packed.
    """

    ours: str
    theirs: tuple[str, ...]
    converted: tuple[str, ...] = ()


_LAYER = "text.layers.{layer}"
_THEIR_LAYER = "language_model.layers.{layer}"
_VISION_LAYER = "vision.layers.{layer}"
_THEIR_VISION_LAYER = "vision_tower.encoder.layers.{layer}"
_AUDIO_LAYER = "audio.layers.{layer}"
_THEIR_AUDIO_LAYER = "audio_tower.layers.{layer}"


def _join(ours: str, *theirs: str, converted: tuple[str, ...] = ()) -> Row:
    names, converted_names = (tuple(f"{_THEIR_LAYER}.{name}" for name in some) for some in (theirs, converted))
    return Row(f"{_LAYER}.{ours}", names, converted_names)


def _vision(ours: str, *theirs: str) -> Row:
    return Row(f"{_VISION_LAYER}.{ours}", tuple(f"{_THEIR_VISION_LAYER}.{name}" for name in theirs))


def _unified(ours: str, theirs: str) -> Row:
    return Row(f"vision.{ours}", (f"vision_embedder.{theirs}",))


def _audio(ours: str, *theirs: str) -> Row:
    return Row(f"{_AUDIO_LAYER}.{ours}", tuple(f"{_THEIR_AUDIO_LAYER}.{name}" for name in theirs))


ROWS = (
    Row("text.embed_tokens.weight", ("language_model.embed_tokens.weight",)),
    Row("text.norm.weight", ("language_model.norm.weight",)),
    Row("text.per_layer_embeddings.table.weight", ("language_model.embed_tokens_per_layer.weight",)),
    Row("text.per_layer_embeddings.projection.weight", ("language_model.per_layer_model_projection.weight",)),
    Row("text.per_layer_embeddings.norm.weight", ("language_model.per_layer_projection_norm.weight",)),
    _join("attention.qkv_proj.weight", "self_attn.q_proj.weight", "self_attn.k_proj.weight", "self_attn.v_proj.weight"),
    _join("attention.{rest}", "self_attn.{rest}"),  # q_proj of borrowing layers, o_proj, q_norm, k_norm
    _join("feed_forward.gate_up_proj.weight", "mlp.gate_proj.weight", "mlp.up_proj.weight"),
    _join("feed_forward.down_proj.weight", "mlp.down_proj.weight"),
    _join(
        "mixture.experts.gate_up_proj.weight",
        "experts.gate_up_proj",
        converted=("experts.switch_glu.gate_proj.weight", "experts.switch_glu.up_proj.weight"),
    ),
    _join(
        "mixture.experts.down_proj.weight",
        "experts.down_proj",
        converted=("experts.switch_glu.down_proj.weight",),
    ),
    _join("mixture.router.{rest}", "router.{rest}"),
    _join("mixture.input_norm.weight", "pre_feedforward_layernorm_2.weight"),
    _join("mixture.output_norm.weight", "post_feedforward_layernorm_2.weight"),
    _join("mixture.dense_norm.weight", "post_feedforward_layernorm_1.weight"),
    _join("input_norm.weight", "input_layernorm.weight"),
    _join("post_attention_norm.weight", "post_attention_layernorm.weight"),
    _join("pre_feed_forward_norm.weight", "pre_feedforward_layernorm.weight"),
    _join("post_feed_forward_norm.weight", "post_feedforward_layernorm.weight"),
    _join("per_layer_input.gate.weight", "per_layer_input_gate.weight"),
    _join("per_layer_input.projection.weight", "per_layer_projection.weight"),
    _join("per_layer_input.norm.weight", "post_per_layer_input_norm.weight"),
    _join("scale", "layer_scalar"),
    Row("vision.patch_embedder.input_proj.weight", ("vision_tower.patch_embedder.input_proj.weight",)),
    Row("vision.patch_embedder.position_table", ("vision_tower.patch_embedder.position_embedding_table",)),
    Row("vision.std_bias", ("vision_tower.std_bias",)),
    Row("vision.std_scale", ("vision_tower.std_scale",)),
    # clipped linears: their weight and the four bounds
    _vision(
        "attention.qkv_proj.{rest}", "self_attn.q_proj.{rest}", "self_attn.k_proj.{rest}", "self_attn.v_proj.{rest}"
    ),
    _vision("attention.qk_norm", "self_attn.q_norm.weight", "self_attn.k_norm.weight"),
    _vision("attention.{rest}", "self_attn.{rest}"),
    _vision("feed_forward.gate_up_proj.{rest}", "mlp.gate_proj.{rest}", "mlp.up_proj.{rest}"),
    _vision("feed_forward.{rest}", "mlp.{rest}"),
    _vision("input_norm.weight", "input_layernorm.weight"),
    _vision("post_attention_norm.weight", "post_attention_layernorm.weight"),
    _vision("pre_feed_forward_norm.weight", "pre_feedforward_layernorm.weight"),
    _vision("post_feed_forward_norm.weight", "post_feedforward_layernorm.weight"),
    _unified("square_norm.{rest}", "patch_ln1.{rest}"),
    _unified("input_proj.{rest}", "patch_dense.{rest}"),
    _unified("input_norm.{rest}", "patch_ln2.{rest}"),
    _unified("position_table", "pos_embedding"),
    _unified("position_norm.{rest}", "pos_norm.{rest}"),
    Row("vision_projector.linear.weight", ("embed_vision.embedding_projection.weight",)),
    Row("audio.subsampling.first.{rest}", ("audio_tower.subsample_conv_projection.layer0.{rest}",)),
    Row("audio.subsampling.second.{rest}", ("audio_tower.subsample_conv_projection.layer1.{rest}",)),
    Row("audio.subsampling.projection.weight", ("audio_tower.subsample_conv_projection.input_proj_linear.weight",)),
    _audio("first_half.up_proj.{rest}", "feed_forward1.ffw_layer_1.{rest}"),
    _audio("first_half.down_proj.{rest}", "feed_forward1.ffw_layer_2.{rest}"),
    _audio("first_half.pre_norm.weight", "feed_forward1.pre_layer_norm.weight"),
    _audio("first_half.post_norm.weight", "feed_forward1.post_layer_norm.weight"),
    _audio("second_half.up_proj.{rest}", "feed_forward2.ffw_layer_1.{rest}"),
    _audio("second_half.down_proj.{rest}", "feed_forward2.ffw_layer_2.{rest}"),
    _audio("second_half.pre_norm.weight", "feed_forward2.pre_layer_norm.weight"),
    _audio("second_half.post_norm.weight", "feed_forward2.post_layer_norm.weight"),
    _audio("attention.o_proj.{rest}", "self_attn.post.{rest}"),
    _audio(
        "attention.qkv_proj.{rest}", "self_attn.q_proj.{rest}", "self_attn.k_proj.{rest}", "self_attn.v_proj.{rest}"
    ),
    _audio("attention.{rest}", "self_attn.{rest}"),  # relative_k_proj, per_dim_scale
    _audio("light_conv.in_proj.{rest}", "lconv1d.linear_start.{rest}"),
    _audio("light_conv.out_proj.{rest}", "lconv1d.linear_end.{rest}"),
    _audio("light_conv.kernel.weight", "lconv1d.depthwise_conv1d.weight"),
    _audio("light_conv.pre_norm.weight", "lconv1d.pre_layer_norm.weight"),
    _audio("light_conv.conv_norm.weight", "lconv1d.conv_norm.weight"),
    _audio("pre_attention_norm.weight", "norm_pre_attn.weight"),
    _audio("post_attention_norm.weight", "norm_post_attn.weight"),
    _audio("output_norm.weight", "norm_out.weight"),
    Row("audio.output_proj.{rest}", ("audio_tower.output_proj.{rest}",)),  # weight and bias
    Row("audio_projector.linear.weight", ("embed_audio.embedding_projection.weight",)),
    Row("pre_projection.weight", ("pre_projection.weight",)),  # these three of a drafter
    Row("post_projection.weight", ("post_projection.weight",)),
    Row("cluster_head.centroids.weight", ("masked_embedding.centroids.weight",)),
)

# Tables that are only ever gathered: their rows, not the whole, are computed with.
GATHERED = frozenset({"text.per_layer_embeddings.table"})

# How names begin in checkpoints of the decoder alone, of model type gemma4_text.
_TEXT_ALONE = ("embed_tokens", "layers.", "norm.", "per_layer_")

_LAYER_NUMBER = re.compile(r"layers\.(\d+)\.")
_SHARED_KV = re.compile(r"language_model\.layers\.(\d+)\.self_attn\.(k_proj|v_proj|k_norm|v_norm)\.")
_AUDIO_TOWER = re.compile(r"(audio_tower|embed_audio)\.")
_HARMLESS = (
    (re.compile(r".*rotary_emb\."), "rotary frequencies, computed from the config"),
    (re.compile(r"(language_model\.)?lm_head\."), "output head, tied to the embedding"),
    (re.compile(r".*\.(input|output)_(min|max)$"), "clip bounds that the config switches off"),
)


def canonical_name(stored: str) -> str:
    """A stored tensor or module name in the spelling of `ROWS`."""
    name = stored.removeprefix("model.")
    if name.startswith("language_model.model."):
        return "language_model." + name.removeprefix("language_model.model.")
    if name.startswith("embed_vision.p"):  # transformers' own name for it in memory, stored where told to
        return "vision_embedder." + name.removeprefix("embed_vision.")
    if name.startswith(_TEXT_ALONE):
        return f"language_model.{name}"
    return name.replace("embed_vision.multimodal_embedder.", "embed_vision.")


def transformers_name(canonical: str) -> str:
    """The name under which transformers stores a tensor."""
    return f"model.{canonical}"


def mlx_name(canonical: str) -> str:
    """The path of a module in mlx-vlm and mlx-lm, under which `quantization` blocks of config.json list it."""
    if canonical.startswith("language_model."):
        return "language_model.model." + canonical.removeprefix("language_model.")
    return canonical


def source_spellings(parameter: str, config: Gemma4Config) -> tuple[tuple[str, ...], ...]:
    """Canonical names of the tensors that are joined into one parameter of the model.

    There can be several sets of them: transformers' comes first, and the last is the one that packed tensors have.
    """
    for row, pattern in zip(ROWS, _patterns(), strict=True):
        if match := pattern.fullmatch(parameter):
            spellings = [row.theirs, row.converted] if row.converted else [row.theirs]
            if _values_are_keys(parameter, config):
                spellings = [names[:2] for names in spellings]
            return tuple(tuple(name.format(**match.groupdict()) for name in names) for names in spellings)
    raise AssertionError(f"no row of the key map for {parameter}")


def rows_of(shape: tuple[int, ...]) -> int:
    """How many rows a parameter has: of a stack of matrices those of each, of a vector its numbers, of a scalar 0."""
    return shape[max(len(shape) - 2, 0)] if shape else 0


def with_rows(shape: tuple[int, ...], rows: int) -> tuple[int, ...]:
    """The shape of a part of a parameter that has only `rows` of its rows; one number of a vector is a scalar."""
    axis = max(len(shape) - 2, 0)
    if len(shape) == 1 and rows == 1 < shape[0]:
        return ()
    return (*shape[:axis], rows, *shape[axis + 1 :]) if shape else ()


def source_rows(parameter: str, rows: int, config: Gemma4Config, sources: int) -> tuple[int, ...]:
    """How many of the parameter's `rows` come from each of its `sources` tensors."""
    if sources > 1 and parameter.endswith(".qkv_proj.weight"):
        shape = config.text.shape(_layer_of(parameter))
        query, key = config.text.query_heads * shape.head_dim, shape.kv_heads * shape.head_dim
        return (query, key, key)[:sources]
    return (rows // sources,) * sources


def harmless_reason(canonical: str, config: Gemma4Config) -> str | None:
    """Why a stored tensor that no parameter wants may be left unread; None if nothing explains it."""
    if is_spare(canonical, config):
        return "keys and values of layers that borrow another layer's"
    if config.audio is None and _AUDIO_TOWER.match(canonical):
        return "audio tower, of which config.json does not speak"
    return next((reason for pattern, reason in _HARMLESS if pattern.match(canonical)), None)


def is_spare(canonical: str, config: Gemma4Config) -> bool:
    """Whether nobody uses a tensor: Google's checkpoints have keys and values for layers that borrow them."""
    owners = config.text.layers - config.text.borrowing_layers
    match = _SHARED_KV.match(canonical)
    return match is not None and owners <= int(match[1]) < config.text.layers


def _values_are_keys(parameter: str, config: Gemma4Config) -> bool:
    return parameter.endswith(".qkv_proj.weight") and config.text.shape(_layer_of(parameter)).values_are_keys


def _layer_of(parameter: str) -> int:
    match = _LAYER_NUMBER.search(parameter)
    assert match is not None, parameter
    return int(match[1])


@lru_cache(maxsize=1)
def _patterns() -> tuple[re.Pattern[str], ...]:
    groups = {"layer": r"(?P<layer>\d+)", "rest": r"(?P<rest>.+)"}
    return tuple(re.compile(re.sub(r"\\{(\w+)\\}", lambda m: groups[m[1]], re.escape(row.ours))) for row in ROWS)
