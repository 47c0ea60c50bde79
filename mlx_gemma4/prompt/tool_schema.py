"""JSON Schemas brought into the part of the language that Gemma 4's declarations can say.

The published template prints broken braces for a schema without `type`, and nothing for unions, references, constants,
defaults and choices between numbers. Those are rewritten first: a reference is replaced by what it names, a union by
one schema that says as much of it as possible, and what has no place of its own is said in the description.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, NamedTuple
from urllib.parse import unquote

from mlx_gemma4.protocol.errors import PromptError
from mlx_gemma4.protocol.json_values import Json, JsonObject

_DEEPEST = 16
_MOST_REFERENCES = 300  # in one declaration: schemas that all refer to each other would grow without end
_DISSOLVED = frozenset(["$ref", "$defs", "definitions", "anyOf", "oneOf", "allOf", "const", "prefixItems", "enum"])
_SAYING = frozenset("type properties items prefixItems enum const $ref anyOf oneOf allOf".split())
_KINDS = {bool: "boolean", int: "integer", float: "number", str: "string", list: "array", dict: "object"}


def normalise_schema(schema: JsonObject) -> JsonObject:
    """The same schema with one lower-case `type` everywhere and without unions, references and constants.

    What refers to itself is written out once; inside, it is an object of which nothing more is said. The outermost
    schema is an object whatever it says.

    Raises:
        PromptError: a reference names nothing in the schema.
    """
    return {**_Normaliser(schema).normalise(schema, _Place()), "type": "object"}


class _Place(NamedTuple):
    """Where in a declaration: how deep, and by which references one gets there."""

    depth: int = 0
    references: tuple[str, ...] = ()

    def deeper(self) -> _Place:
        return self._replace(depth=self.depth + 1)


class _Normaliser:
    """One declaration; references are looked up in its root."""

    def __init__(self, root: JsonObject) -> None:
        self._root = root
        self._references_left = _MOST_REFERENCES

    def normalise(self, schema: Any, place: _Place, *, element: bool = False) -> JsonObject:
        """One schema and all inside it.

        Args:
            schema: of any form; what is no schema lets anything pass, and text can say anything.
            place: where it stands.
            element: it describes an array's elements, for which the template prints every key as it is.
        """
        if not isinstance(schema, dict):
            return {"type": "string"}
        schema, place = self._expand(schema, place)
        kind, others = _kind_of(schema)
        plain: JsonObject = {key: value for key, value in schema.items() if key not in _DISSOLVED}
        plain["type"] = kind
        _say_choices(plain, schema, others, element=element)
        for key in ("properties", "items", "required"):
            plain.pop(key, None)
        if place.depth >= _DEEPEST:
            return plain
        if isinstance(properties := schema.get("properties"), dict):
            plain["properties"] = {key: self.normalise(value, place.deeper()) for key, value in properties.items()}
        if kind == "array" and isinstance(items := _elements(schema), dict):
            plain["items"] = self.normalise(items, place.deeper(), element=True)
        if isinstance(required := schema.get("required"), list):
            plain["required"] = [name for name in required if isinstance(name, str)]
        return plain

    def _expand(self, schema: JsonObject, place: _Place) -> tuple[JsonObject, _Place]:
        """The schema with references followed, and with unions and `allOf` taken into it."""
        while isinstance(reference := schema.get("$ref"), str):
            target = self._find(reference)
            rest = {key: value for key, value in schema.items() if key != "$ref"}
            self._references_left -= 1
            if reference in place.references or self._references_left < 0:
                return {"description": target.get("description", ""), **rest, "type": "object"}, place
            schema, place = _merged(target, rest), place._replace(references=(*place.references, reference))
        if place.depth >= _DEEPEST:
            return schema, place
        for name in ("anyOf", "oneOf"):
            if isinstance(members := schema.get(name), list):
                rest = {key: value for key, value in schema.items() if key != name}
                schema = self._take_in_union(rest, members, place)
        if isinstance(members := schema.get("allOf"), list):
            rest, schema = {key: value for key, value in schema.items() if key != "allOf"}, {}
            for member in [*members, rest]:
                if isinstance(member, dict):
                    expanded, there = self._expand(member, place.deeper())
                    schema, place = _merged(schema, expanded), place._replace(references=there.references)
        return schema, place

    def _take_in_union(self, rest: JsonObject, members: Sequence[Json], place: _Place) -> JsonObject:
        """`rest` of a schema together with what the members of its union have in common, or with the first of them."""
        kind = {"type": rest["type"]} if "type" in rest else {}
        saying = [member for member in members if isinstance(member, dict) and _SAYING & member.keys()]
        plain = [self.normalise({**kind, **member}, place.deeper()) for member in saying]
        real = [member for member in plain if member["type"] != "null"]
        union = _union(real)
        if rest.get("description") and union.get("description"):
            union["description"] = f"{_sentence(rest['description'])} {union['description']}"
            rest = {key: value for key, value in rest.items() if key != "description"}
        nullable: JsonObject = {"nullable": True} if len(real) < len(plain) else {}
        return {**_merged(union, {key: value for key, value in rest.items() if key != "type" or not real}), **nullable}

    def _find(self, reference: str) -> JsonObject:
        target: Any = self._root
        for step in filter(None, unquote(reference).removeprefix("#").split("/")):
            key = step.replace("~1", "/").replace("~0", "~")
            if isinstance(target, list) and key.isdecimal() and int(key) < len(target):
                target = target[int(key)]
            else:
                target = target.get(key) if isinstance(target, dict) else None
        if not isinstance(target, dict):
            raise PromptError(f"A tool's parameters refer to {reference!r}, which they do not define.")
        return target


def _merged(first: JsonObject, second: JsonObject) -> JsonObject:
    """Both schemas: `second` where they contradict each other, but all properties and all that is required."""
    merged = {**first, **second}
    for key in ("properties", "$defs", "definitions"):
        if isinstance(one := first.get(key), dict) and isinstance(other := second.get(key), dict):
            merged[key] = {**one, **other}
    if isinstance(one := first.get("required"), list) and isinstance(other := second.get("required"), list):
        merged["required"] = [*one, *(name for name in other if name not in one)]
    return merged


def _union(members: Sequence[JsonObject]) -> JsonObject:
    """One schema for several plain alternatives."""
    if not members:
        return {}
    kinds = list(dict.fromkeys(str(member["type"]) for member in members))
    if len(kinds) > 1:
        return {**members[0], "type": [*kinds]}
    if kinds == ["object"] and len(members) > 1:
        properties: JsonObject = {}
        for member in reversed(members):
            properties.update(_object_in(member, "properties"))
        needed = [_list_in(member, "required") for member in members]
        shared = [name for name in needed[0] if all(name in names for names in needed)]
        return {**members[0], "properties": properties, "required": shared}
    choices = [_list_in(member, "enum") for member in members]
    if all(choices):
        values = [value for choice in choices for value in choice]
        return {**members[0], "enum": [value for index, value in enumerate(values) if value not in values[:index]]}
    return {**members[0]}


def _elements(schema: JsonObject) -> Json:
    """The schema of an array's elements; of a tuple, described place by place, the first place stands for all."""
    items = schema.get("items")
    if isinstance(items, dict):
        return items
    places = schema.get("prefixItems", items)
    return places[0] if isinstance(places, list) and places else None


def _kind_of(schema: JsonObject) -> tuple[str, list[str]]:
    """The type's name, and the names of others that are allowed beside it."""
    kind = schema.get("type")
    if isinstance(kind, str) and kind:
        return kind.lower(), []
    if isinstance(kind, list):
        names = [str(name).lower() for name in kind if name]
        real = [name for name in names if name != "null"] or names or ["string"]
        return real[0], [name for name in names if name != real[0]]
    for key, implied in (("properties", "object"), ("items", "array"), ("prefixItems", "array")):
        if key in schema:
            return implied, []
    values = _list_in(schema, "enum") or [schema[key] for key in ("const", "default") if key in schema][:1]
    kinds = {_KINDS.get(type(value), "null") for value in values}
    if len(kinds) > 1:
        kinds.discard("null")
    if kinds == {"integer", "number"}:
        return "number", []
    return (kinds.pop() if len(kinds) == 1 else "string"), []


def _say_choices(plain: JsonObject, schema: JsonObject, others: Sequence[str], *, element: bool) -> None:
    """Put what has no key of its own where the template shows it."""
    choices = _list_in(schema, "enum") or ([schema["const"]] if "const" in schema else [])
    real: list[Json] = [choice for choice in choices if choice is not None]
    if "null" in others or (len(real) < len(choices) and plain["type"] != "null"):
        plain["nullable"] = True
    notes: list[str] = []
    if real and (plain["type"] == "string" or element):
        plain["enum"] = real
    elif real:
        notes.append(f"One of: {', '.join(map(_spell, real))}.")
    if alternatives := [name for name in others if name != "null"]:
        notes.append(f"Or: {', '.join(alternatives)}.")
    if not element and (default := plain.pop("default", None)) is not None:
        notes.append(f"Default: {_spell(default)}.")
    description = plain.pop("description", None)
    if notes:
        plain["description"] = " ".join([*filter(None, [_sentence(description)]), *notes])
    elif description:
        plain["description"] = str(description)


def _sentence(text: Json) -> str:
    text = str(text or "").strip()
    return f"{text}." if text and (text[-1].isalnum() or text[-1] in ")]}\"'") else text


def _spell(value: Json) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _object_in(schema: JsonObject, key: str) -> JsonObject:
    value = schema.get(key)
    return value if isinstance(value, dict) else {}


def _list_in(schema: JsonObject, key: str) -> list[Json]:
    value = schema.get(key)
    return value if isinstance(value, list) else []
