"""What other backends compute, as far as a CPU can tell: the same numbers, and their dtype."""

from __future__ import annotations

import mlx.core as mx
import numpy as np
import pytest
from mlx import nn

from mlx_gemma4.generation.session import Session
from mlx_gemma4.generation.soft_tokens import encode
from mlx_gemma4.generation.steps import FORM_OF_BACKEND, Form
from mlx_gemma4.kernels import choice
from mlx_gemma4.model.config import Gemma4Config
from mlx_gemma4.model.layers import norms
from mlx_gemma4.model.text import attention
from mlx_gemma4.prompt.prepared import Prepared
from mlx_gemma4.protocol.requests import GREEDY
from tests.unit.tiny_models import (
    EXPERTS,
    TINY,
    UNIFIED,
    full_logits,
    mixed_prompt,
    picture_prompt,
    random_ids,
    random_model,
)

FORMS = ["whole", "segments"]
TYPES = [(TINY, picture_prompt()), (UNIFIED, mixed_prompt()), (EXPERTS, picture_prompt())]
each_type = pytest.mark.parametrize(("config", "prompt"), TYPES, ids=["with towers", "encoder-free", "experts"])
without_experts = pytest.mark.parametrize(("config", "prompt"), TYPES[:2], ids=["with towers", "encoder-free"])
"""The CPU has no products of gathered 16-bit matrices."""


@pytest.fixture
def other_backend(monkeypatch: pytest.MonkeyPatch) -> None:
    """Makes every choice between forms as on a GPU."""
    for module in (norms, attention):
        monkeypatch.setattr(module, "on_cpu", lambda: False)
    monkeypatch.setattr(choice, "backend", lambda: "metal")


@pytest.mark.usefixtures("other_backend")
@pytest.mark.parametrize("form", FORMS)
def test_the_forms_for_gpus_give_the_logits_of_the_full_sequence(form: Form) -> None:
    model, ids = random_model(), random_ids(40)
    session = Session(model, form=form, chunk=16)
    list(session.prefill(Prepared(ids[:21])))
    logits = [np.array(session.next_logits())]
    for token_id in ids[21:]:
        session.accept(int(token_id))
        logits.append(np.array(session.next_logits()))
    np.testing.assert_allclose(np.stack(logits), full_logits(model, Prepared(ids))[20:], atol=2e-4)


@pytest.mark.usefixtures("other_backend")
@without_experts
@pytest.mark.parametrize("form", FORMS)
def test_bfloat16_weights_are_computed_in_bfloat16_from_end_to_end(
    config: Gemma4Config, prompt: Prepared, form: Form
) -> None:
    model = random_model(config)
    exact = full_logits(model, prompt)
    model.set_dtype(mx.bfloat16)
    soft = [encode(model, item) for item in prompt.media]
    logits = model.logits(prompt.token_ids, soft)
    assert {logits.dtype, *(block.soft_SD.dtype for block in soft)} == {mx.bfloat16}
    session = Session(model, form=form, chunk=16)
    list(session.prefill(prompt))
    assert session.next_logits().dtype == mx.float32
    assert {array.dtype for array in session.caches.arrays()} == {mx.bfloat16}
    # roundings of ten layers; logits of another prompt are 1.4 away
    assert np.abs(np.array(session.next_logits()) - exact[-1]).mean() < 0.6


@pytest.mark.usefixtures("other_backend")
@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("config", [TINY, EXPERTS], ids=["tiny", "experts"])
def test_quantized_linears_decode_as_in_the_full_sequence(form: Form, config: Gemma4Config) -> None:
    model = random_model(config)
    nn.quantize(
        model.text,
        group_size=32,
        bits=8,
        class_predicate=lambda _, module: hasattr(module, "to_quantized") and module.weight.shape[-1] % 32 == 0,
    )
    ids = random_ids(30)
    session = Session(model, form=form, chunk=16)
    list(session.prefill(Prepared(ids)))
    np.testing.assert_allclose(np.array(session.next_logits()), full_logits(model, Prepared(ids))[-1], atol=2e-4)


def test_metal_runs_segments_and_the_others_whole_steps() -> None:
    assert FORM_OF_BACKEND == {"cpu": "whole", "cuda": "whole", "metal": "segments"}


def test_greedy_answers_do_not_depend_on_the_form_of_the_backend(other_backend: None) -> None:
    model, answers = random_model(), []
    for form in FORMS:
        session = Session(model, form="whole" if form == "whole" else "segments")
        list(session.prefill(Prepared(random_ids(20))))
        answers.append(list(session.decode(GREEDY, frozenset(), 20)))
    assert answers[0] == answers[1]
