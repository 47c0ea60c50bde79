"""What other implementations got wrong about pictures that see themselves is right here, and would be noticed.

Each test holds our model against the reference, and then once more with the fault put in, which must show.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TypeAlias

import mlx.core as mx
import pytest

from mlx_gemma4.generation import prefill, session
from mlx_gemma4.generation.pace import ChunkPace
from mlx_gemma4.model import gemma4
from mlx_gemma4.model.text import masks
from mlx_gemma4.model.text.attention_types import AttentionType
from mlx_gemma4.model.text.masks import AttentionMask
from tests.parity.cases import (
    LONG_PICTURE,
    MEDIA_TOLERANCE,
    RAW_SOUND_AND_PICTURE,
    RAW_SOUND_BEFORE_PICTURE,
    TWO_PICTURES,
    Case,
)
from tests.parity.fixtures import compiled_steps, reference_arrays, tiny_model
from tests.parity.paths import PATHS, Path, Prompt, largest_difference, without_cache

Masks: TypeAlias = dict[AttentionType, AttentionMask]
Bounds: TypeAlias = Iterator[tuple[int, int]]
SHOWS = 100 * MEDIA_TOLERANCE
PATH = {path.name: path for path in PATHS}

each_big_model = pytest.mark.parametrize("name", ["12b_like", "31b_like", "26b_like"])


def _difference(name: str, case: Case, path: Path | None = None) -> float:
    """How far logits are from the reference's; without a cache if no path is given."""
    reference_LV = reference_arrays(name)[f"logits.{case.name}"]
    if path is None:
        rows = iter(enumerate(without_cache(tiny_model(name), case)))
    else:
        rows = path.rows(tiny_model(name), compiled_steps(name, "whole"), Prompt.of(case))
    return largest_difference(rows, reference_LV)[0]


def _put_in(monkeypatch: pytest.MonkeyPatch, faulty: Callable[..., Masks]) -> None:
    for module in (gemma4, prefill):
        monkeypatch.setattr(module, "prefill_masks", faulty)


def _overlay(tokens: int, earlier: int, window: int, blocks: Sequence[range]) -> tuple[mx.array, mx.array]:
    """(causal within the window, causal everywhere), both with blocks put over them afterwards: [L, S] and [L, L]."""
    causal_in_window = masks.window_mask(tokens, earlier, window)
    causal = masks.window_mask(tokens, 0, tokens + 1)
    assert causal_in_window is not None
    assert causal is not None
    same_LL = mx.zeros((tokens, tokens), dtype=mx.bool_)
    for block in blocks:
        same_LL[block.start : block.stop, block.start : block.stop] = True
    return causal_in_window | mx.pad(same_LL, [(0, 0), (earlier, 0)]), causal | same_LL


@each_big_model
def test_global_layers_stay_causal_where_pictures_see_themselves(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    assert _difference(name, TWO_PICTURES) <= MEDIA_TOLERANCE

    def overlaid_everywhere(tokens: int, earlier_in_window: int, window: int, blocks: Sequence[range]) -> Masks:
        sliding, everywhere = _overlay(tokens, earlier_in_window, window, blocks)
        return {AttentionType.SLIDING: sliding, AttentionType.GLOBAL: everywhere}

    _put_in(monkeypatch, overlaid_everywhere)
    assert _difference(name, TWO_PICTURES) > SHOWS


@each_big_model
def test_the_window_bounds_a_picture_that_sees_itself(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    assert _difference(name, LONG_PICTURE) <= MEDIA_TOLERANCE

    def overlaid_after_the_window(tokens: int, earlier_in_window: int, window: int, blocks: Sequence[range]) -> Masks:
        sliding, _ = _overlay(tokens, earlier_in_window, window, blocks)
        return {AttentionType.SLIDING: sliding, AttentionType.GLOBAL: "causal"}

    _put_in(monkeypatch, overlaid_after_the_window)
    assert _difference(name, LONG_PICTURE) > SHOWS


@each_big_model
@pytest.mark.parametrize("path", ["a second prompt", "a reused snapshot"])
def test_pictures_see_themselves_after_a_cached_beginning(
    monkeypatch: pytest.MonkeyPatch, name: str, path: str
) -> None:
    assert _difference(name, TWO_PICTURES, PATH[path]) <= MEDIA_TOLERANCE

    def dropped_after_a_beginning(tokens: int, earlier_in_window: int, window: int, blocks: Sequence[range]) -> Masks:
        return masks.prefill_masks(tokens, earlier_in_window, window, () if earlier_in_window else blocks)

    _put_in(monkeypatch, dropped_after_a_beginning)
    assert _difference(name, TWO_PICTURES, PATH[path]) > SHOWS


@pytest.mark.parametrize("case", [RAW_SOUND_AND_PICTURE, RAW_SOUND_BEFORE_PICTURE], ids=lambda case: case.name)
@pytest.mark.parametrize("path", ["cached in one go", "chunks of 16", "a second prompt"])
def test_pictures_see_themselves_beside_a_sound(monkeypatch: pytest.MonkeyPatch, case: Case, path: str) -> None:
    assert _difference("12b_like", case, PATH[path]) <= MEDIA_TOLERANCE

    def dropped(tokens: int, earlier_in_window: int, window: int, _: Sequence[range]) -> Masks:
        return masks.prefill_masks(tokens, earlier_in_window, window)  # as if the sound had switched them off

    _put_in(monkeypatch, dropped)
    assert _difference("12b_like", case, PATH[path]) > SHOWS


def _longest_pass(monkeypatch: pytest.MonkeyPatch, chunk: int) -> int:
    """The most rows that one pass of a prompt with two pictures has."""
    passes: list[int] = []
    made = masks.prefill_masks

    def counted(tokens: int, *rest: object) -> Masks:
        passes.append(tokens)
        return made(tokens, *rest)  # pyright: ignore[reportArgumentType]

    monkeypatch.setattr(prefill, "prefill_masks", counted)
    prompt = Prompt.of(TWO_PICTURES)
    live = session.Session(tiny_model("31b_like"), steps=compiled_steps("31b_like", "whole"), chunk=chunk)
    for _ in live.prefill(prompt.whole):
        pass
    return max(passes)


def test_a_picture_does_not_end_reading_in_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    longest_picture = max(item.soft_tokens for item in TWO_PICTURES.items)
    assert _longest_pass(monkeypatch, chunk=longest_picture) == longest_picture

    def whole_where_pictures_are(
        tokens: int, pace: ChunkPace, blocks: Sequence[range], ends: Sequence[int], **rest: int
    ) -> Bounds:
        return iter([(0, tokens)]) if blocks else prefill.chunk_bounds(tokens, pace, blocks, ends, **rest)

    monkeypatch.setattr(session, "chunk_bounds", whole_where_pictures_are)
    assert _longest_pass(monkeypatch, chunk=longest_picture) == len(TWO_PICTURES.token_ids) - 1
