"""Requests: a value without a meaning is refused in a sentence that names it."""

from __future__ import annotations

from typing import Any

import pytest

from mlx_gemma4.protocol.errors import RequestError
from mlx_gemma4.protocol.parts import Tool
from mlx_gemma4.protocol.requests import Ask, SamplingSettings


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"max_tokens": 0}, "max_tokens is 0"),
        ({"max_soft_tokens": 99}, "99 soft tokens"),
        ({"thinking": True, "thinking_budget": -1}, "thinking budget is -1"),
        ({"thinking_budget": 5}, "thinking is off"),
        ({"stop": ("a", "")}, "stop string is empty"),
        ({"chat_format": False, "thinking": True}, "need the chat format"),
        ({"chat_format": False, "tools": (Tool("f"),)}, "need the chat format"),
    ],
)
def test_questions_are_checked(settings: dict[str, Any], words: str) -> None:
    with pytest.raises(RequestError, match=words) as refused:
        Ask("id", (), **settings)
    assert refused.value.message.endswith(".")


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"temperature": -1.0}, "temperature -1"),
        ({"temperature": float("nan")}, "temperature nan"),
        ({"top_k": -1}, "top_k is -1"),
        ({"top_p": 0.0}, "top_p is 0"),
        ({"seed": -1}, "seed -1"),
        ({"seed": 2**64}, "seed 18446744073709551616"),
    ],
)
def test_sampling_settings_are_checked(settings: dict[str, Any], words: str) -> None:
    with pytest.raises(RequestError, match=words):
        SamplingSettings(**settings)


def test_the_smallest_and_largest_values_are_taken() -> None:
    Ask("id", (), thinking=True, thinking_budget=0, max_tokens=1, stop=("\n",))
    SamplingSettings(0.0, 0, 1.0, 0)
    SamplingSettings(seed=2**64 - 1)
