"""Tiny random Gemma 4 checkpoints, made from a seed with numpy alone, equal in every environment.

Nothing in them is trivially zero or one: linears are 1.3 N/√fan_in, embeddings 0.15 N, norms and layer scalars
1 + 0.3 N, clip bounds near ±3 and all different. So a norm left out, a wrong scale or two swapped bounds show.
"""

from __future__ import annotations

import hashlib
import math
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

IMAGE_TOKEN_ID = 290
BOI_TOKEN_ID = 291
EOI_TOKEN_ID = 292
FIRST_TEXT_ID = 6
LAST_TEXT_ID = 280
PATCH_VALUES = 768
CLIP_BOUNDS = {"input_min": -2.5, "input_max": 3.0, "output_min": -3.2, "output_max": 2.7}

_TEXT = {
    "model_type": "gemma4_text",
    "vocab_size": 304,
    "vocab_size_per_layer_input": 304,
    "hidden_size": 64,
    "intermediate_size": 96,
    "num_attention_heads": 4,
    "head_dim": 16,
    "hidden_size_per_layer_input": 32,
    "num_kv_shared_layers": 5,
    "sliding_window": 16,
    "rms_norm_eps": 1e-6,
    "final_logit_softcapping": 30.0,
    "hidden_activation": "gelu_pytorch_tanh",
    "max_position_embeddings": 4096,
    "tie_word_embeddings": True,
    "attention_k_eq_v": False,
    "enable_moe_block": False,
    "use_bidirectional_attention": None,
    "pad_token_id": 0,
    "eos_token_id": 1,
    "bos_token_id": 2,
    "rope_parameters": {
        "sliding_attention": {"rope_type": "default", "rope_theta": 10000.0},
        "full_attention": {"rope_type": "proportional", "partial_rotary_factor": 0.25, "rope_theta": 1000000.0},
    },
}
_VISION = {
    "model_type": "gemma4_vision",
    "hidden_size": 32,
    "intermediate_size": 64,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "num_key_value_heads": 2,
    "head_dim": 16,
    "hidden_activation": "gelu_pytorch_tanh",
    "rms_norm_eps": 1e-6,
    "patch_size": 16,
    "pooling_kernel_size": 3,
    "position_embedding_size": 48,
    "use_clipped_linears": True,
    "standardize": False,
    "rope_parameters": {"rope_theta": 100.0, "rope_type": "default"},
}
_TOP = {
    "model_type": "gemma4",
    "architectures": ["Gemma4ForConditionalGeneration"],
    "dtype": "float32",
    "image_token_id": IMAGE_TOKEN_ID,
    "boi_token_id": BOI_TOKEN_ID,
    "eoi_token_id": EOI_TOKEN_ID,
    "audio_token_id": 293,
    "boa_token_id": 294,
    "eoa_token_index": 295,
    "video_token_id": 296,
    "audio_config": None,
    "tie_word_embeddings": True,
}


def _pattern(*runs: int) -> list[str]:
    """Runs of sliding layers, each closed by a global one."""
    return [kind for run in runs for kind in ("sliding_attention",) * run + ("full_attention",)]


# Ten layers ssssf twice, one K/V head, double-wide shared MLPs; written with the keys of transformers before 5.15.
E2B_LIKE: dict[str, Any] = _TOP | {
    "text_config": _TEXT
    | {
        "num_hidden_layers": 10,
        "layer_types": _pattern(4, 4),
        "num_key_value_heads": 1,
        "global_head_dim": 32,
        "num_global_key_value_heads": None,
        "use_double_wide_mlp": True,
    },
    "vision_config": _VISION,
}

# Twelve layers sssssf twice, two K/V heads, a padding id other than 0; written with the keys of transformers 5.15+.
E4B_LIKE: dict[str, Any] = _TOP | {
    "text_config": _TEXT
    | {
        "num_hidden_layers": 12,
        "layer_types": _pattern(5, 5),
        "num_key_value_heads": 2,
        "num_kv_shared_layers": 4,
        "use_double_wide_mlp": False,
        "pad_token_id": 5,
        "per_layer_config": {"05": {"head_dim": 32}, "11": {"head_dim": 32}},
    },
    "vision_config": _VISION | {"head_dim": 8, "num_attention_heads": 4, "num_key_value_heads": 4},
}

CONFIGS = {"e2b_like": E2B_LIKE, "e4b_like": E4B_LIKE}


@dataclass(frozen=True)
class Picture:
    """Random patches in the order a picture gives them.

    Attributes:
        patches_P768: float32 in 0..1.
        positions_P2: int32 (x, y) of each patch.
        soft_tokens: places that it takes in the prompt.
    """

    patches_P768: NDArray[np.float32]
    positions_P2: NDArray[np.int32]

    @property
    def soft_tokens(self) -> int:
        """Nine patches are pooled into one soft token."""
        return len(self.positions_P2) // 9


def make_weights(config: dict[str, Any], seed: int = 4) -> dict[str, NDArray[np.float32]]:
    """Every tensor of a checkpoint under transformers' names.

    Args:
        config: one of `CONFIGS`, or a variation of it.
        seed: another seed gives other weights.

    Returns:
        float32 arrays by name; each depends on its own name and the seed only.
    """
    return {
        name: _draw(kind, shape, _normals(f"{seed}/{name}", math.prod(shape)).reshape(shape))
        for name, shape, kind in _tensors(config)
    }


def make_token_ids(length: int, seed: int = 0) -> NDArray[np.int32]:
    """Text ids int32 [length], none of them special; the first is <bos>."""
    spread = LAST_TEXT_ID - FIRST_TEXT_ID
    ids = FIRST_TEXT_ID + (_uniforms(f"ids/{seed}", length) * spread).astype(np.int32)
    ids[0] = 2
    return ids


def make_normals(key: str, shape: tuple[int, ...]) -> NDArray[np.float32]:
    """Normal numbers float32 of a shape, one stream for each key."""
    return _normals(key, math.prod(shape)).astype(np.float32).reshape(shape)


def digest(weights: dict[str, NDArray[np.float32]]) -> str:
    """A fingerprint of weights that forgives differences in the last bits of a float."""
    rounded = (f"{name} {np.abs(weights[name].astype(np.float64)).sum():.3f}\n" for name in sorted(weights))
    return hashlib.sha256("".join(rounded).encode()).hexdigest()


def make_picture(columns: int, rows: int, seed: int = 0) -> Picture:
    """A picture of columns × rows patches, both multiples of three, as float32 noise in 0..1."""
    patches = _uniforms(f"picture/{seed}/{columns}x{rows}", columns * rows * PATCH_VALUES)
    y, x = np.divmod(np.arange(columns * rows, dtype=np.int32), columns)
    return Picture(patches.astype(np.float32).reshape(-1, PATCH_VALUES), np.stack([x, y], axis=1))


def make_picture_prompt(pictures: list[Picture], text_length: int, seed: int = 0) -> NDArray[np.int32]:
    """Text, then for each picture its markers, placeholders and text again: int32 [L]."""
    placed = [make_token_ids(text_length, seed)]
    for number, picture in enumerate(pictures, start=1):
        block = [BOI_TOKEN_ID, *[IMAGE_TOKEN_ID] * picture.soft_tokens, EOI_TOKEN_ID]
        placed += [np.array(block, dtype=np.int32), make_token_ids(text_length + number, seed + number)[1:]]
    return np.concatenate(placed)


def _tensors(config: dict[str, Any]) -> Iterator[tuple[str, tuple[int, ...], str]]:
    """(name, shape, kind) of each tensor; kind is linear, embedding, scale or the name of a clip bound."""
    yield from _text_tensors(config["text_config"])
    if config["vision_config"] is not None:
        yield from _vision_tensors(config["vision_config"])
        shape = (config["text_config"]["hidden_size"], config["vision_config"]["hidden_size"])
        yield "model.embed_vision.embedding_projection.weight", shape, "linear"


def _text_tensors(text: dict[str, Any]) -> Iterator[tuple[str, tuple[int, ...], str]]:
    top, hidden, layers = "model.language_model", text["hidden_size"], text["num_hidden_layers"]
    per_layer = text["hidden_size_per_layer_input"]
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


def _layer_tensors(text: dict[str, Any], index: int) -> Iterator[tuple[str, tuple[int, ...], str]]:
    hidden, per_layer = text["hidden_size"], text["hidden_size_per_layer_input"]
    is_shared = index >= text["num_hidden_layers"] - text["num_kv_shared_layers"]
    head_dim = 32 if text["layer_types"][index] == "full_attention" else text["head_dim"]
    query, key = text["num_attention_heads"] * head_dim, text["num_key_value_heads"] * head_dim
    mlp = text["intermediate_size"] * (2 if is_shared and text["use_double_wide_mlp"] else 1)
    yield "self_attn.q_proj.weight", (query, hidden), "linear"
    yield "self_attn.q_norm.weight", (head_dim,), "scale"
    yield "self_attn.o_proj.weight", (hidden, query), "linear"
    if not is_shared:
        yield "self_attn.k_proj.weight", (key, hidden), "linear"
        yield "self_attn.v_proj.weight", (key, hidden), "linear"
        yield "self_attn.k_norm.weight", (head_dim,), "scale"
    yield "mlp.gate_proj.weight", (mlp, hidden), "linear"
    yield "mlp.up_proj.weight", (mlp, hidden), "linear"
    yield "mlp.down_proj.weight", (hidden, mlp), "linear"
    for norm in ("input", "post_attention", "pre_feedforward", "post_feedforward"):
        yield f"{norm}_layernorm.weight", (hidden,), "scale"
    yield "layer_scalar", (1,), "scale"
    if per_layer:
        yield "per_layer_input_gate.weight", (per_layer, hidden), "linear"
        yield "per_layer_projection.weight", (hidden, per_layer), "linear"
        yield "post_per_layer_input_norm.weight", (hidden,), "scale"


def _vision_tensors(vision: dict[str, Any]) -> Iterator[tuple[str, tuple[int, ...], str]]:
    top, hidden, mlp = "model.vision_tower", vision["hidden_size"], vision["intermediate_size"]
    attention = vision["num_attention_heads"] * vision["head_dim"]
    yield f"{top}.patch_embedder.input_proj.weight", (hidden, PATCH_VALUES), "linear"
    yield f"{top}.patch_embedder.position_embedding_table", (2, vision["position_embedding_size"], hidden), "embedding"
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
            yield f"{layer}.{norm}.weight", (vision["head_dim"],), "scale"


def _draw(kind: str, shape: tuple[int, ...], normals: NDArray[np.float64]) -> NDArray[np.float32]:
    if kind == "linear":
        values = 1.3 * normals / math.sqrt(shape[1])
    elif kind == "embedding":
        values = 0.15 * normals
    elif kind == "scale":
        values = 1.0 + 0.3 * normals
    else:
        values = CLIP_BOUNDS[kind] * (1.0 + 0.05 * normals)
    return np.asarray(values, dtype=np.float32)


def _normals(key: str, count: int) -> NDArray[np.float64]:
    """Box-Muller on raw generator bits: numpy keeps those stable between versions, unlike its normal()."""
    radius, angle = _uniforms(key, 2 * count).reshape(2, count)
    return np.sqrt(-2.0 * np.log1p(-radius)) * np.cos(2.0 * np.pi * angle)


def _uniforms(key: str, count: int) -> NDArray[np.float64]:
    """Uniform numbers in [0, 1) with 53 bits."""
    bits = np.random.PCG64(zlib.crc32(key.encode())).random_raw(count)
    return (bits >> np.uint64(11)) * 2.0**-53
