"""What mlx-vlm's and mlx-lm's own `convert` write loads here to the function that the peer computes from it.

And the other way round: what `mlx-gemma4 convert` writes, the peers read.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import mlx.core as mx
import numpy as np
import pytest

from mlx_gemma4.bench.jobs import Job
from mlx_gemma4.bench.prompts import make_prompt
from mlx_gemma4.bench.random_folder import write_random_folder
from mlx_gemma4.bench.sizes import SIZES, shrunk
from mlx_gemma4.generation.soft_tokens import encode
from mlx_gemma4.model.gemma4 import Gemma4
from mlx_gemma4.weights.checkpoint import open_checkpoint
from mlx_gemma4.weights.conversion import plan_quantized, save_unquantized
from mlx_gemma4.weights.loader import load_model
from mlx_gemma4.weights.number_policy import NumberPolicy
from mlx_gemma4.weights.quantization import BLOCK_FLOAT_MODES, Packing
from mlx_gemma4.weights.recipe import protecting
from tests.parity.tiny_checkpoints import CONFIGS, make_picture, make_token_ids
from tests.unit.weights.peer_conversions import GROUP, Peer, convert, peer_logits, write_source

pytest.importorskip("mlx_vlm")
pytest.importorskip("mlx_lm")
pytestmark = pytest.mark.filterwarnings("ignore")  # of the peers' dependencies

FLOAT32 = NumberPolicy(floats=mx.float32, keep_quantized=False)
PACKED = NumberPolicy(floats=mx.float32, keep_quantized=True)
RESOURCES = Path(__file__).parents[3] / "resources" / "tour"
PEERS: tuple[Peer, ...] = ("mlx_vlm", "mlx_lm")

# From the peer's own logits, computed with packed weights as the peer does. Unpacked, ours are more exact than those of
# block floats: the peers, and MLX, hand rows of a packed table out in bfloat16.
TOLERANCE = 5e-5
ROUNDED_TOLERANCE = 0.1


def _mixed(path: str, module: object) -> bool | dict[str, Any]:
    """A mixed recipe: MLPs at 8 bits, values in smaller groups, one layer's and the towers' matrices not at all."""
    if not hasattr(module, "to_quantized") or "layers.2." in path or "vision" in path or "audio" in path:
        return False
    if "mlp" in path or "router" in path:
        return {"group_size": GROUP, "bits": 8}
    return {"group_size": GROUP, "bits": 6} if "v_proj" in path else True


# What the peers are told, and how far from the unquantized model this may take all logits: their least cosine.
FORMATS: dict[str, tuple[dict[str, Any], float]] = {
    "4 bits": ({"q_bits": 4, "q_group_size": GROUP}, 0.78),
    "8 bits": ({"q_bits": 8, "q_group_size": GROUP}, 0.99),
    "mixed": ({"q_bits": 4, "q_group_size": GROUP, "quant_predicate": _mixed}, 0.78),
    "mlx-vlm's mixed_4_8": ({"q_bits": 4, "q_group_size": 64, "quant_predicate": "mixed_4_8"}, 0.78),
    "mxfp4": ({"q_mode": "mxfp4", "q_group_size": None, "q_bits": None}, 0.65),
    "mxfp8": ({"q_mode": "mxfp8", "q_group_size": None, "q_bits": None}, 0.93),
    "nvfp4": ({"q_mode": "nvfp4", "q_group_size": None, "q_bits": None}, 0.7),
}
EVERY_FORMAT = ("e2b_like", "26b_like")
CASES = [
    (peer, name, kind)
    for peer in PEERS
    for name in CONFIGS
    for kind in (FORMATS if name in EVERY_FORMAT else ("4 bits",))
    if not (peer == "mlx_lm" and "vlm" in kind)
]


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """The folder of a tiny checkpoint, written once."""
    return cache(lambda name: write_source(name, tmp_path_factory.mktemp(name) / "source"))


@pytest.fixture(scope="module")
def converted(source: Callable[[str], Path], tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """The folder of a peer's conversion, made once."""

    @cache
    def make(peer: Peer, name: str, kind: str) -> Path:
        target = tmp_path_factory.mktemp("converted") / "target"
        return convert(peer, source(name), target, quantize=True, **FORMATS[kind][0])

    return make


def _logits(model: Gemma4, tokens: int = 20) -> np.ndarray:
    return np.array(model.logits(make_token_ids(tokens)))


def _cosine(one: np.ndarray, other: np.ndarray) -> float:
    return float((one * other).sum() / np.linalg.norm(one) / np.linalg.norm(other))


def _soft_tokens(model: Gemma4) -> mx.array:
    picture = make_picture(6, 3)
    return model.encode_picture(mx.array(picture.patches_P768), mx.array(picture.positions_P2))


@pytest.mark.parametrize(("peer", "name", "kind"), CASES)
def test_a_quantized_conversion_is_the_function_that_the_peer_computes(
    source: Callable[[str], Path], converted: Callable[..., Path], peer: Peer, name: str, kind: str
) -> None:
    folder = converted(peer, name, kind)
    expected, original = peer_logits(peer, folder), _logits(load_model(source(name))[0])
    packed, unpacked = (_logits(load_model(folder, policy)[0]) for policy in (PACKED, FLOAT32))
    np.testing.assert_allclose(packed, expected, rtol=0, atol=TOLERANCE)
    rounded = kind in BLOCK_FLOAT_MODES and CONFIGS[name]["text_config"]["hidden_size_per_layer_input"] > 0
    np.testing.assert_allclose(unpacked, expected, rtol=0, atol=ROUNDED_TOLERANCE if rounded else TOLERANCE)
    assert FORMATS[kind][1] < _cosine(unpacked, original) < 0.9999


@pytest.mark.parametrize("peer", PEERS)
@pytest.mark.parametrize("name", CONFIGS)
def test_an_unquantized_conversion_gives_the_same_logits(
    source: Callable[[str], Path], tmp_path: Path, peer: Peer, name: str
) -> None:
    folder = convert(peer, source(name), tmp_path / "converted")
    stored = open_checkpoint(folder).tensors
    assert any(tensor.startswith("language_model.model.") for tensor in stored)
    ours, _ = load_model(source(name))
    theirs, report = load_model(folder)
    np.testing.assert_array_equal(_logits(theirs), _logits(ours))
    assert (theirs.vision is None) == (peer == "mlx_lm")
    assert report.ignored == {}
    if theirs.vision is not None:
        assert mx.array_equal(_soft_tokens(theirs), _soft_tokens(ours))


@pytest.mark.parametrize("name", CONFIGS)
def test_towers_survive_a_quantized_conversion_by_mlx_vlm(
    source: Callable[[str], Path], converted: Callable[..., Path], name: str
) -> None:
    ours, theirs = (load_model(folder, FLOAT32)[0] for folder in (source(name), converted("mlx_vlm", name, "4 bits")))
    assert mx.array_equal(_soft_tokens(theirs), _soft_tokens(ours))


def test_a_bfloat16_conversion_is_read_in_float32(source: Callable[[str], Path], tmp_path: Path) -> None:
    folder = convert("mlx_vlm", source("e2b_like"), tmp_path / "converted", dtype="bfloat16")
    difference = np.abs(_logits(load_model(folder, FLOAT32)[0]) - _logits(load_model(source("e2b_like"))[0])).max()
    assert 1e-4 < difference < 0.5


@pytest.mark.parametrize("bits", [None, 4])
@pytest.mark.parametrize("size", ["E2B", "12B"])
def test_the_sound_that_mlx_vlm_converts_is_heard(tmp_path: Path, size: str, bits: int | None) -> None:
    """It packs the projector behind the audio tower, and turns the tower's convolution kernels."""
    write_random_folder(shrunk(SIZES[size]), tmp_path / "source", lambda _name, _shape: None, mx.float32)
    shutil.copy(RESOURCES / "tokenizer.json", tmp_path / "source")
    settings = {"quantize": True, "q_bits": bits, "q_group_size": 64} if bits else {}
    folder = convert("mlx_vlm", tmp_path / "source", tmp_path / "converted", **settings)
    prompt = make_prompt(Job("sound", 20, 1, sound_seconds=1.0), 1, shrunk(SIZES[size]))
    ours, theirs = (load_model(where, FLOAT32)[0] for where in (tmp_path / "source", folder))
    heard, original = (np.array(encode(model, prompt.media[0]).soft_SD) for model in (theirs, ours))
    if bits is None:
        np.testing.assert_array_equal(heard, original)
    assert _cosine(heard, original) > 0.98
    save_unquantized(folder, tmp_path / "values")
    copied, stored = (open_checkpoint(tmp_path / name).tensors for name in ("values", "source"))
    assert {name: info.shape for name, info in copied.items()} == {name: info.shape for name, info in stored.items()}


@pytest.mark.parametrize("spelling", ["model.language_model.layers", "language_model.layers", "somewhere.else.layers"])
def test_overrides_are_read_in_any_spelling(converted: Callable[..., Path], tmp_path: Path, spelling: str) -> None:
    folder = converted("mlx_vlm", "e2b_like", "mixed")
    config = json.loads((folder / "config.json").read_text())
    block = config["quantization"]
    assert block["language_model.model.layers.0.mlp.up_proj"] == {"group_size": GROUP, "bits": 8}
    spelled = {path.replace("language_model.model.layers", spelling): value for path, value in block.items()}
    spelled[f"{spelling}.2.mlp.up_proj"] = False
    (tmp_path / "model.safetensors").symlink_to(folder / "model.safetensors")
    (tmp_path / "config.json").write_text(
        json.dumps(config | {"quantization": spelled, "quantization_config": spelled})
    )
    np.testing.assert_array_equal(_logits(load_model(tmp_path)[0]), _logits(load_model(folder)[0]))


@pytest.mark.parametrize("peer", PEERS)
@pytest.mark.parametrize("name", CONFIGS)
@pytest.mark.parametrize("mode", ["affine", *BLOCK_FLOAT_MODES])
def test_the_peers_read_what_we_convert(
    source: Callable[[str], Path], tmp_path: Path, peer: Peer, name: str, mode: str
) -> None:
    packing = Packing(4, GROUP) if mode == "affine" else Packing(*BLOCK_FLOAT_MODES[mode], mode)
    for _ in plan_quantized(source(name), tmp_path / "packed", protecting(packing)).write_new():
        pass
    ours, _ = load_model(tmp_path / "packed", PACKED)
    np.testing.assert_allclose(_logits(ours), peer_logits(peer, tmp_path / "packed"), rtol=0, atol=TOLERANCE)
    kind = "4 bits" if mode == "affine" else mode
    assert _cosine(_logits(ours), _logits(load_model(source(name))[0])) > FORMATS[kind][1]


@pytest.mark.parametrize("name", CONFIGS)
def test_an_unquantized_copy_of_a_conversion_has_transformers_names_and_shapes(
    source: Callable[[str], Path], converted: Callable[..., Path], tmp_path: Path, name: str
) -> None:
    folder = converted("mlx_vlm", name, "4 bits")
    save_unquantized(folder, tmp_path / "values")
    copied, original = open_checkpoint(tmp_path / "values").tensors, open_checkpoint(source(name)).tensors
    assert {tensor: info.shape for tensor, info in copied.items()} == {t: info.shape for t, info in original.items()}
    found, expected = load_model(tmp_path / "values")[0], load_model(folder, FLOAT32)[0]
    np.testing.assert_allclose(_logits(found), _logits(expected), rtol=0, atol=1e-5)
