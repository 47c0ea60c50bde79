"""A model that decodes with all Metal kernels gives the logits of one that uses none."""

from __future__ import annotations

import mlx.core as mx
import numpy as np
import pytest

from mlx_gemma4.generation.session import Session
from mlx_gemma4.generation.steps import default_form
from mlx_gemma4.kernels import backend, choice
from mlx_gemma4.model.config import Gemma4Config
from mlx_gemma4.model.layers import norms
from mlx_gemma4.model.text import attention, packed_attention
from mlx_gemma4.prompt.prepared import Prepared
from mlx_gemma4.protocol.kv_packing import KVPacking
from tests.kernels.shim.patched import OnCPU
from tests.unit.generation.test_packed_kv import assert_nearer_to_packed
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
