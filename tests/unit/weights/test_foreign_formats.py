"""A GGUF file is refused with the name of the repository that has the same model for MLX."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest

from mlx_gemma4.protocol.errors import CheckpointError
from mlx_gemma4.weights.checkpoint import open_checkpoint
from mlx_gemma4.weights.gguf_header import read_description


def _text(value: str) -> bytes:
    return struct.pack("<Q", len(value.encode())) + value.encode()


def _pair(key: str, value: str | int | float | list[str]) -> bytes:
    if isinstance(value, str):
        return _text(key) + struct.pack("<I", 8) + _text(value)
    if isinstance(value, float):
        return _text(key) + struct.pack("<If", 6, value)
    if isinstance(value, int):
        return _text(key) + struct.pack("<II", 4, value)
    return _text(key) + struct.pack("<IIQ", 9, 8, len(value)) + b"".join(map(_text, value))


def _write(file: Path, pairs: dict[str, str | int | float | list[str]]) -> Path:
    body = b"".join(_pair(key, value) for key, value in pairs.items())
    file.write_bytes(b"GGUF" + struct.pack("<IQQ", 3, 0, len(pairs)) + body)
    return file


DESCRIBED = {"general.architecture": "gemma4", "gemma4.block_count": 35, "gemma4.embedding_length": 1536}


def test_every_kind_of_value_before_the_first_list_is_read(tmp_path: Path) -> None:
    pairs = DESCRIBED | {"gemma4.rope.freq_base": 0.5, "tokenizer.ggml.tokens": ["a", "b"], "late": 1}
    found = read_description(_write(tmp_path / "model.gguf", pairs))
    assert found == DESCRIBED | {"gemma4.rope.freq_base": 0.5}


@pytest.mark.parametrize(
    ("file", "pairs", "hint"),
    [
        ("model.gguf", DESCRIBED, "Use mlx-community/gemma-4-e2b-it-4bit instead."),
        ("gemma-4-E2B-it-qat-q4_0.gguf", DESCRIBED, "Use mlx-community/gemma-4-E2B-it-qat-4bit instead."),
        ("x.gguf", {"general.name": "Gemma 4 26B A4B It"}, "Use mlx-community/gemma-4-26b-a4b-it-4bit instead."),
        ("gemma-4-12B-it-Q4_K_M.gguf", {}, "Use mlx-community/gemma-4-12B-it-4bit instead."),
        ("gemma-4-31B-it-Q8_0.gguf", {}, "Use mlx-community/gemma-4-31b-it-4bit instead."),
        ("weights.gguf", {"general.architecture": "gemma4"}, "Look for gemma-4 at huggingface.co/mlx-community."),
        ("weights.gguf", {"general.architecture": "llama"}, "It is a model of another kind, llama."),
    ],
)
def test_the_repository_is_guessed_from_shape_and_names(
    tmp_path: Path, file: str, pairs: dict[str, str | int | float | list[str]], hint: str
) -> None:
    with pytest.raises(CheckpointError, match=r"holds GGUF weights") as caught:
        open_checkpoint(_write(tmp_path / file, pairs))
    assert caught.value.hint == hint
    assert caught.value.code == "checkpoint.foreign"


@pytest.mark.parametrize("length", [0, 3, 10, 30, 60])
def test_a_file_that_is_cut_short_is_refused_all_the_same(tmp_path: Path, length: int) -> None:
    file = _write(tmp_path / "model.gguf", DESCRIBED)
    file.write_bytes(file.read_bytes()[:length])
    with pytest.raises(CheckpointError, match="GGUF"):
        open_checkpoint(tmp_path)


def test_a_length_that_lies_is_not_believed(tmp_path: Path) -> None:
    file = tmp_path / "model.gguf"
    file.write_bytes(b"GGUF" + struct.pack("<IQQ", 3, 0, 1) + struct.pack("<Q", 2**60))
    assert read_description(file) == {}
