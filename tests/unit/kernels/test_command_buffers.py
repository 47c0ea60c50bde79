"""Command buffers have the lengths of the table, unless a person says otherwise."""

from __future__ import annotations

import os

import pytest

from mlx_gemma4.kernels import command_buffers
from mlx_gemma4.kernels.command_buffers import LENGTHS, set_lengths


@pytest.fixture(autouse=True)
def unset(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in LENGTHS["cuda"]:
        monkeypatch.setenv(name, "")  # so that it is put back after the test, also if the code sets it
        monkeypatch.delenv(name)


def lengths_now() -> dict[str, str]:
    return {name: os.environ[name] for name in LENGTHS["cuda"] if name in os.environ}


def test_the_cpu_is_left_alone() -> None:
    set_lengths()
    assert lengths_now() == {}


def test_a_gpu_gets_its_lengths_where_nobody_has_set_any(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command_buffers, "backend", lambda: "cuda")
    os.environ["MLX_MAX_OPS_PER_BUFFER"] = "7"
    set_lengths()
    assert lengths_now() == {**LENGTHS["cuda"], "MLX_MAX_OPS_PER_BUFFER": "7"}
