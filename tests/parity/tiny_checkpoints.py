"""Tiny random Gemma 4 checkpoints, made from a seed with numpy alone, equal in every environment.

Nothing in them is trivially zero or one: linears are 1.3 N/√fan_in, embeddings 0.15 N, norms and layer scalars
1 + 0.3 N, clip bounds near ±3 and all different. So a norm left out, a wrong scale or two swapped bounds show.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, TypeAlias

import numpy as np
from numpy.typing import NDArray

from mlx_gemma4.media.log_mel import log_mel
from mlx_gemma4.media.raw_frames import raw_frames
from mlx_gemma4.prompt.prepared import PreparedPicture, PreparedSound
from tests.parity.tiny_numbers import draw, normals, uniforms
from tests.parity.tiny_tensors import PATCH_VALUES, tensors_of

IMAGE_TOKEN_ID = 290
BOI_TOKEN_ID = 291
EOI_TOKEN_ID = 292
AUDIO_TOKEN_ID = 293
BOA_TOKEN_ID = 294
EOA_TOKEN_ID = 295
VIDEO_TOKEN_ID = 296
FIRST_TEXT_ID = 6
LAST_TEXT_ID = 280

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
_AUDIO = {
    "model_type": "gemma4_audio",
    "hidden_size": 32,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "hidden_act": "silu",
    "subsampling_conv_channels": [128, 8],
    "conv_kernel_size": 5,
    "residual_weight": 0.5,
    "attention_chunk_size": 12,
    "attention_context_left": 13,
    "attention_context_right": 0,
    "attention_logit_cap": 50.0,
    "attention_invalid_logits_value": -1e9,
    "use_clipped_linears": True,
    "rms_norm_eps": 1e-6,
    "gradient_clipping": 1e10,
    "output_proj_dims": 64,
}
_TOP = {
    "model_type": "gemma4",
    "architectures": ["Gemma4ForConditionalGeneration"],
    "dtype": "float32",
    "image_token_id": IMAGE_TOKEN_ID,
    "boi_token_id": BOI_TOKEN_ID,
    "eoi_token_id": EOI_TOKEN_ID,
    "audio_token_id": AUDIO_TOKEN_ID,
    "boa_token_id": BOA_TOKEN_ID,
    "eoa_token_index": EOA_TOKEN_ID,
    "video_token_id": VIDEO_TOKEN_ID,
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
    "audio_config": _AUDIO,
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
    # Shorter chunks and kernels than the published ones, a weaker cap, clamps between layers that really clamp.
    "audio_config": _AUDIO
    | {
        "num_attention_heads": 4,
        "conv_kernel_size": 3,
        "residual_weight": 0.3,
        "attention_chunk_size": 4,
        "attention_context_left": 5,
        "attention_logit_cap": 5.0,
        "gradient_clipping": 2.0,
    },
}

# What the big models have and the E models do not: pictures that see themselves, global layers whose values are keys
# and that have other heads, a tower that is standardized, with heads of 72 and without clipping.
_BIG_TEXT = _TEXT | {
    "hidden_size_per_layer_input": 0,
    "num_kv_shared_layers": 0,
    "use_double_wide_mlp": False,
    "num_attention_heads": 8,
    "num_key_value_heads": 4,
    "attention_k_eq_v": True,
    "use_bidirectional_attention": "vision",
}
_BIG_VISION = _VISION | {"head_dim": 72, "num_hidden_layers": 3, "use_clipped_linears": False, "standardize": True}

# Twelve layers sssssf twice; written with the keys of transformers 5.15+.
DENSE_31B_LIKE: dict[str, Any] = _TOP | {
    "text_config": _BIG_TEXT
    | {
        "num_hidden_layers": 12,
        "layer_types": _pattern(5, 5),
        "per_layer_config": {layer: {"head_dim": 32, "num_key_value_heads": 2} for layer in ("05", "11")},
    },
    "vision_config": _BIG_VISION,
}

# Nine layers sssssf ssf with experts, of which a token uses three; written with the keys of transformers before 5.15.
A4B_26B_LIKE: dict[str, Any] = _TOP | {
    "text_config": _BIG_TEXT
    | {
        "num_hidden_layers": 9,
        "layer_types": _pattern(5, 2),
        "global_head_dim": 32,
        "num_global_key_value_heads": 1,
        "enable_moe_block": True,
        "num_experts": 8,
        "top_k_experts": 3,
        "moe_intermediate_size": 32,
    },
    "vision_config": _BIG_VISION,
}

# Twelve layers sssssf twice, one K/V head in global layers, a width of its own for squares; written by transformers
# 5.23, which leaves out what the encoder-free model does not have.
_ONLY_IN_OTHERS = {"hidden_size_per_layer_input", "vocab_size_per_layer_input", "enable_moe_block"}
UNIFIED_12B_LIKE: dict[str, Any] = _TOP | {
    "model_type": "gemma4_unified",
    "architectures": ["Gemma4UnifiedForConditionalGeneration"],
    "text_config": {name: value for name, value in _BIG_TEXT.items() if name not in _ONLY_IN_OTHERS}
    | {
        "model_type": "gemma4_unified_text",
        "num_hidden_layers": 12,
        "layer_types": _pattern(5, 5),
        "per_layer_config": {layer: {"head_dim": 32, "num_key_value_heads": 1} for layer in ("05", "11")},
    },
    "vision_config": {
        "model_type": "gemma4_unified_vision",
        "patch_size": 16,
        "pooling_kernel_size": 3,
        "mm_embed_dim": 48,
        "output_proj_dims": 48,
        "mm_posemb_size": 24,
        "rms_norm_eps": 1e-6,
    },
    "audio_config": {"model_type": "gemma4_unified_audio", "audio_embed_dim": 640, "rms_norm_eps": 1e-6},
}

CONFIGS = {
    "e2b_like": E2B_LIKE,
    "e4b_like": E4B_LIKE,
    "12b_like": UNIFIED_12B_LIKE,
    "31b_like": DENSE_31B_LIKE,
    "26b_like": A4B_26B_LIKE,
}


@dataclass(frozen=True)
class Picture:
    """Random patches in the order a picture gives them.

    Attributes:
        patches_P768: float32 in 0..1.
        positions_P2: int32 (x, y) of each patch.
        soft_tokens: places that it takes in the prompt.
        markers: the ids before, at and after these places.
        token_type: what transformers' processor calls these places in `mm_token_type_ids`.
    """

    markers: ClassVar[tuple[int, int, int]] = (BOI_TOKEN_ID, IMAGE_TOKEN_ID, EOI_TOKEN_ID)
    token_type: ClassVar[int] = 1

    patches_P768: NDArray[np.float32]
    positions_P2: NDArray[np.int32]

    @property
    def soft_tokens(self) -> int:
        """Nine patches are pooled into one soft token."""
        return len(self.positions_P2) // 9

    def prepared(self, start: int) -> PreparedPicture:
        """The picture as our model takes it, at a place in the prompt."""
        return PreparedPicture(self.patches_P768, self.positions_P2, start, self.soft_tokens)


class Frame(Picture):
    """A picture out of a video."""

    markers = (BOI_TOKEN_ID, VIDEO_TOKEN_ID, EOI_TOKEN_ID)
    token_type = 2


@dataclass(frozen=True)
class RawSound:
    """Random samples as the encoder-free model takes them; the other attributes are those of `Picture`.

    Attributes:
        features_TC: float32 [T, 640] in −1..1.
    """

    markers: ClassVar[tuple[int, int, int]] = (BOA_TOKEN_ID, AUDIO_TOKEN_ID, EOA_TOKEN_ID)
    token_type: ClassVar[int] = 3

    features_TC: NDArray[np.float32]

    @property
    def soft_tokens(self) -> int:
        """One for each frame."""
        return len(self.features_TC)

    def prepared(self, start: int) -> PreparedSound:
        """The sound as our model takes it, at a place in the prompt."""
        return PreparedSound(self.features_TC, start, self.soft_tokens)


class MelSound(RawSound):
    """A random sound as E2B and E4B take it; `features_TC` are its log-mel frames [T, 128]."""

    @property
    def soft_tokens(self) -> int:
        """One for four frames, rounded up."""
        return -(-len(self.features_TC) // 4)


Item: TypeAlias = Picture | RawSound


def make_weights(config: dict[str, Any], seed: int = 4) -> dict[str, NDArray[np.float32]]:
    """Every tensor of a checkpoint under transformers' names.

    Args:
        config: one of `CONFIGS`, or a variation of it.
        seed: another seed gives other weights.

    Returns:
        float32 arrays by name; each depends on its own name and the seed only.
    """
    return {name: draw(kind, shape, f"{seed}/{name}") for name, shape, kind in tensors_of(config)}


def make_token_ids(length: int, seed: int = 0) -> NDArray[np.int32]:
    """Text ids int32 [length], none of them special; the first is <bos>."""
    spread = LAST_TEXT_ID - FIRST_TEXT_ID
    ids = FIRST_TEXT_ID + (uniforms(f"ids/{seed}", length) * spread).astype(np.int32)
    ids[0] = 2
    return ids


def make_normals(key: str, shape: tuple[int, ...]) -> NDArray[np.float32]:
    """Normal numbers float32 of a shape, one stream for each key."""
    return normals(key, math.prod(shape)).astype(np.float32).reshape(shape)


def digest(weights: dict[str, NDArray[np.float32]]) -> str:
    """A fingerprint of weights that forgives differences in the last bits of a float."""
    rounded = (f"{name} {np.abs(weights[name].astype(np.float64)).sum():.3f}\n" for name in sorted(weights))
    return hashlib.sha256("".join(rounded).encode()).hexdigest()


def make_picture(columns: int, rows: int, seed: int = 0) -> Picture:
    """A picture of columns × rows patches, both multiples of three, as float32 noise in 0..1."""
    patches = uniforms(f"picture/{seed}/{columns}x{rows}", columns * rows * PATCH_VALUES)
    y, x = np.divmod(np.arange(columns * rows, dtype=np.int32), columns)
    return Picture(patches.astype(np.float32).reshape(-1, PATCH_VALUES), np.stack([x, y], axis=1))


def make_raw_sound(samples: int, seed: int = 0) -> RawSound:
    """A sound of this many samples in the frames that the encoder-free model takes."""
    return RawSound(raw_frames(_noise(samples, seed)))


def make_mel_sound(samples: int, seed: int = 0) -> MelSound:
    """A sound of this many samples as the audio tower takes it."""
    return MelSound(log_mel(_noise(samples, seed)))


def _noise(samples: int, seed: int) -> NDArray[np.float32]:
    """Noise that grows louder, at 16 kHz."""
    waves = (2 * uniforms(f"sound/{seed}/{samples}", samples) - 1) * np.linspace(0.001, 1.0, samples)
    return waves.astype(np.float32)


def make_prompt(media: Sequence[Item], text_length: int, seed: int = 0) -> NDArray[np.int32]:
    """Text, then for each item its markers, placeholders and text again: int32 [L]."""
    placed = [make_token_ids(text_length, seed)]
    for number, item in enumerate(media, start=1):
        before, place, after = item.markers
        block = [before, *[place] * item.soft_tokens, after]
        placed += [np.array(block, dtype=np.int32), make_token_ids(text_length + number, seed + number)[1:]]
    return np.concatenate(placed)
