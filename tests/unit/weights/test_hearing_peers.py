"""Audio towers survive the conversions of mlx-vlm, whose convolution kernels lie another way, and hear as there."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import mlx.core as mx
import numpy as np
import pytest

from mlx_gemma4.model.config import Gemma4Config
from mlx_gemma4.model.gemma4 import Gemma4
from mlx_gemma4.weights.checkpoint import open_checkpoint
from mlx_gemma4.weights.conversion import save_unquantized
from mlx_gemma4.weights.loader import load_model
from mlx_gemma4.weights.number_policy import NumberPolicy
from mlx_gemma4.weights.quantization import Packing
from mlx_gemma4.weights.saving import transformers_tensors, write_checkpoint
from tests.parity.tiny_checkpoints import E2B_LIKE, make_normals
from tests.unit.tiny_models import random_model
from tests.unit.tiny_tokenizer import build_tokenizer, marker_ids, write_tokenizer_files
from tests.unit.weights.peer_conversions import GROUP, convert

pytest.importorskip("mlx_vlm")
pytestmark = pytest.mark.filterwarnings("ignore")  # of the peer's dependencies

FLOAT32 = NumberPolicy(floats=mx.float32, keep_quantized=False)
PACKED = NumberPolicy(floats=mx.float32, keep_quantized=True)
KERNEL = "audio_tower.subsample_conv_projection.layer1.conv.weight"
FORMATS: dict[str, dict[str, Any]] = {
    "as it is": {},
    "4 bits": {"quantize": True, "q_bits": 4, "q_group_size": GROUP},
    "mxfp8": {"quantize": True, "q_mode": "mxfp8", "q_group_size": None, "q_bits": None},
}


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny E2B that hears, under transformers' names and with its kernels."""
    folder = tmp_path_factory.mktemp("hearing")
    write_tokenizer_files(folder)
    rows = build_tokenizer().get_vocab_size()
    config = E2B_LIKE | marker_ids() | {"vocab_size": rows}
    config["text_config"] = E2B_LIKE["text_config"] | {"vocab_size": rows, "vocab_size_per_layer_input": rows}
    config["audio_config"] = {
        "model_type": "gemma4_audio",
        "hidden_size": 64,
        "num_hidden_layers": 2,
        "num_attention_heads": 2,
        "subsampling_conv_channels": [128, 4],
        "output_proj_dims": 32,
    }
    write_checkpoint(folder, transformers_tensors(random_model(Gemma4Config.from_dict(config))), config)
    return folder


@pytest.fixture(scope="module")
def converted(source: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """The folder of mlx-vlm's conversion, made once for each format."""
    return cache(
        lambda kind: convert("mlx_vlm", source, tmp_path_factory.mktemp("converted") / "model", **FORMATS[kind])
    )


def mel(frames: int = 90) -> mx.array:
    """Random frames of 128 bands."""
    return mx.array(make_normals(f"mel/{frames}", (frames, 128)))


def heard(model: Gemma4) -> np.ndarray:
    return np.array(model.encode_sound(mel()))


def test_kernels_are_stored_in_two_layouts_and_read_as_one(source: Path, converted: Callable[[str], Path]) -> None:
    shapes = [
        next(info.shape for name, info in open_checkpoint(folder).tensors.items() if name.endswith(KERNEL))
        for folder in (source, converted("as it is"))
    ]
    assert shapes == [(4, 128, 3, 3), (4, 3, 3, 128)]
    np.testing.assert_array_equal(heard(load_model(converted("as it is"))[0]), heard(load_model(source)[0]))


@pytest.mark.parametrize("kind", ["4 bits", "mxfp8"])
def test_a_quantized_conversion_keeps_the_tower_and_packs_its_projector(
    source: Path, converted: Callable[[str], Path], kind: str
) -> None:
    model, report = load_model(converted(kind), PACKED)
    assert isinstance(report.packed["audio_projector.linear"], Packing)
    assert not any(module.startswith("audio.") for module in report.packed)
    original = load_model(source)[0]
    assert model.audio is not None
    assert original.audio is not None
    assert mx.array_equal(model.audio(mel()), original.audio(mel()))


@pytest.mark.parametrize("kind", FORMATS)
def test_a_conversion_hears_what_mlx_vlm_hears(converted: Callable[[str], Path], kind: str) -> None:
    from mlx_vlm import utils as vlm

    theirs = vlm.load_model(converted(kind))
    encoded, padding = theirs.audio_tower(mel()[None], mx.zeros((1, 90), dtype=mx.bool_))
    assert not padding.any().item()
    expected = np.array(theirs.embed_audio(encoded)[0])
    np.testing.assert_allclose(heard(load_model(converted(kind), PACKED)[0]), expected, rtol=0, atol=1e-4)


def test_an_unquantized_copy_of_a_conversion_has_transformers_kernels_again(
    source: Path, converted: Callable[[str], Path], tmp_path: Path
) -> None:
    save_unquantized(converted("4 bits"), tmp_path / "values")
    copied, original = open_checkpoint(tmp_path / "values").tensors, open_checkpoint(source).tensors
    assert {name: info.shape for name, info in copied.items()} == {name: info.shape for name, info in original.items()}
    found, expected = load_model(tmp_path / "values")[0], load_model(converted("4 bits"), FLOAT32)[0]
    np.testing.assert_allclose(heard(found), heard(expected), rtol=0, atol=1e-5)
