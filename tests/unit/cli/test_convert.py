"""`mlx-gemma4 convert`: a smaller folder that answers, one line about it, one sentence when it cannot be."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from mlx_gemma4.cli.main import main

Captured = pytest.CaptureFixture[str]


def test_a_converted_model_is_smaller_and_answers(model_folder: Path, tmp_path: Path, capsys: Captured) -> None:
    target = tmp_path / "packed"
    assert main(["convert", str(model_folder), str(target), "--bits", "4", "--group-size", "32"]) == 0
    printed = capsys.readouterr()
    assert "packed: 0.00 GB, " in printed.out
    assert printed.err == ""
    weights = "model.safetensors"
    assert (target / weights).stat().st_size < 0.35 * (model_folder / weights).stat().st_size
    copied = ["tokenizer.json", "generation_config.json", "processor_config.json"]
    assert all((target / name).read_bytes() == (model_folder / name).read_bytes() for name in copied)
    assert json.loads((target / "config.json").read_text())["quantization"]["bits"] == 4
    assert main(["ask", "hello", "--model", str(target), "--max-tokens", "3"]) == 0


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (["--bits", "3"], "cannot be quantized to 3 bits"),
        (["--mode", "mxfp4", "--group-size", "64"], "mxfp4 always has 4 bits"),
        (["--mode", "gptq"], "no quantization mode 'gptq'"),
    ],
)
def test_what_cannot_be_done_is_one_sentence(
    model_folder: Path, tmp_path: Path, capsys: Captured, words: list[str], reason: str
) -> None:
    assert main(["convert", str(model_folder), str(tmp_path / "packed"), *words]) == 2
    error = capsys.readouterr().err
    assert error.startswith("mlx-gemma4: ")
    assert reason in error
    assert error.count("\n") == 1
    assert not (tmp_path / "packed").exists()


def test_a_folder_without_a_model_and_a_target_that_exists_are_named(
    model_folder: Path, tmp_path: Path, capsys: Captured
) -> None:
    assert main(["convert", str(tmp_path / "none"), str(tmp_path / "packed")]) == 2
    assert "does not exist" in capsys.readouterr().err
    assert main(["convert", str(model_folder), str(tmp_path)]) == 2
    assert "exists already" in capsys.readouterr().err
