"""Presets as they are kept: the person's own, in a file that may be damaged."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from app.state.presets import BUILT_IN, Preset, Presets, Thinking
from app.store.presets import FILE, PresetStore
from mlx_gemma4.protocol.requests import SamplingSettings


def test_what_the_person_made_is_there_the_next_day(tmp_path: Path) -> None:
    presets = Presets()
    store = PresetStore(presets, tmp_path)
    made = presets.copy(BUILT_IN[2])
    presets.change(replace(made, name="Mine", instructions="Be kind.", thinking=Thinking(True, 256)))
    assert store is not None
    again = Presets()
    PresetStore(again, tmp_path)
    assert again.own == (Preset(made.key, "Mine", "Be kind.", SamplingSettings(), Thinking(True, 256)),)
    assert again.find(made.key).name == "Mine" and again.find("gone") is BUILT_IN[0]


@pytest.mark.parametrize("content", ["", "{", "[1, {}]", '[{"key": "a"}]', '{"a": 1}'])
def test_a_damaged_file_counts_as_none(content: str, tmp_path: Path) -> None:
    (tmp_path / FILE).write_text(content)
    presets = Presets()
    PresetStore(presets, tmp_path)
    assert presets.own == ()


def test_a_removed_one_comes_back_where_it_was() -> None:
    presets = Presets()
    first, second = presets.copy(BUILT_IN[0]), presets.copy(BUILT_IN[0])
    assert [first.name, second.name] == ["Precise 2", "Precise 3"]
    presets.remove(first.key)
    assert presets.own == (second,)
    presets.bring_back()
    assert presets.own == (first, second) and presets.removed is None
