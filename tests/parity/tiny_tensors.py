"""Which tensors a tiny checkpoint has under transformers' names: (name, shape, kind), read off its config.

`kind` says how a tensor is drawn: see `tiny_numbers.draw`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypeAlias

from tests.parity.tiny_numbers import CLIP_BOUNDS

PATCH_VALUES = 768

Tensor: TypeAlias = tuple[str, tuple[int, ...], str]


def tensors_of(config: dict[str, Any]) -> Iterator[Tensor]:
    """Every tensor of a checkpoint."""
    text, vision = config["text_config"], config["vision_config"]
    yield from _text_tensors(text)
    if config["model_type"] == "gemma4_unified":
        yield from _unified_tensors(text, vision, config["audio_config"])
    elif vision is not None:
        yield from _vision_tensors(vision)
        shape = (text["hidden_size"], vision["hidden_size"])
        yield "model.embed_vision.embedding_projection.weight", shape, "linear"
    if config["model_type"] == "gemma4" and config["audio_config"] is not None:
        yield from _audio_tensors(text, config["audio_config"])


def _text_tensors(text: dict[str, Any]) -> Iterator[Tensor]:
    top, hidden, layers = "model.language_model", text["hidden_size"], text["num_hidden_layers"]
    per_layer = text.get("hidden_size_per_layer_input")
    yield f"{top}.embed_tokens.weight", (text["vocab_size"], hidden), "embedding"
    yield f"{top}.norm.weight", (hidden,), "scale"
    if per_layer:
        table = (text["vocab_size_per_layer_input"], layers * per_layer)
        yield f"{top}.embed_tokens_per_layer.weight", table, "embedding"
        yield f"{top}.per_layer_model_projection.weight", (layers * per_layer, hidden), "linear"
        yield f"{top}.per_layer_projection_norm.weight", (per_layer,), "scale"
    for index in range(layers):
        for name, shape, kind in _layer_tensors(text, index):
            yield f"{top}.layers.{index}.{name}", shape, kind


def _layer_tensors(text: dict[str, Any], index: int) -> Iterator[Tensor]:
    hidden, per_layer = text["hidden_size"], text.get("hidden_size_per_layer_input")
    is_shared = index >= text["num_hidden_layers"] - text["num_kv_shared_layers"]
    mlp = text["intermediate_size"] * (2 if is_shared and text["use_double_wide_mlp"] else 1)
    yield from _attention_tensors(text, index, is_shared)
    yield "mlp.gate_proj.weight", (mlp, hidden), "linear"
    yield "mlp.up_proj.weight", (mlp, hidden), "linear"
    yield "mlp.down_proj.weight", (hidden, mlp), "linear"
    for norm in ("input", "post_attention", "pre_feedforward", "post_feedforward"):
        yield f"{norm}_layernorm.weight", (hidden,), "scale"
    yield "layer_scalar", (1,), "scale"
    if text.get("enable_moe_block"):
        yield from _mixture_tensors(text)
    if per_layer:
        yield "per_layer_input_gate.weight", (per_layer, hidden), "linear"
        yield "per_layer_projection.weight", (hidden, per_layer), "linear"
        yield "post_per_layer_input_norm.weight", (hidden,), "scale"


def _attention_tensors(text: dict[str, Any], index: int, is_shared: bool) -> Iterator[Tensor]:
    hidden, is_global = text["hidden_size"], text["layer_types"][index] == "full_attention"
    head_dim, kv_heads = global_heads(text) if is_global else (text["head_dim"], text["num_key_value_heads"])
    query, key = text["num_attention_heads"] * head_dim, kv_heads * head_dim
    yield "self_attn.q_proj.weight", (query, hidden), "linear"
    yield "self_attn.q_norm.weight", (head_dim,), "scale"
    yield "self_attn.o_proj.weight", (hidden, query), "linear"
    if is_shared:
        return
    yield "self_attn.k_proj.weight", (key, hidden), "linear"
    yield "self_attn.k_norm.weight", (head_dim,), "scale"
    if not (is_global and text["attention_k_eq_v"]):
        yield "self_attn.v_proj.weight", (key, hidden), "linear"


def global_heads(text: dict[str, Any]) -> tuple[int, int]:
    """(head dim, kv heads) of global layers, in either spelling of text configs."""
    for override in text.get("per_layer_config", {}).values():
        return override["head_dim"], override.get("num_key_value_heads", text["num_key_value_heads"])
    return text["global_head_dim"], text["num_global_key_value_heads"] or text["num_key_value_heads"]


def _mixture_tensors(text: dict[str, Any]) -> Iterator[Tensor]:
    hidden, experts, width = text["hidden_size"], text["num_experts"], text["moe_intermediate_size"]
    yield "router.proj.weight", (experts, hidden), "router"
    yield "router.scale", (hidden,), "scale"
    yield "router.per_expert_scale", (experts,), "scale"
    yield "experts.gate_up_proj", (experts, 2 * width, hidden), "linear"
    yield "experts.down_proj", (experts, hidden, width), "linear"
    for norm in ("post_feedforward_layernorm_1", "post_feedforward_layernorm_2", "pre_feedforward_layernorm_2"):
        yield f"{norm}.weight", (hidden,), "scale"


def _vision_tensors(vision: dict[str, Any]) -> Iterator[Tensor]:
    top, hidden, mlp = "model.vision_tower", vision["hidden_size"], vision["intermediate_size"]
    attention = vision["num_attention_heads"] * vision["head_dim"]
    yield f"{top}.patch_embedder.input_proj.weight", (hidden, PATCH_VALUES), "linear"
    yield f"{top}.patch_embedder.position_embedding_table", (2, vision["position_embedding_size"], hidden), "embedding"
    if vision["standardize"]:
        yield f"{top}.std_bias", (hidden,), "bias"
        yield f"{top}.std_scale", (hidden,), "scale"
    linears = dict.fromkeys(("self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj"), (attention, hidden))
    linears |= {"self_attn.o_proj": (hidden, attention), "mlp.down_proj": (hidden, mlp)}
    linears |= {"mlp.gate_proj": (mlp, hidden), "mlp.up_proj": (mlp, hidden)}
    for index in range(vision["num_hidden_layers"]):
        layer = f"{top}.encoder.layers.{index}"
        for name, shape in linears.items():
            yield f"{layer}.{name}.linear.weight", shape, "linear"
            if vision["use_clipped_linears"]:
                yield from ((f"{layer}.{name}.{bound}", (), bound) for bound in CLIP_BOUNDS)
        for norm in ("input", "post_attention", "pre_feedforward", "post_feedforward"):
            yield f"{layer}.{norm}_layernorm.weight", (hidden,), "scale"
        for norm in ("self_attn.q_norm", "self_attn.k_norm"):
            yield f"{layer}.{norm}.weight", (vision["head_dim"],), "head_scale"


def _unified_tensors(text: dict[str, Any], vision: dict[str, Any], audio: dict[str, Any]) -> Iterator[Tensor]:
    """What the encoder-free model has in place of towers."""
    top, width, square = "model.vision_embedder", vision["mm_embed_dim"], 9 * PATCH_VALUES
    yield f"{top}.patch_dense.weight", (width, square), "linear"
    yield f"{top}.patch_dense.bias", (width,), "bias"
    yield f"{top}.pos_embedding", (vision["mm_posemb_size"], 2, width), "bias"
    for norm, size in (("patch_ln1", square), ("patch_ln2", width), ("pos_norm", width)):
        yield f"{top}.{norm}.weight", (size,), "scale"
        yield f"{top}.{norm}.bias", (size,), "bias"
    yield "model.embed_vision.embedding_projection.weight", (text["hidden_size"], width), "linear"
    yield "model.embed_audio.embedding_projection.weight", (text["hidden_size"], audio["audio_embed_dim"]), "linear"


def _audio_tensors(text: dict[str, Any], audio: dict[str, Any]) -> Iterator[Tensor]:
    top, hidden, (first, second) = "model.audio_tower", audio["hidden_size"], audio["subsampling_conv_channels"]
    subsampling = f"{top}.subsample_conv_projection"
    yield f"{subsampling}.layer0.conv.weight", (first, 1, 3, 3), "kernel"
    yield f"{subsampling}.layer1.conv.weight", (second, first, 3, 3), "kernel"
    yield f"{subsampling}.layer0.norm.weight", (first,), "scale"
    yield f"{subsampling}.layer1.norm.weight", (second,), "scale"
    yield f"{subsampling}.input_proj_linear.weight", (hidden, first // 4 * second), "linear"
    for index in range(audio["num_hidden_layers"]):
        for name, shape, kind in _conformer_tensors(audio):
            yield f"{top}.layers.{index}.{name}", shape, kind
    yield f"{top}.output_proj.weight", (audio["output_proj_dims"], hidden), "linear"
    yield f"{top}.output_proj.bias", (audio["output_proj_dims"],), "bias"
    yield "model.embed_audio.embedding_projection.weight", (text["hidden_size"], audio["output_proj_dims"]), "linear"


def _conformer_tensors(audio: dict[str, Any]) -> Iterator[Tensor]:
    hidden = audio["hidden_size"]
    linears = {f"self_attn.{name}": (hidden, hidden) for name in ("q_proj", "k_proj", "v_proj", "post")}
    linears |= {"lconv1d.linear_start": (2 * hidden, hidden), "lconv1d.linear_end": (hidden, hidden)}
    for half in ("feed_forward1", "feed_forward2"):
        linears |= {f"{half}.ffw_layer_1": (4 * hidden, hidden), f"{half}.ffw_layer_2": (hidden, 4 * hidden)}
        yield f"{half}.pre_layer_norm.weight", (hidden,), "scale"
        yield f"{half}.post_layer_norm.weight", (hidden,), "scale"
    for name, shape in linears.items():
        yield f"{name}.linear.weight", shape, "linear"
        if audio["use_clipped_linears"]:
            yield from ((f"{name}.{bound}", (), bound) for bound in CLIP_BOUNDS)
    yield "self_attn.relative_k_proj.weight", (hidden, hidden), "linear"
    yield "self_attn.per_dim_scale", (hidden // audio["num_attention_heads"],), "bias"
    yield "lconv1d.depthwise_conv1d.weight", (hidden, 1, audio["conv_kernel_size"]), "kernel"
    for norm in ("lconv1d.pre_layer_norm", "lconv1d.conv_norm", "norm_pre_attn", "norm_post_attn", "norm_out"):
        yield f"{norm}.weight", (hidden,), "scale"
