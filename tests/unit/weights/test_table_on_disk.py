"""A table of per-layer embeddings that stays on the disk gives the numbers of one in memory, or says what is wrong."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import mlx.core as mx
import numpy as np
import pytest

from mlx_gemma4.generation.session import Session
from mlx_gemma4.generation.speculative import Speculation, speculate
from mlx_gemma4.generation.steps import Form
from mlx_gemma4.model.gemma4 import Gemma4
from mlx_gemma4.prompt.prepared import Prepared
from mlx_gemma4.protocol.errors import CheckpointError
from mlx_gemma4.protocol.requests import GREEDY, SamplingSettings
from mlx_gemma4.weights.conversion import save_quantized
from mlx_gemma4.weights.loader import load_model
from mlx_gemma4.weights.number_policy import NumberPolicy
from mlx_gemma4.weights.parameters import flat_parameters
from mlx_gemma4.weights.quantization import Packing
from mlx_gemma4.weights.saving import write_checkpoint
from tests.parity.tiny_checkpoints import IMAGE_TOKEN_ID, make_token_ids
from tests.unit.generation.test_speculative import Oracle
from tests.unit.weights.conftest import text_logits

STORED = NumberPolicy(floats=None, keep_quantized=True)
FLOAT32 = NumberPolicy(floats=mx.float32, keep_quantized=False)
TABLE = "text.per_layer_embeddings.table.weight"
WARM = SamplingSettings(seed=3)

Write = Callable[[Path, dict[str, mx.array], dict[str, Any]], None]


def plainly(dtype: mx.Dtype, **options: Any) -> Write:
    def write(folder: Path, weights: dict[str, mx.array], config: dict[str, Any]) -> None:
        write_checkpoint(folder, {name: array.astype(dtype) for name, array in weights.items()}, config, **options)

    return write


def packed(packing: Packing, floats: mx.Dtype) -> Write:
    def write(folder: Path, weights: dict[str, mx.array], config: dict[str, Any]) -> None:
        write_checkpoint(folder.with_name("plain"), weights, config)
        save_quantized(folder.with_name("plain"), folder, lambda name, shape: packing, floats=floats)

    return write


FORMATS = {
    "float32": plainly(mx.float32),
    "bfloat16": plainly(mx.bfloat16),
    "float16": plainly(mx.float16),
    "shards": plainly(mx.bfloat16, shard_bytes=300_000),
    "4 bits": packed(Packing(4, 32), mx.bfloat16),
    "8 bits": packed(Packing(8, 32), mx.float16),
    "mxfp4": packed(Packing(4, 32, "mxfp4"), mx.bfloat16),
}


def both(folder: Path, policy: NumberPolicy = FLOAT32) -> tuple[Gemma4, Gemma4]:
    """The model with its table in memory, and on the disk."""
    return load_model(folder, policy)[0], load_model(folder, policy, map_ple=True)[0]


@pytest.mark.parametrize("policy", [STORED, FLOAT32], ids=["as stored", "float32"])
@pytest.mark.parametrize("kind", FORMATS)
def test_logits_are_the_same_bit_by_bit_in_every_format(
    tmp_path: Path, weights: dict[str, mx.array], config: dict[str, Any], kind: str, policy: NumberPolicy
) -> None:
    FORMATS[kind](tmp_path / "model", weights, config)
    in_memory, on_disk = (model.logits(make_token_ids(20)) for model in both(tmp_path / "model", policy))
    assert mx.array_equal(in_memory, on_disk)


def test_the_report_says_what_is_left_on_the_disk(folder: Path) -> None:
    (whole, all_of_it), (lean, rest) = load_model(folder), load_model(folder, map_ple=True)
    table = flat_parameters(whole)[TABLE].nbytes
    assert TABLE not in flat_parameters(lean)
    assert (rest.disk_bytes, rest.nbytes) == (table, all_of_it.nbytes - table)
    assert all_of_it.disk_bytes == 0 and rest.tensors == all_of_it.tensors


@pytest.mark.parametrize("form", ["whole", "segments"])
@pytest.mark.parametrize("sampling", [GREEDY, WARM], ids=["greedy", "warm"])
def test_tokens_are_the_same_also_with_guesses_and_after_a_snapshot(
    folder: Path, form: Form, sampling: SamplingSettings
) -> None:
    answers = []
    for model in both(folder):
        session = Session(model, form=form, chunk=100)
        list(session.prefill(Prepared(make_token_ids(140))))  # a chunk of so many rows is read by several threads
        snapshot = session.snapshot()
        plain = list(session.decode(sampling, frozenset(), 24))
        session.restore(snapshot)
        guessed = speculate(session, Speculation(Oracle(140, plain, 0.7), fixed_length=3), sampling, frozenset(), 24)
        answers += [plain, list(guessed)]
        list(session.prefill(Prepared(make_token_ids(7, seed=2))))
        answers.append(np.array(session.next_logits()).tolist())
    assert len(answers[0]) == 24
    assert answers[0] == answers[1] == answers[3] == answers[4]
    assert answers[2] == answers[5]


def test_a_placeholder_that_the_model_wrote_is_padding_here_too(folder: Path) -> None:
    found = []
    for model in both(folder):
        session = Session(model)
        list(session.prefill(Prepared(make_token_ids(9))))
        session.accept(IMAGE_TOKEN_ID)
        found.append(np.array(session.next_logits()))
    np.testing.assert_array_equal(*found)


def test_loading_takes_no_memory_for_it(tmp_path: Path, weights: dict[str, mx.array], config: dict[str, Any]) -> None:
    rows, (name, old) = 40_000, next(item for item in weights.items() if "embed_tokens_per_layer" in item[0])
    weights[name] = mx.random.normal((rows, old.shape[1]))
    config["text_config"]["vocab_size_per_layer_input"] = rows
    write_checkpoint(tmp_path / "plain", weights, config)
    save_quantized(tmp_path / "plain", tmp_path / "model", lambda name, shape: Packing(4, 32))
    del weights
    peaks = []
    for map_ple in (False, True):
        mx.clear_cache()
        before = mx.get_active_memory()
        mx.reset_peak_memory()
        model, report = load_model(tmp_path / "model", STORED, map_ple=map_ple)
        session = Session(model)
        list(session.prefill(Prepared(make_token_ids(40))))
        list(session.decode(GREEDY, frozenset(), 4))
        peaks.append(mx.get_peak_memory() - before)
        disk_bytes = report.disk_bytes
        del model, session
    assert disk_bytes > 0.5 * peaks[0]
    assert peaks[0] - peaks[1] > 0.9 * disk_bytes


def test_a_file_that_is_replaced_is_read_as_it_was(folder: Path) -> None:
    model, _ = load_model(folder, map_ple=True)
    expected, file = text_logits(model), folder / "model.safetensors"
    beside = folder / "other"
    beside.write_bytes(bytes(file.stat().st_size))
    os.replace(beside, file)
    np.testing.assert_array_equal(text_logits(model), expected)
    file.unlink()
    np.testing.assert_array_equal(text_logits(model), expected)


def cut(file: Path) -> None:
    os.truncate(file, file.stat().st_size // 8)


def scribble(file: Path) -> None:
    with file.open("r+b") as stream:
        stream.seek(-64, os.SEEK_END)
        stream.write(bytes(64))
    os.utime(file, ns=(1, 1))


@pytest.mark.parametrize("spoil", [cut, scribble])
def test_a_file_that_changes_is_an_error_that_says_so_and_the_session_stays_whole(
    folder: Path, spoil: Callable[[Path], None]
) -> None:
    model, _ = load_model(folder, map_ple=True)
    session = Session(model)
    list(session.prefill(Prepared(make_token_ids(20))))
    answer = session.decode(GREEDY, frozenset(), 20)
    next(answer)
    length = session.length
    spoil(folder / "model.safetensors")
    with pytest.raises(CheckpointError, match="changed since the model was loaded") as caught:
        list(answer)
    assert caught.value.code == "checkpoint.changed" and "Load the model again" in caught.value.hint
    with pytest.raises(CheckpointError):
        list(session.prefill(Prepared(make_token_ids(5))))
    assert session.length - length <= 1 and session.caches.length == session.length - 1


def test_a_read_that_comes_up_short_is_the_same_error(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    model, _ = load_model(folder, map_ple=True)
    monkeypatch.setattr(os, "pread", lambda descriptor, nbytes, start: b"\0" * (nbytes - 1))
    with pytest.raises(CheckpointError, match="shorter than when the model was loaded"):
        text_logits(model)

    def gone(*_: object) -> bytes:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(os, "pread", gone)
    with pytest.raises(CheckpointError, match="cannot be read any more"):
        text_logits(model)
