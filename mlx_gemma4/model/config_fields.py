"""Read typed values out of a checkpoint's JSON, with errors that name the field."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from mlx_gemma4.protocol.errors import CheckpointError

_REQUIRED: Final = object()


@dataclass(frozen=True)
class ConfigFields:
    """One JSON object of a config and the name it has in messages.

    A field that is absent or null takes the default; without a default it is a `CheckpointError`.
    """

    values: Mapping[str, Any]
    where: str

    def integer(self, name: str, default: Any = _REQUIRED, minimum: int = 1) -> int:
        """A whole number of at least `minimum`."""
        value = self._value(name, default)
        if isinstance(value, bool) or not isinstance(value, int) or value < minimum:
            raise self.error(name, value, f"a whole number from {minimum} up")
        return value

    def number(self, name: str, default: Any = _REQUIRED) -> float:
        """A positive finite number."""
        value = self._value(name, default)
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 < value < float("inf"):
            raise self.error(name, value, "a positive number")
        return float(value)

    def optional_number(self, name: str) -> float | None:
        """A positive finite number, or None where the field is absent."""
        return None if self.values.get(name) is None else self.number(name)

    def flag(self, name: str, default: bool) -> bool:
        """True or false."""
        value = self._value(name, default)
        if not isinstance(value, bool):
            raise self.error(name, value, "true or false")
        return value

    def expect(self, name: str, *allowed: Any) -> None:
        """Refuse a value this implementation was not built for; an absent field is taken as the first one allowed."""
        value = self._value(name, allowed[0])
        if value not in allowed:
            raise self.error(name, value, " or ".join(repr(choice) for choice in allowed))

    def integers(self, name: str, default: Sequence[int]) -> Sequence[int]:
        """A list of whole numbers from 1 up."""
        values = self._value(name, default)
        if not isinstance(values, (list, tuple)) or not all(type(value) is int and value > 0 for value in values):
            raise self.error(name, values, "a list of whole numbers from 1 up")
        return values

    def names(self, name: str) -> Sequence[str] | None:
        """A list of strings, or None where the field is absent."""
        value = self.values.get(name)
        if value is None:
            return None
        if not isinstance(value, (list, tuple)) or not all(isinstance(item, str) for item in value):
            raise self.error(name, value, "a list of names")
        return value

    def block(self, name: str) -> ConfigFields | None:
        """A nested object, or None where the field is absent."""
        value = self.values.get(name)
        if value is None:
            return None
        if not isinstance(value, Mapping):
            raise self.error(name, value, "an object")
        return ConfigFields(value, f"{self.where}.{name}")

    def error(self, name: str, value: Any, wanted: str) -> CheckpointError:
        """The error for a field whose value cannot be used."""
        return CheckpointError(
            f"{self.where}.{name} is {value!r}, but must be {wanted}.",
            "Is this an unchanged Gemma 4 checkpoint?",
            code="checkpoint.config",
        )

    def _value(self, name: str, default: Any) -> Any:
        value = self.values.get(name)
        if value is not None:
            return value
        if default is _REQUIRED:
            raise CheckpointError(
                f"{self.where}.{name} is missing.", "Is config.json complete?", code="checkpoint.config"
            )
        return default
