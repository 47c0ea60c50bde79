"""Soft tokens take the place of their placeholders, one for one."""

from __future__ import annotations

import mlx.core as mx
import numpy as np
import pytest

from mlx_gemma4.model.soft_token_merge import SoftTokens, check_placeholders
from mlx_gemma4.protocol.errors import PromptError
from tests.unit.tiny_models import IMAGE, random_ids, random_model

MEDIA = (IMAGE, 291, 292)


def ids(text: str) -> np.ndarray:
    """`.` is a text token, `#` a picture marker."""
    return np.array([IMAGE if letter == "#" else 7 for letter in text], dtype=np.int32)


@pytest.mark.parametrize("spans", [[range(1, 3), range(5, 6)], [range(5, 6), range(1, 3)]])
def test_spans_that_match_the_markers_pass_in_any_order(spans: list[range]) -> None:
    check_placeholders(ids(".##..#."), MEDIA, spans)


@pytest.mark.parametrize(
    ("text", "spans", "reason"),
    [
        (".##.", [], "2 media placeholders for 0 soft tokens; they first differ at token 1"),
        (".##.", [range(1, 2)], "2 media placeholders for 1"),
        (".#..", [range(1, 3)], "1 media placeholders for 2"),
        (".##.", [range(2)], "first differ at token 0"),
        (".##.", [range(1, 3), range(2, 3)], "overlap"),
        (".##", [range(1, 4)], "outside of 3 tokens"),
    ],
)
def test_any_mismatch_is_an_error(text: str, spans: list[range], reason: str) -> None:
    with pytest.raises(PromptError, match=reason):
        check_placeholders(ids(text), MEDIA, spans)


def test_markers_of_other_media_need_soft_tokens_too() -> None:
    with pytest.raises(PromptError, match="1 media placeholders"):
        check_placeholders(np.array([7, 291, 7], dtype=np.int32), MEDIA, [])


def test_soft_tokens_are_not_scaled_and_text_is() -> None:
    model = random_model()
    tokens = random_ids(5)
    tokens[2] = IMAGE
    soft = mx.random.normal((1, 64), key=mx.random.key(0))
    embedded, gathered = model.embed(tokens, [SoftTokens(2, soft)])
    np.testing.assert_array_equal(np.array(embedded[2]), np.array(soft[0]))
    np.testing.assert_allclose(np.array(embedded[1]), np.array(model.text.embed_tokens.weight[int(tokens[1])]) * 8)
    assert gathered.tolist() == [*tokens[:2], 0, *tokens[3:]]


def test_logits_of_a_prompt_with_an_unfilled_marker_are_refused() -> None:
    tokens = random_ids(5)
    tokens[2] = IMAGE
    with pytest.raises(PromptError):
        random_model().logits(tokens)
