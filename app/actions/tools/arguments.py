"""What a model gave a tool, held against what the tool takes."""

from __future__ import annotations

import json
import math
from typing import Any, cast

from app.actions.tools.failure import ToolError
from mlx_gemma4.protocol.json_values import Json, JsonObject
from mlx_gemma4.protocol.parts import Tool


def checked(tool: Tool, arguments: JsonObject) -> JsonObject:
    """The arguments with numbers where numbers belong; those that are null are left out.

    Raises:
        ToolError: one is missing, unknown or of the wrong kind.
    """
    schema = cast("dict[str, Any]", tool.parameters or {})
    properties: dict[str, Any] = schema.get("properties", {})
    given = {name: value for name, value in arguments.items() if value is not None}
    if unknown := sorted(set(given) - set(properties)):
        raise ToolError(f"{tool.name} has no argument {unknown[0]!r}; it takes {_list(properties)}.")
    if missing := [name for name in schema.get("required", ()) if name not in given]:
        raise ToolError(f"{tool.name} needs the argument {missing[0]!r}.")
    return {name: _fitted(f"The argument {name!r}", value, properties[name]) for name, value in given.items()}


def _fitted(what: str, value: Json, schema: dict[str, Any]) -> Json:
    kind = schema.get("type")
    if kind == "integer":
        number = _whole(value)
        if number is None:
            raise ToolError(f"{what} is {_shown(value)}; it must be a whole number.")
        return number
    if kind == "array":
        values = _parsed(value)
        if not isinstance(values, list):
            raise ToolError(f"{what} is {_shown(value)}; it must be a list.")
        return [_fitted(f"{what}, item {index + 1},", item, schema["items"]) for index, item in enumerate(values)]
    if isinstance(value, bool | list | dict):
        raise ToolError(f"{what} is {_shown(value)}; it must be text.")
    return str(value)


def _whole(value: Json) -> int | None:
    """A whole number that is one, or is written like one."""
    if isinstance(value, str):
        try:
            value = float(value)
        except ValueError:
            return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value) or value % 1:
        return None
    return int(value)


def _parsed(value: Json) -> Json:
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except (ValueError, RecursionError):
        return None


def _shown(value: Json) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 40 else f"{text[:39]}…"


def _list(properties: dict[str, Any]) -> str:
    return ", ".join(properties) or "none"
