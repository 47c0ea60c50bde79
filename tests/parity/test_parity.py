"""Our logits are the reference's on every path: without a cache, through caches, in chunks, after snapshots."""

from __future__ import annotations

import numpy as np
import pytest

from mlx_gemma4.generation.steps import Form
from tests.parity.cases import GREEDY_CASES, GREEDY_LENGTH, SUPPRESSED_IDS, Case, all_cases
from tests.parity.fixtures import compiled_steps, reference_arrays, tiny_model
from tests.parity.paths import PATHS, Path, Prompt, greedy_tokens, largest_difference, without_cache
from tests.parity.tiny_checkpoints import CONFIGS, digest, make_weights

each_case = pytest.mark.parametrize(("name", "case"), all_cases(), ids=lambda part: getattr(part, "name", part))
each_form = pytest.mark.parametrize("form", ["whole", "segments"])


@pytest.mark.parametrize("name", CONFIGS)
def test_the_weights_are_those_of_the_stored_arrays(name: str) -> None:
    assert digest(make_weights(CONFIGS[name])) == reference_arrays(name)["weights_digest"]


@each_case
def test_without_a_cache(name: str, case: Case) -> None:
    reference_LV = reference_arrays(name)[f"logits.{case.name}"]
    logits_LV = without_cache(tiny_model(name), case)
    np.testing.assert_allclose(logits_LV, reference_LV, rtol=0, atol=case.tolerance)
    np.testing.assert_array_equal(logits_LV.argmax(axis=1), reference_LV.argmax(axis=1))


@each_case
@each_form
@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.name)
def test_through_caches(name: str, case: Case, form: Form, path: Path) -> None:
    prompt = Prompt.of(case)
    rows = path.rows(tiny_model(name), compiled_steps(name, form), prompt)
    worst, agreeing, seen = largest_difference(rows, reference_arrays(name)[f"logits.{case.name}"])
    assert worst <= case.tolerance
    assert agreeing == seen >= len(prompt) - prompt.stem


@pytest.mark.parametrize(
    ("name", "case"),
    [(name, case) for name, cases in GREEDY_CASES.items() for case in cases],
    ids=lambda part: getattr(part, "name", part),
)
@each_form
def test_greedy_tokens_are_the_references(name: str, form: Form, case: Case) -> None:
    ids = greedy_tokens(tiny_model(name), compiled_steps(name, form), case, GREEDY_LENGTH)
    np.testing.assert_array_equal(ids, reference_arrays(name)[f"greedy.{case.name}"])


@pytest.mark.parametrize("name", SUPPRESSED_IDS)
@each_form
def test_greedy_tokens_without_suppressed_ones_are_the_references(name: str, form: Form) -> None:
    suppressed_ids = SUPPRESSED_IDS[name]
    for case in GREEDY_CASES[name]:
        arrays = reference_arrays(name)
        assert not set(suppressed_ids).isdisjoint(arrays[f"greedy.{case.name}"].tolist()), "they would be chosen"
        ids = greedy_tokens(tiny_model(name), compiled_steps(name, form, suppressed_ids), case, GREEDY_LENGTH)
        np.testing.assert_array_equal(ids, arrays[f"suppressed.{case.name}"])
