"""Tool declarations, calls and responses in Gemma 4's own notation.

Keys are bare and sorted without regard to case, strings stand between string markers, types are upper-case.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from mlx_gemma4.prompt.segments import Segment, write
from mlx_gemma4.prompt.special_tokens import Marker
from mlx_gemma4.prompt.tool_schema import normalise_schema
from mlx_gemma4.protocol.errors import PromptError
from mlx_gemma4.protocol.json_values import Json, JsonObject
from mlx_gemma4.protocol.parts import Tool, ToolCallPart, ToolResponsePart

_NAME = re.compile(r"[^\s{}\[\],]+( [^\s{}\[\],]+)*")
_BARE_KEY = re.compile(r'[^\s:={}\[\](),"\']+( [^\s:={}\[\](),"\']+)*')


def declaration(tool: Tool) -> list[Segment]:
    """One function as the system turn shows it, between its markers.

    Raises:
        PromptError: the function's name cannot be written in a call, or its parameters refer to nothing.
    """
    if not _NAME.fullmatch(tool.name):
        raise PromptError(
            f"The function name {tool.name!r} cannot be used.", "Use letters, digits, and any of _ - . : / in it."
        )
    fields = [("description", _string(tool.description))]
    if tool.parameters:
        fields.append(("parameters", _parameters(normalise_schema(tool.parameters))))
    return write(Marker.TOOL_OPEN, f"declaration:{tool.name}", *_braces(fields), Marker.TOOL_CLOSE)


def call(part: ToolCallPart) -> list[Segment]:
    """A call as the model writes it, between its markers."""
    return write(Marker.TOOL_CALL_OPEN, f"call:{part.name}", *argument(part.arguments), Marker.TOOL_CALL_CLOSE)


def response(part: ToolResponsePart) -> list[Segment]:
    """What a tool answered, between its markers: an object by its fields, anything else as `value`."""
    value: Json = part.response if isinstance(part.response, dict) else {"value": part.response}
    return write(Marker.TOOL_RESPONSE_OPEN, f"response:{part.name}", *argument(value), Marker.TOOL_RESPONSE_CLOSE)


def argument(value: Json, *, quote_keys: bool = False) -> list[Segment]:
    """A JSON value in this notation.

    Keys inside a schema's enums and defaults are quoted; others are bare, but for those that could not be read back.
    """
    if value is None:
        return write("null")
    if isinstance(value, str):
        return _string(value)
    if isinstance(value, bool):
        return write("true" if value else "false")
    if isinstance(value, list | tuple):
        return _list([argument(item, quote_keys=quote_keys) for item in value])
    if isinstance(value, dict):
        entries = [(key, argument(item, quote_keys=quote_keys)) for key, item in _sorted(value)]
        return _braces(entries, quote_keys=quote_keys)
    return write(str(value))


def _parameters(schema: JsonObject) -> list[Segment]:
    """The outermost schema, whose fields come in another order than those of inner ones and without a description."""
    fields: list[tuple[str, list[Segment]]] = []
    if schema.get("properties"):
        fields.append(("properties", _properties(schema["properties"])))
    if schema.get("required"):
        fields.append(("required", argument(schema["required"])))
    return _braces([*fields, ("type", _type(schema["type"]))])


def _properties(properties: Any) -> list[Segment]:
    return _braces([(key, _property(schema)) for key, schema in _sorted(properties)])


def _property(schema: JsonObject) -> list[Segment]:
    kind = schema["type"]
    fields: list[tuple[str, list[Segment]]] = []
    if schema.get("description"):
        fields.append(("description", argument(schema["description"])))
    if kind == "string" and schema.get("enum"):
        fields.append(("enum", argument(schema["enum"], quote_keys=True)))
    if kind == "array" and schema.get("items"):
        fields.append(("items", _items(schema["items"])))
    if schema.get("nullable"):
        fields.append(("nullable", write("true")))
    if kind == "object":
        fields.append(("properties", _properties(schema.get("properties", {}))))
        if schema.get("required"):
            fields.append(("required", argument(schema["required"])))
    return _braces([*fields, ("type", _type(kind))])


def _items(schema: Any) -> list[Segment]:
    """The element type of an array, all its keys sorted."""
    writers = {"properties": _properties, "required": argument, "type": _type}
    fields = [
        (key, writers[key](value) if key in writers else argument(value, quote_keys=True))
        for key, value in _sorted(schema)
        if value is not None
    ]
    return _braces(fields)


def _type(kind: Json) -> list[Segment]:
    return _string(str(kind).upper())


def _string(text: str) -> list[Segment]:
    return write(Marker.STRING, text, Marker.STRING)


def _sorted(values: Mapping[str, Any]) -> list[tuple[str, Any]]:
    return sorted(values.items(), key=lambda item: item[0].lower())


def _list(items: list[list[Segment]]) -> list[Segment]:
    inner = [segment for item in items for segment in (*write(","), *item)]
    return [*write("["), *inner[1:], *write("]")]


def _braces(entries: list[tuple[str, list[Segment]]], *, quote_keys: bool = False) -> list[Segment]:
    inner: list[Segment] = []
    for key, value in entries:
        quoted = quote_keys or not _BARE_KEY.fullmatch(key)
        inner += [*write(","), *(_string(key) if quoted else write(key)), *write(":"), *value]
    return [*write("{"), *inner[1:], *write("}")]
