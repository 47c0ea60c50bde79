"""JSON Schemas brought into the part of the language that Gemma 4's declarations can say.

The published template prints broken braces for a schema without `type`, and nothing for unions and references, so
those are rewritten first: a union keeps its first real member, a reference is replaced by what it names.
"""

from __future__ import annotations

from typing import Any

from mlx_gemma4.protocol.errors import PromptError
from mlx_gemma4.protocol.json_values import JsonObject

_MAX_DEPTH = 32


def normalise_schema(schema: JsonObject) -> JsonObject:
    """The same schema with one lower-case `type` everywhere and no unions or references.

    Raises:
        PromptError: a reference names nothing in the schema, or schemas refer to each other without end.
    """
    return _normalise(schema, schema, 0)


def _normalise(schema: Any, root: JsonObject, depth: int) -> JsonObject:
    if depth > _MAX_DEPTH:
        raise PromptError("A tool's parameters refer to themselves without end.", "Write the inner levels out.")
    if not isinstance(schema, dict):
        return {"type": "string"}  # true, false or nonsense: anything goes, and text can say anything
    schema = _merge_union(_follow_reference(schema, root, depth), root, depth)
    kind, nullable = _single_type(schema)
    plain: JsonObject = {**schema, "type": kind}
    if nullable:
        plain["nullable"] = True
    if isinstance(schema.get("properties"), dict):
        plain["properties"] = {key: _normalise(value, root, depth + 1) for key, value in schema["properties"].items()}
    if isinstance(schema.get("items"), dict):
        plain["items"] = _normalise(schema["items"], root, depth + 1)
    return plain


def _follow_reference(schema: dict[str, Any], root: JsonObject, depth: int) -> dict[str, Any]:
    reference = schema.get("$ref")
    if reference is None:
        return schema
    target: Any = root
    for step in filter(None, str(reference).removeprefix("#").split("/")):
        target = target.get(step) if isinstance(target, dict) else None
    if not isinstance(target, dict):
        raise PromptError(f"A tool's parameters refer to {reference!r}, which they do not define.")
    rest = {key: value for key, value in schema.items() if key != "$ref"}
    return _normalise({**target, **rest}, root, depth + 1)


def _merge_union(schema: dict[str, Any], root: JsonObject, depth: int) -> dict[str, Any]:
    members = schema.get("anyOf") or schema.get("oneOf")
    if not isinstance(members, list):
        return schema
    real = [member for member in members if member != {"type": "null"}]
    rest = {key: value for key, value in schema.items() if key not in ("anyOf", "oneOf")}
    merged = {**(_normalise(real[0], root, depth + 1) if real else {}), **rest}
    return {**merged, "nullable": True} if len(real) < len(members) else merged


def _single_type(schema: dict[str, Any]) -> tuple[str, bool]:
    """The type's name, and whether null is allowed beside it."""
    kind = schema.get("type")
    if isinstance(kind, list):
        names = [name for name in kind if name != "null"]
        return (str(names[0]).lower() if names else "null", len(names) < len(kind))
    if isinstance(kind, str):
        return kind.lower(), False
    for key, implied in (("properties", "object"), ("items", "array")):
        if key in schema:
            return implied, False
    return "string", False
