"""Prompts written for the reference come back as they were."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from tests.parity.greedy_reference import PreparedPrompt, read_answers, read_prompts, write_prompts
from tests.parity.tiny_checkpoints import make_picture, make_token_ids


def test_prompts_come_back_with_their_pictures_in_order(tmp_path: Path) -> None:
    pictures = (make_picture(6, 3), make_picture(3, 9, seed=1))
    prompts = [PreparedPrompt(make_token_ids(5)), PreparedPrompt(make_token_ids(7, seed=1), pictures)]
    write_prompts(tmp_path / "prompts.npz", prompts)
    again = list(read_prompts(tmp_path / "prompts.npz"))
    assert [len(prompt.pictures) for prompt in again] == [0, 2]
    np.testing.assert_array_equal(again[1].token_ids, prompts[1].token_ids)
    for picture, original in zip(again[1].pictures, pictures, strict=True):
        np.testing.assert_array_equal(picture.patches_P768, original.patches_P768)
        np.testing.assert_array_equal(picture.positions_P2, original.positions_P2)


def test_answers_are_read_in_the_order_of_their_prompts(tmp_path: Path) -> None:
    answers = {f"{number}.tokens": np.arange(number, dtype=np.int32) for number in range(12)}
    np.savez(tmp_path / "answers.npz", **answers)
    assert read_answers(tmp_path / "answers.npz") == [list(range(number)) for number in range(12)]
