"""Checkpoints that mlx-vlm and mlx-lm write from one of transformers load to the same function as the original.

The peers' own conversion steps are used: load, cast, quantize, save.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import mlx.core as mx
import numpy as np
import pytest
from mlx.utils import tree_map

from mlx_gemma4.model.gemma4 import Gemma4
from mlx_gemma4.weights.checkpoint import open_checkpoint
from mlx_gemma4.weights.conversion import save_quantized
from mlx_gemma4.weights.loader import load_model
from mlx_gemma4.weights.number_policy import NumberPolicy
from mlx_gemma4.weights.quantization import Packing, pack, unpack
from mlx_gemma4.weights.saving import write_checkpoint
from tests.parity.tiny_checkpoints import make_picture, make_token_ids

pytest.importorskip("mlx_vlm")
pytest.importorskip("mlx_lm")
pytestmark = pytest.mark.filterwarnings("ignore")  # of the peers' dependencies

GROUP = 32
FLOAT32 = NumberPolicy(floats=mx.float32, keep_quantized=False)
PEERS = ("mlx_vlm", "mlx_lm")


def _convert(peer: str, source: Path, target: Path, bits: int | None, dtype: mx.Dtype | None = None) -> None:
    """What the peer's `convert` does, without the tokenizer."""
    from mlx_lm import utils as lm
    from mlx_vlm import utils as vlm

    if peer == "mlx_vlm":
        model = vlm.load_model(source, lazy=True)
        config = json.loads((source / "config.json").read_text())
    else:
        # mlx-lm looks for the vocabulary at the top of config.json.
        model, config = lm.load_model(source, lazy=True, model_config={"vocab_size": 304})
    if dtype is not None:
        model.update(tree_map(lambda array: array.astype(dtype), model.parameters()))
    if bits is not None:
        _, config = lm.quantize_model(model, config, GROUP, bits, quant_predicate=_without_towers)
    if peer == "mlx_vlm":
        vlm.save_weights(target, model)
        vlm.save_config(config, target / "config.json")
    else:
        lm.save_model(target, model)
        lm.save_config(config, target / "config.json")


def _without_towers(path: str, module: object) -> bool | dict[str, Any]:
    """As in the peers: towers stay as they are; and one kind of layer at other bits, as mixed recipes have it."""
    if "vision" in path:
        return False
    return {"group_size": GROUP, "bits": 6} if "v_proj" in path else True


def _expected_values(weights: dict[str, mx.array], bits: int) -> dict[str, mx.array]:
    values = dict(weights)
    for name, array in weights.items():
        if array.ndim == 2 and "vision" not in name:
            values[name] = unpack(pack(array, Packing(6 if "v_proj" in name else bits, GROUP)))
    return values


def _logits(model: Gemma4) -> np.ndarray:
    return np.array(model.logits(make_token_ids(20)))


@pytest.mark.parametrize("peer", PEERS)
def test_a_float32_conversion_gives_the_same_logits(folder: Path, tmp_path: Path, peer: str) -> None:
    _convert(peer, folder, tmp_path / "converted", None)
    stored = open_checkpoint(tmp_path / "converted").tensors
    assert any(name.startswith("language_model.model.") for name in stored)
    ours, _ = load_model(folder)
    theirs, report = load_model(tmp_path / "converted")
    np.testing.assert_array_equal(_logits(theirs), _logits(ours))
    assert (theirs.vision is None) == (peer == "mlx_lm")
    assert report.ignored == {}


def test_the_picture_tower_survives_a_conversion_by_mlx_vlm(folder: Path, tmp_path: Path) -> None:
    _convert("mlx_vlm", folder, tmp_path / "converted", 4)
    picture = make_picture(6, 3)
    patches, positions = mx.array(picture.patches_P768), mx.array(picture.positions_P2)
    ours, theirs = (load_model(path, FLOAT32)[0] for path in (folder, tmp_path / "converted"))
    assert mx.array_equal(ours.encode_picture(patches, positions), theirs.encode_picture(patches, positions))


@pytest.mark.parametrize("peer", PEERS)
@pytest.mark.parametrize("bits", [4, 8])
def test_a_quantized_conversion_is_the_function_of_its_dequantized_values(
    folder: Path, tmp_path: Path, config: dict[str, Any], weights: dict[str, mx.array], peer: str, bits: int
) -> None:
    _convert(peer, folder, tmp_path / "converted", bits)
    write_checkpoint(tmp_path / "values", _expected_values(weights, bits), config)
    ours, _ = load_model(tmp_path / "values", FLOAT32)
    theirs, _ = load_model(tmp_path / "converted", FLOAT32)
    np.testing.assert_array_equal(_logits(theirs), _logits(ours))


def test_a_bfloat16_conversion_is_read_in_float32(folder: Path, tmp_path: Path) -> None:
    _convert("mlx_vlm", folder, tmp_path / "converted", None, mx.bfloat16)
    theirs, _ = load_model(tmp_path / "converted", FLOAT32)
    ours, _ = load_model(folder)
    difference = np.abs(_logits(theirs) - _logits(ours)).max()
    assert 1e-4 < difference < 0.5


@pytest.mark.parametrize("bits", [4, 8])
def test_mlx_vlm_reads_what_we_save(folder: Path, tmp_path: Path, bits: int) -> None:
    from mlx_vlm import utils as vlm

    def choose(name: str, shape: tuple[int, ...]) -> Packing | None:
        return None if "vision" in name else Packing(8 if "v_proj" in name else bits, GROUP)

    save_quantized(folder, tmp_path / "packed", choose)
    theirs = vlm.load_model(tmp_path / "packed")
    ours, _ = load_model(tmp_path / "packed", FLOAT32)
    ids = make_token_ids(20)
    their_logits = np.array(theirs.language_model(mx.array(ids)[None]).logits[0])
    np.testing.assert_allclose(their_logits, _logits(ours), rtol=0, atol=2e-4)
