"""Which backend computes by default, for the few places where backends want other forms."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Literal, TypeAlias

import mlx.core as mx

Backend: TypeAlias = Literal["cpu", "cuda", "metal"]

_as_on: ContextVar[Backend | None] = ContextVar("_as_on", default=None)


def backend() -> Backend:
    """The backend of the default device."""
    if chosen := _as_on.get():
        return chosen
    if mx.default_device().type == mx.DeviceType.cpu:
        return "cpu"
    return "metal" if mx.metal.is_available() else "cuda"


def on_cpu() -> bool:
    """Whether the default device is the CPU, where MLX's fused operations fall apart into many small ones."""
    return backend() == "cpu"


@contextmanager
def as_on(other: Backend) -> Iterator[None]:
    """Within this, forms are chosen as on another backend: for graphs that are looked at and not computed."""
    token = _as_on.set(other)
    try:
        yield
    finally:
        _as_on.reset(token)
