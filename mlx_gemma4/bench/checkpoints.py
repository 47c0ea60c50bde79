"""The checkpoints that bench measures on: random ones of a fixed seed, and the tour model in float32."""

import json
import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import mlx.core as mx
from mlx.utils import tree_unflatten

from mlx_gemma4.model.config import Gemma4Config
from mlx_gemma4.model.gemma4 import Gemma4
from mlx_gemma4.weights.conversion import save_unquantized
from mlx_gemma4.weights.parameters import flat_parameters
from mlx_gemma4.weights.saving import transformers_tensors, write_checkpoint

SEED = 20_260_402
TOUR = Path(__file__).parents[2] / "resources" / "tour"


@dataclass(frozen=True)
class BenchCheckpoint:
    """A named checkpoint and how to write it into a folder."""

    name: str
    about: str
    write: Callable[[Path], None]


def _text_config(**sizes: int) -> dict[str, Any]:
    """E2B's shape at toy scale: 15 layers ssssf, more than half of them reading another layer's keys and values."""
    layers = 15
    return {
        "model_type": "gemma4_text",
        "num_hidden_layers": layers,
        "layer_types": (["sliding_attention"] * 4 + ["full_attention"]) * (layers // 5),
        "num_attention_heads": 4,
        "num_key_value_heads": 1,
        "num_global_key_value_heads": None,
        "head_dim": 64,
        "global_head_dim": 128,
        "num_kv_shared_layers": 8,
        "use_double_wide_mlp": True,
        "sliding_window": 128,
        "vocab_size_per_layer_input": sizes["vocab_size"],
        "rms_norm_eps": 1e-6,
        "final_logit_softcapping": 30.0,
        "hidden_activation": "gelu_pytorch_tanh",
        "max_position_embeddings": 8192,
        "tie_word_embeddings": True,
        "attention_bias": False,
        "attention_k_eq_v": False,
        "enable_moe_block": False,
        "use_bidirectional_attention": None,
        "pad_token_id": 0,
        "eos_token_id": 1,
        "bos_token_id": 2,
        "rope_parameters": {
            "sliding_attention": {"rope_type": "default", "rope_theta": 10_000.0},
            "full_attention": {"rope_type": "proportional", "partial_rotary_factor": 0.25, "rope_theta": 1_000_000.0},
        },
        **sizes,
    }


def _config(text: dict[str, Any]) -> dict[str, Any]:
    """A whole config.json; its picture tower is as small as one can be, for the peer that insists on one."""
    last = text["vocab_size"] - 1
    return {
        "model_type": "gemma4",
        "architectures": ["Gemma4ForConditionalGeneration"],
        "dtype": "float32",
        "vocab_size": text["vocab_size"],
        "image_token_id": last,
        "boi_token_id": last - 1,
        "eoi_token_id": last - 2,
        "audio_token_id": last - 3,
        "boa_token_id": last - 4,
        "eoa_token_index": last - 5,
        "video_token_id": last - 6,
        "audio_config": None,
        "tie_word_embeddings": True,
        "text_config": text,
        "vision_config": {
            "model_type": "gemma4_vision",
            "hidden_size": 64,
            "intermediate_size": 128,
            "num_hidden_layers": 1,
            "num_attention_heads": 1,
            "num_key_value_heads": 1,
            "head_dim": 64,
            "hidden_activation": "gelu_pytorch_tanh",
            "rms_norm_eps": 1e-6,
            "patch_size": 16,
            "pooling_kernel_size": 3,
            "position_embedding_size": 64,
            "use_clipped_linears": False,
            "standardize": False,
            "rope_parameters": {"rope_theta": 100.0, "rope_type": "default"},
        },
    }


def write_random(config: dict[str, Any], folder: Path) -> None:
    """A float32 checkpoint of `config` from the fixed seed: norms are 1, matrices keep what they multiply in size."""
    model = Gemma4(Gemma4Config.from_dict(config))
    mx.random.seed(SEED)
    drawn = [
        (path, mx.random.normal(array.shape) / math.sqrt(array.shape[-1]) if array.ndim > 1 else mx.ones(array.shape))
        for path, array in sorted(flat_parameters(model).items())
    ]
    model.update(tree_unflatten(drawn))
    write_checkpoint(folder, transformers_tensors(model), config)


def _write_tour(folder: Path) -> None:
    """The bundled model, every matrix in float32, so that all three compute with the same numbers."""
    save_unquantized(TOUR, folder)
    path = folder / "config.json"
    config = json.loads(path.read_text(encoding="utf-8"))
    config["vocab_size"] = config["text_config"]["vocab_size"]  # mlx-lm takes 262,144 where this is missing
    path.write_text(json.dumps(config), encoding="utf-8")


RANDOM_15M = _config(
    _text_config(hidden_size=256, intermediate_size=512, vocab_size=6144, hidden_size_per_layer_input=16)
)
RANDOM_262K = _config(
    _text_config(hidden_size=256, intermediate_size=512, vocab_size=262_144, hidden_size_per_layer_input=8)
)


def available() -> list[BenchCheckpoint]:
    """The random 15 M-parameter model, the same with Gemma's vocabulary, and the tour model if it is there."""
    checkpoints = [
        BenchCheckpoint("random-15m", "15 M parameters, vocabulary 6,144", partial(write_random, RANDOM_15M)),
        BenchCheckpoint("random-262k", "hidden size 256, vocabulary 262,144", partial(write_random, RANDOM_262K)),
    ]
    if (TOUR / "model.safetensors").exists():
        checkpoints.append(BenchCheckpoint("tour", "the bundled model in float32", _write_tour))
    return checkpoints
