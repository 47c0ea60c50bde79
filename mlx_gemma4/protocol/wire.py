"""Requests and events as JSON lines: `from_dict(to_dict(message)) == message`, exactly.

A message is a JSON object whose `type` is the class name; nested parts are written the same way.
"""

from __future__ import annotations

import dataclasses
import functools
import json
import types
import typing
from collections.abc import Iterable, Iterator
from typing import Any, Literal, TypeVar, Union, cast

from mlx_gemma4.protocol.errors import WireError
from mlx_gemma4.protocol.events import Event
from mlx_gemma4.protocol.json_values import Json, JsonObject
from mlx_gemma4.protocol.requests import Request

_Dataclass = TypeVar("_Dataclass")
_EVENTS = {kind.__name__: kind for kind in typing.get_args(Event)}
_REQUESTS = {kind.__name__: kind for kind in typing.get_args(Request)}


def to_dict(message: Request | Event) -> JsonObject:
    """The message as JSON values, with its class name under `type`."""
    return cast(JsonObject, _encode(message))


def event_from_dict(values: JsonObject) -> Event | None:
    """The event, or None for a type that this version does not know: readers ignore those.

    Raises:
        WireError: the type is known, but its fields are not there or of the wrong kind.
    """
    kind = _EVENTS.get(str(values.get("type")))
    return None if kind is None else _decode_fields(kind, values)


def request_from_dict(values: JsonObject) -> Request:
    """The request.

    Raises:
        WireError: the type is unknown, or its fields are not there or of the wrong kind.
    """
    kind = _REQUESTS.get(str(values.get("type")))
    if kind is None:
        raise WireError(f"There is no request of type {values.get('type')!r}.")
    return _decode_fields(kind, values)


def to_line(message: Request | Event) -> str:
    """One line of JSON, newline included, in ASCII."""
    return json.dumps(to_dict(message), allow_nan=False, separators=(",", ":")) + "\n"


def read_events(lines: Iterable[str]) -> Iterator[Event]:
    """The known events of a stream; a last line that was cut off is dropped."""
    for values in _read_objects(lines):
        event = event_from_dict(values)
        if event is not None:
            yield event


def read_requests(lines: Iterable[str]) -> Iterator[Request]:
    """The requests of a stream; a last line that was cut off is dropped."""
    return map(request_from_dict, _read_objects(lines))


def read_line(line: str) -> JsonObject | None:
    """The JSON object of one line; None for a blank one.

    Raises:
        WireError: the line is no JSON object.
    """
    if not line.strip():
        return None
    try:
        values = json.loads(line)
    except (json.JSONDecodeError, RecursionError) as error:
        raise WireError(f"A line is not JSON: {line[:80]!r}.") from error
    if not isinstance(values, dict):
        raise WireError(f"A line is not a JSON object: {line[:80]!r}.")
    return cast(JsonObject, values)


def _read_objects(lines: Iterable[str]) -> Iterator[JsonObject]:
    for line in lines:
        if not line.endswith("\n"):
            return  # only the last line can lack its end: the writer died in the middle of it
        values = read_line(line)
        if values is not None:
            yield values


def _encode(value: object) -> Json:
    if dataclasses.is_dataclass(value):
        fields = {field.name: _encode(getattr(value, field.name)) for field in dataclasses.fields(value)}
        return {"type": type(value).__name__, **fields}
    if isinstance(value, tuple):
        return [_encode(item) for item in cast("tuple[object, ...]", value)]
    return cast(Json, value)


@functools.cache
def _field_types(kind: type) -> dict[str, Any]:
    # JSON values pass through whole, so their recursive type is not looked into
    return typing.get_type_hints(kind, localns={"Json": Any, "JsonObject": dict})


def _decode_fields(kind: type[_Dataclass], values: JsonObject) -> _Dataclass:
    hints = _field_types(kind)
    known = {
        name: _decode(hint, values[name], f"{kind.__name__}.{name}") for name, hint in hints.items() if name in values
    }
    try:
        return kind(**known)
    except TypeError as error:
        raise WireError(f"A {kind.__name__} lacks some of its fields; it has {sorted(known)}.") from error


def _decode(hint: Any, value: Json, where: str) -> Any:
    origin, choices = typing.get_origin(hint), typing.get_args(hint)
    if hint is Any:
        return value
    if origin in (Union, types.UnionType):
        return _decode(_pick(choices, value, where), value, where)
    if origin is tuple:
        return _decode_tuple(choices, value, where)
    if origin is Literal:
        fits = value in choices
    elif dataclasses.is_dataclass(hint):
        fits = isinstance(value, dict)
        if isinstance(value, dict):
            return _decode_fields(cast("type[Any]", hint), value)
    elif hint is float:
        fits = isinstance(value, (int, float)) and not isinstance(value, bool)
    else:
        fits = isinstance(value, hint) and (hint is bool or not isinstance(value, bool))
    if not fits:
        raise WireError(f"{where} cannot be {value!r}.")
    return value


def _pick(choices: tuple[Any, ...], value: Json, where: str) -> Any:
    """The member of a union that the value belongs to: None, a tagged dataclass, or the one scalar."""
    if value is None and type(None) in choices:
        return type(None)
    tagged = [choice for choice in choices if dataclasses.is_dataclass(choice)]
    if not tagged:
        return next(choice for choice in choices if choice is not type(None))
    for choice in tagged:
        if isinstance(value, dict) and value.get("type") == cast("type[Any]", choice).__name__:
            return choice
    raise WireError(f"{where} cannot be {value!r}.")


def _decode_tuple(choices: tuple[Any, ...], value: Json, where: str) -> tuple[Any, ...]:
    if not isinstance(value, list):
        raise WireError(f"{where} must be a list, not {value!r}.")
    if len(choices) == 2 and choices[1] is Ellipsis:
        return tuple(_decode(choices[0], item, where) for item in value)
    if len(value) != len(choices):
        raise WireError(f"{where} must have {len(choices)} items, not {len(value)}.")
    return tuple(_decode(choice, item, where) for choice, item in zip(choices, value, strict=True))
