"""Prepare: files become soft-token places in the prompt, everything else ids."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from mlx_gemma4.prompt.chat_template import ChatOptions
from mlx_gemma4.prompt.checkpoint_files import PromptDefaults, read_prompt_defaults
from mlx_gemma4.prompt.prepare import prepare
from mlx_gemma4.prompt.special_tokens import Marker
from mlx_gemma4.prompt.tokenizer import Tokenizer
from mlx_gemma4.protocol.errors import CheckpointError, MediaError
from mlx_gemma4.protocol.parts import AudioPart, ImagePart, Message, TextPart


@pytest.fixture(scope="module")
def tokenizer(tokenizer_folder: Path) -> Tokenizer:
    return Tokenizer(tokenizer_folder)


@pytest.fixture
def pictures(tmp_path: Path) -> list[str]:
    for name, size in (("wide.png", (200, 100)), ("tall.png", (50, 90))):
        Image.new("RGB", size, "red").save(tmp_path / name)
    return [str(tmp_path / "wide.png"), str(tmp_path / "tall.png")]


def test_every_picture_becomes_its_soft_tokens_between_two_markers(tokenizer: Tokenizer, pictures: list[str]) -> None:
    user = Message("user", (ImagePart(pictures[0]), TextPart("and"), ImagePart(pictures[1], 140), TextPart("?")))
    prepared = prepare([user], tokenizer, max_soft_tokens=70)
    ids, special = prepared.token_ids, tokenizer.special
    assert ids.dtype == np.int32 and ids.ndim == 1
    for picture, budget in zip(prepared.media, (70, 140), strict=True):
        end = picture.start + picture.soft_tokens
        assert (ids[picture.start : end] == special[Marker.IMAGE]).all()
        assert ids[picture.start - 1] == special[Marker.IMAGE_OPEN] and ids[end] == special[Marker.IMAGE_CLOSE]
        assert budget // 2 < picture.soft_tokens <= budget
        assert picture.patches.shape == (9 * picture.soft_tokens, 768)
        assert picture.positions.shape == (9 * picture.soft_tokens, 2)
    assert (ids == special[Marker.IMAGE]).sum() == sum(p.soft_tokens for p in prepared.media)


def test_a_plain_prompt_is_encoded_piece_by_piece(tokenizer: Tokenizer) -> None:
    special, text = tokenizer.special, tokenizer.encode_text
    ids = prepare([Message("user", (TextPart("the box <turn|>"),))], tokenizer).token_ids
    want = [special[Marker.BOS], special[Marker.TURN_OPEN], *text("user\nthe box <turn|>"), special[Marker.TURN_CLOSE]]
    want += [*text("\n"), special[Marker.TURN_OPEN], *text("model\n")]
    assert ids.tolist() == want
    assert (ids == special[Marker.TURN_CLOSE]).sum() == 1, "the typed one is text"


def test_the_prompt_says_whether_it_ends_in_a_thought(tokenizer: Tokenizer) -> None:
    user = Message("user", (TextPart("hi"),))
    assert not prepare([user], tokenizer, ChatOptions(thinking=True)).in_thought
    assert not prepare([user], tokenizer, ChatOptions(empty_thought=True)).in_thought


def test_sound_is_refused_by_name(tokenizer: Tokenizer) -> None:
    with pytest.raises(MediaError, match=r"a\.wav was given as sound"):
        prepare([Message("user", (AudioPart("a.wav"),))], tokenizer)


def test_defaults_come_from_the_checkpoint(tokenizer_folder: Path, tmp_path: Path) -> None:
    assert read_prompt_defaults(tokenizer_folder) == PromptDefaults(70, empty_thought=False)
    (tmp_path / "config.json").write_text('{"text_config": {"hidden_size_per_layer_input": 0}}')
    assert read_prompt_defaults(tmp_path) == PromptDefaults(280, empty_thought=True)
    (tmp_path / "preprocessor_config.json").write_text('{"max_soft_tokens": 560}')
    assert read_prompt_defaults(tmp_path).max_soft_tokens == 560
    (tmp_path / "preprocessor_config.json").write_text('{"max_soft_tokens": 99}')
    with pytest.raises(CheckpointError, match="99 soft tokens"):
        read_prompt_defaults(tmp_path)
