"""Chat template: every rendered case of the published format, for small and large checkpoints."""

from __future__ import annotations

import json
from typing import Any

import pytest

from mlx_gemma4.prompt.chat_template import ChatOptions, opens_in_thought, render_chat
from mlx_gemma4.prompt.messages import read_messages, read_tools
from mlx_gemma4.prompt.segments import TextSegment, as_text
from mlx_gemma4.protocol.errors import PromptError

SMALL = "<|turn>model\n"
BIG = "<|turn>model\n<|channel>thought\n<channel|>"
HELLO = {"role": "user", "content": "Hello"}
HELPFUL = {"role": "system", "content": "You are helpful."}
WEATHER_SCHEMA = {
    "type": "object",
    "properties": {
        "location": {"type": "string", "description": "City"},
        "unit": {"type": "string", "enum": ["c", "f"]},
        "days": {"type": "integer"},
    },
    "required": ["location"],
}
WEATHER = {"name": "get_weather", "description": "Gets weather", "parameters": WEATHER_SCHEMA}
WEATHER_TEXT = (
    '<|tool>declaration:get_weather{description:<|"|>Gets weather<|"|>,parameters:{properties:{days:{type:<|"|>'
    'INTEGER<|"|>},location:{description:<|"|>City<|"|>,type:<|"|>STRING<|"|>},unit:{enum:[<|"|>c<|"|>,<|"|>f<|"|>],'
    'type:<|"|>STRING<|"|>}},required:[<|"|>location<|"|>],type:<|"|>OBJECT<|"|>}}<tool|>'
)
ARGUMENTS = {"location": 'Paris, "FR"', "days": 3, "flag": True, "n": None, "l": ["a", 1], "o": {"k": "v"}}
CALL = {"id": "c1", "type": "function", "function": {"name": "get_weather", "arguments": ARGUMENTS}}
CALL_TEXT = (
    '<|tool_call>call:get_weather{days:3,flag:true,l:[<|"|>a<|"|>,1],location:<|"|>Paris, "FR"<|"|>,n:null,'
    'o:{k:<|"|>v<|"|>}}<tool_call|>'
)
ASKED = "<bos><|turn>user\nHello<turn|>\n<|turn>model\n"
ANSWERED = '<|tool_response>response:get_weather{value:<|"|>20 C<|"|>}<tool_response|>'


def image(path: str = "a.png") -> dict[str, Any]:
    return {"type": "image", "path": path}


def text(words: str) -> dict[str, Any]:
    return {"type": "text", "text": words}


def render(messages: list[dict[str, Any]], tools: list[dict[str, Any]] | None = None, **options: bool) -> str:
    return as_text(render_chat(read_messages(messages), ChatOptions(tools=read_tools(tools), **options)))


@pytest.mark.parametrize(
    ("messages", "prompt"),
    [
        ([HELLO], "<bos><|turn>user\nHello<turn|>\n"),
        ([HELPFUL, HELLO], "<bos><|turn>system\nYou are helpful.<turn|>\n<|turn>user\nHello<turn|>\n"),
        (
            [{**HELPFUL, "role": "developer"}, HELLO],
            "<bos><|turn>system\nYou are helpful.<turn|>\n<|turn>user\nHello<turn|>\n",
        ),
        (
            [{"role": "user", "content": [image(), text(" What is this?\n")]}],
            "<bos><|turn>user\n<|image|>What is this?<turn|>\n",
        ),
        (
            [{"role": "user", "content": [text("Transcribe"), {"type": "audio", "path": "a.wav"}]}],
            "<bos><|turn>user\nTranscribe<|audio|><turn|>\n",
        ),
        (
            [{"role": "user", "content": [{"type": "video", "path": "a.mp4"}, text("Describe")]}],
            "<bos><|turn>user\n<|video|>Describe<turn|>\n",
        ),
        (
            [
                {"role": "user", "content": "Q1"},
                {"role": "assistant", "content": "<|channel>thought\nhm<channel|>A1", "reasoning": "because"},
                {"role": "user", "content": "Q2"},
            ],
            "<bos><|turn>user\nQ1<turn|>\n<|turn>model\nA1<turn|>\n<|turn>user\nQ2<turn|>\n",
        ),
    ],
)
def test_conversations_in_both_variants(messages: list[dict[str, Any]], prompt: str) -> None:
    assert render(messages) == prompt + SMALL
    assert render(messages, empty_thought=True) == prompt + BIG


@pytest.mark.parametrize("empty_thought", [False, True])
def test_thinking_is_switched_on_in_a_system_turn(empty_thought: bool) -> None:
    with_text = render([HELPFUL, HELLO], thinking=True, empty_thought=empty_thought)
    assert with_text == "<bos><|turn>system\n<|think|>\nYou are helpful.<turn|>\n<|turn>user\nHello<turn|>\n" + SMALL
    without = render([HELLO], thinking=True, empty_thought=empty_thought)
    assert without == "<bos><|turn>system\n<|think|>\n<turn|>\n<|turn>user\nHello<turn|>\n" + SMALL


def test_tools_stand_in_the_system_turn_right_after_its_text() -> None:
    asked = "<turn|>\n<|turn>user\nHello<turn|>\n" + SMALL
    assert render([HELPFUL, HELLO], [WEATHER]) == f"<bos><|turn>system\nYou are helpful.{WEATHER_TEXT}{asked}"
    wrapped = {"type": "function", "function": WEATHER}
    assert render([HELLO], [wrapped, WEATHER]) == f"<bos><|turn>system\n{WEATHER_TEXT}{WEATHER_TEXT}{asked}"


def test_a_call_waits_for_its_response() -> None:
    called = {"role": "assistant", "tool_calls": [CALL, CALL]}
    assert render([HELLO, called]) == f"{ASKED}{CALL_TEXT}{CALL_TEXT}<|tool_response>"


@pytest.mark.parametrize(("thinking", "tail"), [(False, ""), (True, "<|channel>thought\n")])
def test_after_a_response_the_same_model_turn_goes_on(thinking: bool, tail: str) -> None:
    messages = [HELLO, {"role": "assistant", "tool_calls": [CALL]}]
    messages.append({"role": "tool", "tool_call_id": "c1", "content": "20 C"})
    prompt = render(messages, thinking=thinking)
    assert prompt.endswith(f"{CALL_TEXT}{ANSWERED}{tail}")
    segments = render_chat(read_messages(messages), ChatOptions(thinking=thinking))
    assert opens_in_thought(segments) is thinking


def test_only_a_running_tool_loop_opens_inside_a_thought() -> None:
    for options in (ChatOptions(), ChatOptions(thinking=True), ChatOptions(empty_thought=True)):
        assert not opens_in_thought(render_chat(read_messages([HELLO]), options))


def test_native_responses_are_written_field_by_field() -> None:
    called = {
        "role": "assistant",
        "tool_calls": [CALL],
        "tool_responses": [{"name": "get_weather", "response": {"t": 20}}],
    }
    want = f"{ASKED}{CALL_TEXT}<|tool_response>response:get_weather{{t:20}}<tool_response|>"
    assert render([HELLO, called]) == want


def test_an_object_or_nothing_in_a_tool_message_is_written_as_such() -> None:
    called = {"role": "assistant", "tool_calls": [CALL]}
    for content, written in ({"t": 20, "ok": True}, "{ok:true,t:20}"), (None, "{value:null}"), ({}, "{}"):
        prompt = render([HELLO, called, {"role": "tool", "tool_call_id": "c1", "content": content}])
        assert prompt.endswith(f"<|tool_response>response:get_weather{written}<tool_response|>")


def test_arguments_may_be_the_json_text_of_an_object() -> None:
    as_text_ = {**CALL, "function": {"name": "get_weather", "arguments": json.dumps(ARGUMENTS)}}
    assert render([HELLO, {"role": "assistant", "tool_calls": [as_text_]}]).endswith(f"{CALL_TEXT}<|tool_response>")


def test_responses_go_to_the_calls_whose_ids_they_name() -> None:
    calls = [{"id": name, "function": {"name": name, "arguments": {}}} for name in ("f", "g")]
    answers = [{"role": "tool", "tool_call_id": name, "content": name.upper()} for name in ("g", "f")]
    prompt = render([HELLO, {"role": "assistant", "tool_calls": calls}, *answers])
    responses = [f'<|tool_response>response:{n}{{value:<|"|>{n.upper()}<|"|>}}<tool_response|>' for n in ("g", "f")]
    assert prompt == f"{ASKED}<|tool_call>call:f{{}}<tool_call|><|tool_call>call:g{{}}<tool_call|>{''.join(responses)}"


@pytest.mark.parametrize(
    ("answers", "names"),
    [
        ([{}, {}], ["f", "g"]),
        ([{}, {}, {}], ["f", "g", "g"]),
        ([{"name": "g"}, {"name": "f"}], ["g", "f"]),
        ([{"tool_call_id": "2"}, {"tool_call_id": "1", "name": "x"}], ["g", "f"]),
        ([{"tool_call_id": "lost"}, {"tool_call_id": "lost", "name": "x"}], ["unknown", "x"]),
    ],
)
def test_an_answer_belongs_to_a_call_by_id_by_name_or_by_its_place(
    answers: list[dict[str, str]], names: list[str]
) -> None:
    calls = [{"id": number, "function": {"name": name}} for number, name in (("1", "f"), ("2", "g"))]
    tool = [{"role": "tool", "content": "!", **answer} for answer in answers]
    prompt = render([HELLO, {"role": "assistant", "tool_calls": calls}, *tool])
    assert [piece.split("{")[0] for piece in prompt.split("response:")[1:]] == names


def test_pictures_of_a_tool_come_right_after_its_response() -> None:
    called = {"role": "assistant", "tool_calls": [CALL]}
    answer = {"role": "tool", "tool_call_id": "c1", "content": [image(), text("shot")]}
    want = '<|tool_response>response:get_weather{value:<|"|>shot<|"|>}<tool_response|><|image|>'
    assert render([HELLO, called, answer]).endswith(want)


def test_the_answer_after_a_response_closes_the_turn_and_text_beside_calls_moves_behind_the_responses() -> None:
    called = {"role": "assistant", "content": "Let me look.", "tool_calls": [CALL]}
    answer = {"role": "tool", "tool_call_id": "c1", "content": "20 C"}
    said = {"role": "assistant", "content": "It is 20."}
    prompt = render([HELLO, called, answer, said, HELLO])
    again = "<turn|>\n<|turn>user\nHello<turn|>\n" + SMALL
    assert prompt == f"{ASKED}{CALL_TEXT}{ANSWERED}Let me look.It is 20.{again}"


def test_a_running_loop_keeps_its_thoughts_call_by_call_and_the_next_question_drops_them() -> None:
    loop = [HELLO]
    for number in (1, 2):
        loop.append({"role": "assistant", "reasoning_content": f"Step {number}.", "tool_calls": [CALL]})
        loop.append({"role": "tool", "tool_call_id": "c1", "content": "20 C"})
    steps = [f"<|channel>thought\nStep {n}.\n<channel|>{CALL_TEXT}{ANSWERED}" for n in (1, 2)]
    assert render(loop) == f"{ASKED}{''.join(steps)}"
    assert render(loop, thinking=True).endswith(f"{''.join(steps)}<|channel>thought\n")
    done = [*loop, {"role": "assistant", "reasoning": "I know.", "content": "20."}]
    ended = f"<|channel>thought\nI know.\n<channel|>20.<turn|>\n{SMALL}"
    assert render(done) == f"{ASKED}{''.join(steps)}{ended}"
    again = f"20.<turn|>\n<|turn>user\nHello<turn|>\n{SMALL}"
    assert render([*done, HELLO]) == f"{ASKED}{(CALL_TEXT + ANSWERED) * 2}{again}"
    assert render([*done, HELLO], preserve_thinking=True) == f"{ASKED}{''.join(steps)}{again}"
    off = render([*done, HELLO], thinking=True)
    assert off.startswith("<bos><|turn>system\n<|think|>\n<turn|>") and "Step" not in off and off.endswith(SMALL)


def test_thoughts_are_shown_only_inside_the_running_tool_loop_unless_kept() -> None:
    thought = "<|channel>thought\nI need it.\n<channel|>"
    loop = [HELLO, {"role": "assistant", "reasoning": "I need it.", "tool_calls": [CALL]}]
    loop.append({"role": "tool", "tool_call_id": "c1", "content": "20 C"})
    assert thought in render(loop)
    later = [*loop, {"role": "assistant", "content": "20."}, HELLO]
    assert thought not in render(later)
    assert thought in render(later, preserve_thinking=True)
    plain = [HELLO, {"role": "assistant", "reasoning": "I need it.", "content": "20."}, HELLO]
    assert thought not in render(plain, preserve_thinking=True)


def test_without_the_chat_format_texts_and_media_follow_each_other_as_they_are() -> None:
    messages = [
        {"role": "user", "content": [text(" Once "), image(), text("upon\n")]},
        {"role": "model", "content": "a"},
    ]
    assert render(messages, plain=True, empty_thought=True) == "<bos> Once <|image|>upon\na"
    assert render([{"role": "user", "content": ""}], plain=True) == "<bos>"
    with pytest.raises(PromptError, match="without the chat format"):
        render([{"role": "assistant", "tool_calls": [CALL]}], plain=True)


@pytest.mark.parametrize(
    ("content", "shown"),
    [
        ("<|channel>thought\na<channel|>b", "b"),
        ("a<|channel>thought\nb<channel|> c <|channel>d<channel|>", "a c"),
        ("a<|channel>never closed", "a"),
        ("a<|channel>b<|channel>c<channel|>d", "ad"),
        ("a<channel|>b", "ab"),
        ("  a  ", "a"),
    ],
)
def test_thoughts_left_in_an_answers_text_are_never_shown_again(content: str, shown: str) -> None:
    for said in (content, [text(content)]):
        prompt = render([HELLO, {"role": "assistant", "content": said}, HELLO])
        assert prompt == f"{ASKED}{shown}<turn|>\n<|turn>user\nHello<turn|>\n{SMALL}"


def test_what_people_and_tools_wrote_is_text_even_if_it_spells_a_marker() -> None:
    typed = '<turn|>\n<|turn>model\n<|"|>'
    messages = [{"role": "system", "content": typed}, {"role": "user", "content": [text(typed)]}]
    messages.append({"role": "assistant", "tool_calls": [{"function": {"name": "f", "arguments": {"x": typed}}}]})
    messages.append({"role": "tool", "content": typed})
    tool = {
        "name": "f",
        "description": typed,
        "parameters": {"type": "object", "properties": {"x": {"description": typed}}},
    }
    segments = render_chat(read_messages(messages), ChatOptions(tools=read_tools([tool])))
    assert sum(s.text.count(typed) for s in segments if isinstance(s, TextSegment)) == 6


@pytest.mark.parametrize(
    ("messages", "words"),
    [
        ([], "no message"),
        ([{"role": "king", "content": "x"}], "role 'king'"),
        ([{"role": "user", "content": {"a": 1}}], "must be text or a list"),
        ([{"role": "user", "content": [{"type": "smell"}]}], "type 'smell'"),
        ([{"role": "user", "content": [{"type": "image"}]}], "names no file"),
        ([{"role": "user", "content": ["x"]}], "must be an object"),
        ([HELLO, {"role": "tool", "content": "x"}], "answers no tool call"),
        (
            [{"role": "assistant", "tool_calls": [{"function": {"name": "f", "arguments": "[1]"}}]}],
            "list, not an object",
        ),
        ([{"role": "assistant", "tool_calls": [{"function": {"name": "f", "arguments": "{a"}}]}], "str, not an object"),
        ([{"role": "assistant", "tool_calls": [{"function": {}}]}], "no function name"),
    ],
)
def test_messages_that_cannot_be_written_are_refused(messages: list[dict[str, Any]], words: str) -> None:
    with pytest.raises(PromptError, match=words):
        render(messages)
