"""Tool declarations: whatever a schema is made of, it is written in full, well formed and with a type everywhere."""

from __future__ import annotations

import contextlib
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlx_gemma4.prompt.segments import as_text
from mlx_gemma4.prompt.tool_schema import normalise_schema
from mlx_gemma4.prompt.tool_text import declaration
from mlx_gemma4.protocol.errors import PromptError
from mlx_gemma4.protocol.parts import Tool

POINT = {"type": "object", "properties": {"x": {"type": "number"}}, "required": ["x"]}
POINT_TEXT = '{properties:{x:{type:<|"|>NUMBER<|"|>}},required:[<|"|>x<|"|>],type:<|"|>OBJECT<|"|>}'


def write(**properties: Any) -> str:
    """The properties as the declaration shows them, string markers as quotes."""
    schema = {"type": "object", "properties": properties, "$defs": {"point": POINT, "a/b": {"type": "integer"}}}
    text = as_text(declaration(Tool("f", "", schema)))
    before, after = 'declaration:f{description:<|"|><|"|>,parameters:{properties:{', '},type:<|"|>OBJECT<|"|>}}<tool|>'
    assert text.startswith("<|tool>" + before) and text.endswith(after)
    return text.removeprefix("<|tool>" + before).removesuffix(after).replace('<|"|>', '"')


@pytest.mark.parametrize(
    ("schema", "text"),
    [
        (True, '{type:"STRING"}'),
        ({}, '{type:"STRING"}'),
        ({"description": "d"}, '{description:"d",type:"STRING"}'),
        ({"type": "STRING"}, '{type:"STRING"}'),
        ({"type": ["string", "null"]}, '{nullable:true,type:"STRING"}'),
        ({"type": ["integer", "string"]}, '{description:"Or: string.",type:"INTEGER"}'),
        ({"type": "integer", "nullable": True}, '{nullable:true,type:"INTEGER"}'),
        ({"anyOf": [{"type": "integer"}, {"type": "null"}], "description": "m"},
         '{description:"m",nullable:true,type:"INTEGER"}'),
        ({"oneOf": [{"type": "integer"}, {"type": "string"}], "description": "How many"},
         '{description:"How many. Or: string.",type:"INTEGER"}'),
        ({"anyOf": [{"const": "a"}, {"enum": ["b", "a"]}]}, '{enum:["a","b"],type:"STRING"}'),
        ({"anyOf": [{"enum": [1, 2]}, {"type": "null"}], "description": "n"},
         '{description:"n. One of: 1, 2.",nullable:true,type:"INTEGER"}'),
        ({"type": "object", "properties": {"a": {}}, "anyOf": [{"required": ["a"]}, {"required": ["b"]}]},
         '{properties:{a:{type:"STRING"}},type:"OBJECT"}'),
        ({"oneOf": [{"properties": {"a": {}}, "required": ["a"]}, {"properties": {"b": {}}}]},
         '{properties:{a:{type:"STRING"},b:{type:"STRING"}},type:"OBJECT"}'),
        ({"allOf": [{"$ref": "#/$defs/point"}, {"properties": {"y": {"type": "number"}}, "required": ["y"]}]},
         '{properties:{x:{type:"NUMBER"},y:{type:"NUMBER"}},required:["x","y"],type:"OBJECT"}'),
        ({"allOf": [{"$ref": "#/$defs/point"}], "description": "where"},
         '{description:"where",' + POINT_TEXT.replace('<|"|>', '"')[1:]),
        ({"$ref": "#/$defs/point"}, POINT_TEXT.replace('<|"|>', '"')),
        ({"$ref": "#/$defs/a~1b", "description": "d"}, '{description:"d",type:"INTEGER"}'),
        ({"const": "on"}, '{enum:["on"],type:"STRING"}'),
        ({"const": 3}, '{description:"One of: 3.",type:"INTEGER"}'),
        ({"enum": [1, 2.5]}, '{description:"One of: 1, 2.5.",type:"NUMBER"}'),
        ({"enum": ["a", None]}, '{enum:["a"],nullable:true,type:"STRING"}'),
        ({"enum": [True, False], "description": "Really?"},
         '{description:"Really? One of: true, false.",type:"BOOLEAN"}'),
        ({"type": "integer", "default": 5, "description": "How many"},
         '{description:"How many. Default: 5.",type:"INTEGER"}'),
        ({"default": "x"}, '{description:"Default: x.",type:"STRING"}'),
        ({"type": "string", "default": None}, '{type:"STRING"}'),
        ({"type": "object"}, '{properties:{},type:"OBJECT"}'),
        ({"type": "object", "required": True, "additionalProperties": False}, '{properties:{},type:"OBJECT"}'),
        ({"type": "array"}, '{type:"ARRAY"}'),
        ({"items": {"type": "string", "enum": ["a"]}}, '{items:{enum:["a"],type:"STRING"},type:"ARRAY"}'),
        ({"items": {"enum": [1, 2], "default": 1}}, '{items:{default:1,enum:[1,2],type:"INTEGER"},type:"ARRAY"}'),
        ({"items": {"$ref": "#/$defs/point"}}, '{items:' + POINT_TEXT.replace('<|"|>', '"') + ',type:"ARRAY"}'),
        ({"items": {"items": {"type": "number"}}}, '{items:{items:{"type":"number"},type:"ARRAY"},type:"ARRAY"}'),
        ({"prefixItems": [{"type": "integer"}, {"type": "string"}]}, '{items:{type:"INTEGER"},type:"ARRAY"}'),
        ({"type": "array", "items": [{"type": "integer"}]}, '{items:{type:"INTEGER"},type:"ARRAY"}'),
    ],
)  # fmt: skip
def test_every_kind_of_schema_is_written(schema: object, text: str) -> None:
    assert write(it=schema) == f"it:{text}"


def test_properties_may_have_the_names_of_keywords() -> None:
    assert write(type={"type": "integer"}, description={}, required={"type": "boolean"}) == (
        'description:{type:"STRING"},required:{type:"BOOLEAN"},type:{type:"INTEGER"}'
    )


@pytest.mark.parametrize("schema", [{}, {"additionalProperties": False}, {"type": "string"}, {"type": None}])
def test_the_outermost_schema_is_an_object(schema: dict[str, Any]) -> None:
    assert normalise_schema(schema)["type"] == "object"
    assert as_text(declaration(Tool("f", "d", schema))).endswith("}<tool|>")


def test_a_schema_that_contains_itself_is_written_out_once() -> None:
    node = {"type": "object", "description": "A node", "properties": {"next": {"$ref": "#/$defs/node"}}}
    schema = {"properties": {"first": {"$ref": "#/$defs/node"}}, "$defs": {"node": node}}
    first = normalise_schema(schema)["properties"]["first"]  # pyright: ignore[reportArgumentType, reportCallIssue]
    assert first == {
        "type": "object",
        "description": "A node",
        "properties": {"next": {"type": "object", "description": "A node"}},
    }
    assert normalise_schema({"properties": {"me": {"$ref": "#"}}})["type"] == "object"
    assert normalise_schema({"$ref": "#"})["type"] == "object"


def test_many_schemas_that_all_contain_each_other_are_written_in_a_moment() -> None:
    names = [f"s{number}" for number in range(12)]
    each = {"type": "object", "properties": {name: {"$ref": f"#/$defs/{name}"} for name in names}}
    started = time.process_time()
    text = as_text(declaration(Tool("f", "", {**each, "$defs": dict.fromkeys(names, each)})))
    assert time.process_time() - started < 2
    assert len(text) < 500_000


@pytest.mark.parametrize("reference", ["#/nowhere", "#/$defs/0", "other.json#/x"])
def test_a_reference_to_nothing_is_refused(reference: str) -> None:
    with pytest.raises(PromptError, match="do not define"):
        normalise_schema({"properties": {"x": {"$ref": reference}}, "$defs": {}})


@pytest.mark.parametrize("name", ["", "a{b}", "two\nlines", " f", "a,b"])
def test_a_name_that_no_call_could_have_is_refused(name: str) -> None:
    with pytest.raises(PromptError, match="function name"):
        declaration(Tool(name))


keywords = st.sampled_from(
    [
        *"type properties items required enum const default description nullable".split(),
        *"anyOf oneOf allOf prefixItems $ref $defs".split(),
    ]
)
leaves = (
    st.none()
    | st.booleans()
    | st.integers(-3, 3)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.sampled_from(["string", "integer", "null", "object", "array", "#", "#/properties/a", "#/$defs/a", "a", ""])
)
anything = st.recursive(
    leaves,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keywords | st.sampled_from("ab"), inner, max_size=4),
    max_leaves=20,
)


@given(st.dictionaries(keywords | st.sampled_from("ab"), anything, max_size=5))
def test_no_schema_breaks_the_declaration(schema: dict[str, Any]) -> None:
    with contextlib.suppress(PromptError):  # a reference to nothing
        check_that_nothing_is_missing(as_text(declaration(Tool("f", "d", schema))))


def check_that_nothing_is_missing(text: str) -> None:
    outside = "S".join(text.split('<|"|>')[::2])
    assert outside.count("{") == outside.count("}") and outside.count("[") == outside.count("]")
    assert not any(hole in outside for hole in (":,", ":}", ":]", "{,", ",}", "[,", ",]", ",,", "None"))


def test_a_schema_of_any_depth_is_written() -> None:
    schema: dict[str, Any] = {}
    for _ in range(300):
        schema = {"type": "object", "properties": {"a": schema}, "anyOf": [{"items": schema}]}
    assert as_text(declaration(Tool("f", "d", schema))).endswith("}<tool|>")
