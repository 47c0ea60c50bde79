"""Which kernels are used follows the table, and on CUDA what a person names."""

from __future__ import annotations

import pytest

from mlx_gemma4.kernels import choice
from mlx_gemma4.kernels.choice import KERNELS_OF_BACKEND, VARIABLE, uses_kernel


def test_a_cpu_uses_none_whatever_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, "all")
    assert not uses_kernel("heads")


def test_on_cuda_the_named_ones_are_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(choice, "backend", lambda: "cuda")
    assert uses_kernel("heads") == ("heads" in KERNELS_OF_BACKEND["cuda"])
    monkeypatch.setenv(VARIABLE, "heads")
    assert uses_kernel("heads")
    assert not uses_kernel("residual_norm")
    monkeypatch.setenv(VARIABLE, "none")
    assert not uses_kernel("heads")


def test_an_unknown_name_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(choice, "backend", lambda: "cuda")
    monkeypatch.setenv(VARIABLE, "heads,speed")
    with pytest.raises(ValueError, match="speed"):
        uses_kernel("heads")
