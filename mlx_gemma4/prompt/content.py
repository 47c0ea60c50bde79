"""What a piece of media is, whatever its file is called and wherever in a prompt it stands."""

from __future__ import annotations

import dataclasses
import hashlib
from functools import cached_property
from typing import Any, Self

import numpy as np

_DIGEST_BYTES = 16


class MediaContent:
    """Base of prepared media, which are frozen dataclasses: everything but `start` is content."""

    @cached_property
    def digest(self) -> bytes:
        """The same for the same numbers in the same arrangement, and for nothing else (16 bytes)."""
        digest = hashlib.blake2b(type(self).__name__.encode(), digest_size=_DIGEST_BYTES)
        for field in dataclasses.fields(self._dataclass):
            value = getattr(self, field.name)
            if isinstance(value, np.ndarray):
                digest.update(f"|{field.name}:{value.dtype.str}{value.shape}".encode())
                digest.update(np.ascontiguousarray(value).data)
            elif field.name != "start":
                digest.update(f"|{field.name}={value!r}".encode())
        return digest.digest()

    def moved(self, start: int) -> Self:
        """The same content at another place in a prompt."""
        moved = dataclasses.replace(self._dataclass, start=start)
        moved.__dict__["digest"] = self.digest
        return moved

    @property
    def _dataclass(self) -> Any:
        assert dataclasses.is_dataclass(self)
        return self
