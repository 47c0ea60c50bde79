"""Tests of kernels need clang; where the long form is wanted, as CI does, its absence is a failure."""

from __future__ import annotations

from collections.abc import Iterator

import mlx.core as mx
import pytest

from mlx_gemma4.kernels.metal_kernel import metal_kernel
from tests.conftest import is_full
from tests.kernels.shim.machine import COMPILERS, compiler
from tests.kernels.shim.patched import OnCPU


@pytest.fixture(autouse=True)
def _clang(request: pytest.FixtureRequest) -> None:
    if compiler() is None:
        missing = f"there is no {COMPILERS[0]} to run Metal kernels with (packaging/setup.sh)"
        pytest.fail(missing) if is_full(request.config) else pytest.skip(missing)


@pytest.fixture
def on_cpu(monkeypatch: pytest.MonkeyPatch) -> Iterator[OnCPU]:
    """From here on Metal kernels are run at once, on the CPU."""
    shim = OnCPU()
    monkeypatch.setattr(mx.fast, "metal_kernel", shim.metal_kernel)
    metal_kernel.cache_clear()
    yield shim
    metal_kernel.cache_clear()
