"""Tool calls: Gemma's notation and the ways in which models get it wrong."""

from __future__ import annotations

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlx_gemma4.parsing.channels import STRING_MARK
from mlx_gemma4.parsing.tool_calls import ToolCall, offered_name, parse_tool_calls
from mlx_gemma4.protocol.json_values import Json, JsonObject


def parse(text: str, *, complete: bool = True) -> tuple[list[ToolCall], str]:
    calls, rest = parse_tool_calls(text.replace('<|"|>', STRING_MARK), complete=complete)
    return calls, rest.replace(STRING_MARK, '<|"|>')


@pytest.mark.parametrize(
    ("text", "name", "arguments"),
    [
        ("call:f{}", "f", {}),
        (
            'call:get_weather{days:3,location:<|"|>Paris, "FR"<|"|>}',
            "get_weather",
            {"days": 3, "location": 'Paris, "FR"'},
        ),
        (
            "call:f{a:-2,b:0.5,c:1e3,d:true,e:false,g:null}",
            "f",
            {"a": -2, "b": 0.5, "c": 1000.0, "d": True, "e": False, "g": None},
        ),
        (
            'call:f{l:[<|"|>a<|"|>,1,[2]],o:{k:<|"|>v<|"|>,p:{q:1}}}',
            "f",
            {"l": ["a", 1, [2]], "o": {"k": "v", "p": {"q": 1}}},
        ),
        ('call:f{s:<|"|>braces } ] , : {x\nnew "line" \\n<|"|>}', "f", {"s": 'braces } ] , : {x\nnew "line" \\n'}),
        # What models get wrong:
        ("call:f{a:1, b:2}", "f", {"a": 1, "b": 2}),
        ("call:f{a:1,b-c:2,d.e:3}", "f", {"a": 1, "b-c": 2, "d.e": 3}),
        ("call:ns.tool-x{}", "ns.tool-x", {}),
        ("call:ns:name{a:1}", "ns:name", {"a": 1}),
        ("call:f{a:hello world,b:C}", "f", {"a": "hello world", "b": "C"}),
        ('call:f{<|"|>a<|"|>:1,"b":2}', "f", {"a": 1, "b": 2}),
        ('call:f{a:"x \\"y\\" }",b:"z"}', "f", {"a": 'x "y" }', "b": "z"}),
        ('call:f(a=1, b=<|"|>x<|"|>)', "f", {"a": 1, "b": "x"}),
        ("call:f(a:{b:1})", "f", {"a": {"b": 1}}),
        ("call: f {a : 1 ,}", "f", {"a": 1}),
        ("f{a:1}", "f", {"a": 1}),
        ("call:look (up){a:1}", "look (up)", {"a": 1}),
        ("call:f{a:[1,2", "f", {"a": [1, 2]}),
        ("call:f{a:None,b:True}", "f", {"a": None, "b": True}),
        ("call:f{a:https://x.org/?q=1}", "f", {"a": "https://x.org/?q=1"}),
        ("call:f{a:1e999,b:" + "9" * 5000 + "}", "f", {"a": "1e999", "b": "9" * 5000}),
        (":f{a:1}", "f", {"a": 1}),
        ("mcp.calendar:list_events{limit:5}", "mcp.calendar:list_events", {"limit": 5}),
        ('<|"|>f<|"|>{a:1}', "f", {"a": 1}),
        ('"f"{a:1}', "f", {"a": 1}),
        ('{"name": "f", "arguments": {"a": [1, {"b": null}]}}', "f", {"a": [1, {"b": None}]}),
        ("call:f{{a:1}}", "f", {"a": 1}),
        ("call:f{a:'x, {y}: it\\'s',b:'z'}", "f", {"a": "x, {y}: it's", "b": "z"}),
        ("call:f(a='x, y')", "f", {"a": "x, y"}),
        ("call:f{a:it's,b:1}", "f", {"a": "it's", "b": 1}),
        ('call:f{a:"x<|"|>y"}', "f", {"a": 'x<|"|>y'}),
        ("call:f{a:,b:}", None, None),
    ],
)
def test_calls_are_read(text: str, name: str | None, arguments: JsonObject | None) -> None:
    if name is None or arguments is None:
        assert parse(text) == ([], text)
    else:
        assert parse(text) == ([ToolCall(name, arguments)], "")


FAULTS_OF_OTHERS = {
    "the second call of a block is lost": (
        'call:f{a:1}call:g{b:<|"|>x<|"|>}',
        [ToolCall("f", {"a": 1}), ToolCall("g", {"b": "x"})],
    ),
    "quoted keys keep their marks": ('call:f{<|"|>a<|"|>:1}', [ToolCall("f", {"a": 1})]),
    "a space after a comma": ('call:f{a:<|"|>x<|"|>, b:2}', [ToolCall("f", {"a": "x", "b": 2})]),
    "hyphens in keys": ("call:f{top-k:1}", [ToolCall("f", {"top-k": 1})]),
    "hyphens in names": ("call:get-it{}", [ToolCall("get-it", {})]),
    "dots in names": ("call:files.read{a:1}", [ToolCall("files.read", {"a": 1})]),
    "colons in names": ("call:mcp:files:read{a:1}", [ToolCall("mcp:files:read", {"a": 1})]),
    "strings without marks": ("call:f{a:north west,b:2}", [ToolCall("f", {"a": "north west", "b": 2})]),
    "a call that is cut off": ("call:f{a:1,b:{c:2", [ToolCall("f", {"a": 1, "b": {"c": 2}})]),
    "braces in braces": ("call:f{a:{b:{c:1}},d:2}", [ToolCall("f", {"a": {"b": {"c": 1}}, "d": 2})]),
    "braces in strings": ('call:f{a:<|"|>}{<|"|>,b:1}', [ToolCall("f", {"a": "}{", "b": 1})]),
    "parentheses for braces": ('call:f(a=1, b=<|"|>x)<|"|>)', [ToolCall("f", {"a": 1, "b": "x)"})]),
    "no word before the colon": ("  :f{a:1}", [ToolCall("f", {"a": 1})]),
}


@pytest.mark.parametrize("fault", FAULTS_OF_OTHERS)
def test_faults_of_other_parsers_are_not_here(fault: str) -> None:
    text, calls = FAULTS_OF_OTHERS[fault]
    assert parse(text) == (calls, "")


def test_all_calls_of_one_block_are_read() -> None:
    want = [ToolCall("f", {"a": 1}), ToolCall("g", {}), ToolCall("h", {})]
    assert parse("call:f{a:1}call:g{}, call:h()") == (want, "")


@pytest.mark.parametrize(
    "text",
    [
        'call:f{a:<|"|>half',
        "call:f{a",
        "call:f",
        "just words",
        "{",
        "call:{}",
        "thought\ncall:f{}",
        "call:f{a:" + "[" * 500,
        "{" * 500,
        '{"name":1}',
    ],
)
def test_what_cannot_be_read_comes_back_whole(text: str) -> None:
    assert parse(text) == ([], text)


def test_a_call_that_was_cut_off_is_no_call_although_its_values_look_whole() -> None:
    assert parse("call:f{a:1,b:20", complete=False) == ([], "call:f{a:1,b:20")
    assert parse("call:f{a:1}call:g{b:2", complete=False) == ([ToolCall("f", {"a": 1})], "call:g{b:2")


def test_a_function_is_known_by_its_offered_name_whatever_namespace_the_model_puts_before_it() -> None:
    offered = ["look", "create-pdf", "a.b"]
    names = ["look", "functions.look", "google:mcp:text:create-pdf", "x/look", "a.b", "onlook", "b", "other"]
    known = ["look", "look", "create-pdf", "look", "a.b", "onlook", "b", "other"]
    assert [offered_name(name, offered) for name in names] == known
    assert offered_name("x:a:b", ["b", "a:b"]) == "x:a:b", "which of the two is not clear"


def test_words_behind_a_call_are_kept() -> None:
    assert parse("call:f{} and so on") == ([ToolCall("f", {})], " and so on")


names = st.text(string.ascii_letters + "_", min_size=1)
strings = st.text(st.characters(exclude_categories=["Cs"]))
numbers = st.integers() | st.floats(allow_nan=False, allow_infinity=False)
values = st.recursive(
    st.none() | st.booleans() | numbers | strings,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=3),
    max_leaves=8,
)


def spell(value: Json) -> str:
    """The notation, written independently of the prompt's renderer."""
    if isinstance(value, str):
        return f"{STRING_MARK}{value}{STRING_MARK}"
    if isinstance(value, list):
        return f"[{','.join(map(spell, value))}]"
    if isinstance(value, dict):
        return "{" + ",".join(f"{key}:{spell(item)}" for key, item in value.items()) + "}"
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    return str(value)


@given(names, st.dictionaries(names, values, max_size=4))
def test_any_well_formed_call_is_read_back(name: str, arguments: JsonObject) -> None:
    assert parse_tool_calls(f"call:{name}{spell(arguments)}") == ([ToolCall(name, arguments)], "")


@given(st.text(alphabet="call:f{}[](),='\"\\ 1" + STRING_MARK, max_size=40), st.booleans())
def test_no_text_makes_the_parser_fail(text: str, complete: bool) -> None:
    _, rest = parse_tool_calls(text, complete=complete)
    assert text.endswith(rest)
