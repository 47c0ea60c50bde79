"""A model that decodes with all Metal kernels gives the logits of one that uses none."""

from __future__ import annotations

from dataclasses import replace

import mlx.core as mx
import numpy as np
import pytest

from mlx_gemma4.generation.session import Session
from mlx_gemma4.generation.speculative import Speculation, speculate
from mlx_gemma4.generation.steps import default_form
from mlx_gemma4.kernels import backend, choice
from mlx_gemma4.model.config import Gemma4Config
from mlx_gemma4.model.layers import norms
from mlx_gemma4.model.text import attention, packed_attention
from mlx_gemma4.prompt.prepared import Prepared
from mlx_gemma4.protocol.kv_packing import KVPacking
from mlx_gemma4.protocol.requests import GREEDY
from tests.kernels.shim.patched import OnCPU
from tests.unit.generation.test_packed_kv import assert_nearer_to_packed
from tests.unit.generation.test_speculative import Oracle
from tests.unit.tiny_models import PLAIN, TINY, full_logits, random_ids, random_model


@pytest.fixture
def on_metal(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every choice between forms is made as on a Mac where all kernels are on."""
    for module in (norms, attention, packed_attention, backend):
        monkeypatch.setattr(module, "on_cpu", lambda: False)
    monkeypatch.setattr(choice, "backend", lambda: "metal")
    monkeypatch.setenv(choice.VARIABLE, "all")


@pytest.mark.usefixtures("on_metal")
@pytest.mark.parametrize("config", [TINY, pytest.param(PLAIN, marks=pytest.mark.full)], ids=["tiny", "plain"])
def test_decoding_with_kernels_gives_the_logits_of_the_full_sequence(config: Gemma4Config, on_cpu: OnCPU) -> None:
    model, ids = random_model(config), random_ids(24)
    mx.disable_compile()  # a traced kernel cannot be run at once
    try:
        session = Session(model, chunk=16)
        list(session.prefill(Prepared(ids[:20])))
        logits = [np.array(session.next_logits())]
        for token_id in ids[20:]:
            session.accept(int(token_id))
            logits.append(np.array(session.next_logits()))
    finally:
        mx.enable_compile()
    assert default_form() == "whole"
    assert {kernel.name.removeprefix("custom_kernel_").split("__")[0] for kernel in on_cpu.seen} >= USED
    np.testing.assert_allclose(np.stack(logits), full_logits(model, Prepared(ids))[19:], atol=2e-4)


@pytest.mark.parametrize("config", [TINY, pytest.param(PLAIN, marks=pytest.mark.full)], ids=["tiny", "plain"])
def test_blocks_of_guesses_with_kernels_give_the_tokens_of_plain_decoding(
    config: Gemma4Config, on_cpu: OnCPU, request: pytest.FixtureRequest
) -> None:
    sliding = replace(config.text.sliding, head_dim=32)  # one that the kernel takes
    config = replace(config, text=replace(config.text, sliding=sliding))
    session = Session(random_model(config), chunk=16)
    list(session.prefill(Prepared(random_ids(20))))
    snapshot = session.snapshot()
    plain = list(session.decode(GREEDY, frozenset(), 9))
    request.getfixturevalue("on_metal")
    mx.disable_compile()
    try:
        guessing = Session(session.model, chunk=16)
        guessing.restore(session.fork(snapshot).snapshot())
        speculation = Speculation(Oracle(20, plain, 0.7), fixed_length=3)
        assert list(speculate(guessing, speculation, GREEDY, frozenset(), 9)) == plain
    finally:
        mx.enable_compile()
    calls = [kernel.call for kernel in on_cpu.seen if "attention" in kernel.name]
    assert len(calls) == speculation.runs * config.text.layers
    assert {"_32_16_1_" in call for call in calls} == {True, False}  # rows behind a ring of 16, and global ones


USED = {"attention_whole_0_0"}


@pytest.mark.full
@pytest.mark.usefixtures("on_metal")
def test_decoding_over_packed_rows_with_kernels_gives_the_logits_of_rows_packed_and_unpacked(on_cpu: OnCPU) -> None:
    model, ids = random_model(), random_ids(24)
    mx.disable_compile()
    try:
        session = Session(model, chunk=16, packing=KVPacking(8))
        list(session.prefill(Prepared(ids)))
        logits = np.array(session.next_logits())[None]
    finally:
        mx.enable_compile()
    assert any(kernel.name.startswith("custom_kernel_attention_whole_8_32") for kernel in on_cpu.seen)
    assert_nearer_to_packed(logits, model, Prepared(ids), 8, slice(-1, None))
