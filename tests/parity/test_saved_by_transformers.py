"""Folders that transformers' own `save_pretrained` writes load here, bit by bit. Runs in the parity environment."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import save_file

from mlx_gemma4.model.gemma4 import Gemma4
from mlx_gemma4.weights.checkpoint import INDEX_NAME, open_checkpoint
from mlx_gemma4.weights.loader import load_model
from tests.parity.cases import CASES, TEXT_TOLERANCE
from tests.parity.fixtures import tiny_model
from tests.parity.tiny_checkpoints import CONFIGS, make_token_ids, make_weights

torch = pytest.importorskip("torch")


def logits(model: Gemma4) -> np.ndarray:
    """Of a text longer than the window."""
    return np.array(model.logits(make_token_ids(40)))


@pytest.fixture(scope="module")
def reference(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Any]:
    """The reference model of a tiny checkpoint."""
    from tests.parity.reference import load_reference

    @cache
    def load(name: str) -> Any:
        folder = tmp_path_factory.mktemp(name)
        (folder / "config.json").write_text(json.dumps(CONFIGS[name]))
        save_file(make_weights(CONFIGS[name]), folder / "model.safetensors", metadata={"format": "pt"})
        return load_reference(folder)

    return load


@pytest.mark.parametrize("name", CONFIGS)
@pytest.mark.parametrize("shard", ["10GB", "300KB"])
def test_what_save_pretrained_writes_comes_back_bit_by_bit(
    reference: Callable[[str], Any], tmp_path: Path, name: str, shard: str
) -> None:
    reference(name).save_pretrained(tmp_path, max_shard_size=shard)
    assert (tmp_path / INDEX_NAME).exists() == (shard == "300KB")
    stored = open_checkpoint(tmp_path).tensors
    expected = {tensor: values.shape for tensor, values in make_weights(CONFIGS[name]).items()}
    assert {tensor: info.shape for tensor, info in stored.items()} == expected
    model, report = load_model(tmp_path)
    assert not report.ignored
    assert not report.absent
    assert model.config == tiny_model(name).config
    np.testing.assert_array_equal(logits(model), logits(tiny_model(name)))


@pytest.mark.parametrize("name", ["e2b_like", "31b_like", "12b_like", "26b_like"])
def test_a_decoder_saved_alone_is_the_same_decoder(reference: Callable[[str], Any], tmp_path: Path, name: str) -> None:
    import transformers

    whole = reference(name)
    kind = "Gemma4UnifiedForCausalLM" if name == "12b_like" else "Gemma4ForCausalLM"
    alone = getattr(transformers, kind)(whole.config.text_config)
    alone.model.load_state_dict(whole.model.language_model.state_dict())
    alone.save_pretrained(tmp_path)
    model, report = load_model(tmp_path)
    assert model.vision is None
    assert not report.ignored
    np.testing.assert_array_equal(logits(model), logits(tiny_model(name)))


@pytest.mark.parametrize("name", CONFIGS)
def test_sixteen_bits_are_read_as_transformers_reads_them(
    reference: Callable[[str], Any], tmp_path: Path, name: str
) -> None:
    from tests.parity.reference import load_reference, reference_logits

    rounded = load_reference(Path(reference(name).name_or_path)).to(torch.bfloat16)
    rounded.save_pretrained(tmp_path)
    case = CASES[name][0]
    expected = reference_logits(load_reference(tmp_path), case.token_ids, case.items)
    found = np.array(load_model(tmp_path)[0].logits(case.token_ids))
    np.testing.assert_allclose(found, expected, rtol=0, atol=TEXT_TOLERANCE)
