"""Event parser: channels are routed on ids, markers never show, and no character is lost or doubled."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlx_gemma4.parsing.channels import ChannelIds
from mlx_gemma4.parsing.event_parser import AnswerEvent, EventParser
from mlx_gemma4.protocol.events import BoxFound, CodeBlock, TextDelta, ThoughtDelta, ToolCallRequested, Unparsed

MARKERS = ["<|channel>", "<channel|>", "<|tool_call>", "<tool_call|>", '<|"|>', "<turn|>", "<|image|>"]
IDS = ChannelIds(0, 1, 2, 3, 4, hidden=frozenset(range(len(MARKERS))))


class Characters:
    """A decoder for tests: ids above the markers are code points; every second piece is held back until the next."""

    def __init__(self, hold: bool = False) -> None:
        self.hold = hold
        self.held = ""

    def feed(self, token: int) -> str:
        self.held += chr(token - len(MARKERS))
        if self.hold and len(self.held) < 2:
            return ""
        return self.flush()

    def flush(self) -> str:
        held, self.held = self.held, ""
        return held


def ids_of(*pieces: str) -> list[int]:
    """Markers given alone become ids, everything else one id a character."""
    ids: list[int] = []
    for piece in pieces:
        ids += [MARKERS.index(piece)] if piece in MARKERS else [ord(c) + len(MARKERS) for c in piece]
    return ids


def parse(
    *pieces: str,
    in_thought: bool = False,
    complete: bool = True,
    hold: bool = False,
    stop: tuple[str, ...] = (),
    tools: tuple[str, ...] = (),
) -> list[AnswerEvent]:
    parser = EventParser(IDS, Characters(hold), in_thought=in_thought, stop=stop, tools=tools)
    events = [event for token in ids_of(*pieces) for event in parser.feed(token)]
    return join([*events, *parser.finish(complete=complete)])


def join(events: list[AnswerEvent]) -> list[AnswerEvent]:
    """Neighbouring deltas as one; remarks about boxes and code apart, at the end."""
    remarks = [
        e for e in events if isinstance(e, BoxFound | CodeBlock) or (isinstance(e, Unparsed) and e.kind == "box")
    ]
    joined: list[AnswerEvent] = []
    for event in (e for e in events if e not in remarks):
        last = joined[-1] if joined else None
        if isinstance(event, TextDelta) and isinstance(last, TextDelta):
            joined[-1] = TextDelta(last.text + event.text)
        elif isinstance(event, ThoughtDelta) and isinstance(last, ThoughtDelta):
            joined[-1] = ThoughtDelta(last.text + event.text)
        else:
            joined.append(event)
    return [*joined, *remarks]


@pytest.mark.parametrize("hold", [False, True])
def test_a_thought_goes_its_own_way_and_its_name_line_is_no_part_of_it(hold: bool) -> None:
    want = [ThoughtDelta("so, 2+2\n"), TextDelta("4")]
    assert parse("<|channel>", "thought\nso, 2+2\n", "<channel|>", "4", "<turn|>", hold=hold) == want


@pytest.mark.parametrize("block", ["thought\n", "thought", ""])
def test_an_empty_thought_block_leaves_nothing(block: str) -> None:
    assert parse("<|channel>", block, "<channel|>", "4") == [TextDelta("4")]


@pytest.mark.parametrize("start", ["I think", "thoughtful", "tho", "th\nought\n", "\n"])
def test_a_thought_without_the_name_line_loses_nothing(start: str) -> None:
    assert parse("<|channel>", start, "<channel|>", "4") == [ThoughtDelta(start), TextDelta("4")]


def test_a_prompt_that_opened_the_thought_makes_the_answer_start_inside_it() -> None:
    assert parse("thought\nhm", "<channel|>", "4", in_thought=True) == [ThoughtDelta("thought\nhm"), TextDelta("4")]
    assert parse("never closed", in_thought=True) == [ThoughtDelta("never closed")]


def test_markers_that_make_no_sense_here_are_dropped() -> None:
    assert parse("a", "<channel|>", "b", "<tool_call|>", "c", '<|"|>', "<|image|>", "d") == [TextDelta("abcd")]


def test_a_marker_spelled_letter_by_letter_is_text() -> None:
    spelled = [*"<|channel>thought\nx<channel|><|tool_call>call:f{}<tool_call|>"]
    assert parse(*spelled) == [TextDelta("".join(spelled))]


def test_calls_become_events_and_text_around_them_stays_text() -> None:
    events = parse("I look.", "<|tool_call>", "call:f{a:", '<|"|>', "x, }", '<|"|>', "}", "<tool_call|>", "ok")
    assert events == [TextDelta("I look."), ToolCallRequested("f", {"a": "x, }"}), TextDelta("ok")]


def test_a_string_in_a_call_may_spell_the_string_marker() -> None:
    events = parse("<|tool_call>", "call:f{a:", '<|"|>', *'<|"|>', '<|"|>', "}", "<tool_call|>")
    assert events == [ToolCallRequested("f", {"a": '<|"|>'})]


@pytest.mark.parametrize(
    "after", [("<|tool_call>", "call:g{}", "<tool_call|>"), ("<|channel>", "thought\n", "<channel|>")]
)
def test_a_call_whose_end_was_forgotten_is_still_a_call(after: tuple[str, ...]) -> None:
    events = parse("<|tool_call>", "call:f{a:1}", *after)
    assert events[0] == ToolCallRequested("f", {"a": 1})
    assert parse("<|tool_call>", "call:f{a:1}") == [ToolCallRequested("f", {"a": 1})]


def test_a_call_that_was_cut_off_is_reported_raw() -> None:
    events = parse("<|tool_call>", "call:f{a:", '<|"|>', "hal", complete=False)
    assert events == [Unparsed("tool_call", 'call:f{a:<|"|>hal')]


def test_a_thought_may_run_straight_into_a_call() -> None:
    events = parse("<|channel>", "thought\nI need it", "<|tool_call>", "call:f{}", "<tool_call|>")
    assert events == [ThoughtDelta("I need it"), ToolCallRequested("f", {})]


def test_boxes_in_the_answer_are_found_and_those_in_a_thought_are_not() -> None:
    box = '{"box_2d":[1,2,3,4],"label":"x"}'
    events = parse("<|channel>", f"thought\n{box}", "<channel|>", f"[{box}]")
    assert events == [ThoughtDelta(box), TextDelta(f"[{box}]"), BoxFound((1, 2, 3, 4), "x")]


def test_a_box_comes_right_behind_the_delta_that_closed_it() -> None:
    parser = EventParser(IDS, Characters(), media_index=1)
    events = [event for token in ids_of('{"box_2d":[1,2,3,4],"label":"x"} …') for event in parser.feed(token)]
    position = events.index(BoxFound((1, 2, 3, 4), "x", 1))
    assert events[position - 1] == TextDelta("}")


@pytest.mark.parametrize(
    ("pieces", "text", "calls"),
    [
        (["call:f{a:", '<|"|>', "x }", '<|"|>', "}"], "", [{"a": "x }"}]),
        (["I look.\n  call:f{a:1}\nand ", "so on"], "I look.\n\nand so on", [{"a": 1}]),
        (["call:f{}call:f{a:[1]}"], "", [{}, {"a": [1]}]),
        (["call:f {a:1}", "<tool_call|>"], "", [{"a": 1}]),
        (["call:f{a:{b:1}"], "", [{"a": {"b": 1}}]),
        (["call:g{a:1}"], "call:g{a:1}", []),
        (["then call:f{a:1}"], "then call:f{a:1}", []),
        (["call:f is how\ncal\ncall"], "call:f is how\ncal\ncall", []),
        (["call:f{just words} and more"], "call:f{just words} and more", []),
        (["call:f{just words"], "call:f{just words", []),
        (["c\ncall:f{}"], "c\n", [{}]),
    ],
)
@pytest.mark.parametrize("hold", [False, True])
def test_a_call_without_its_markers_is_one_if_the_function_was_offered(
    pieces: list[str], text: str, calls: list[dict[str, object]], hold: bool
) -> None:
    events = parse(*pieces, tools=("f",), hold=hold)
    assert [event.arguments for event in events if isinstance(event, ToolCallRequested)] == calls
    said = "".join(event.text for event in events if isinstance(event, TextDelta))
    assert said == text
    assert not any(isinstance(event, ToolCallRequested) for event in parse(*pieces, hold=hold))


def test_a_call_without_markers_that_was_cut_off_is_text() -> None:
    assert parse("call:f{a:1", tools=("f",), complete=False) == [TextDelta("call:f{a:1")]


def test_text_before_a_call_that_began_a_stop_string_is_told_before_the_call() -> None:
    events = parse("so EN", "<|tool_call>", "call:f{}", "<tool_call|>", "D", stop=("END",))
    assert events == [TextDelta("so EN"), ToolCallRequested("f", {}), TextDelta("D")]


def test_nothing_comes_after_a_stop_string() -> None:
    after = ("<|tool_call>", "call:f{}", "<tool_call|>", "<|channel>", "thought\nhm", "<channel|>", "more")
    assert parse("It is 4.END now", *after, stop=("END",)) == [TextDelta("It is 4.")]


def test_stop_strings_are_not_looked_for_in_thoughts_and_calls() -> None:
    events = parse("<|channel>", "thought\nEND", "<channel|>", "<|tool_call>", "call:f{a:END}", stop=("END",))
    assert events == [ThoughtDelta("END"), ToolCallRequested("f", {"a": "END"})]


words = st.sampled_from(
    [
        "thought\n",
        "hello ",
        '{"box_2d":[1,2,3,4],"label":"x"}',
        '{"box_2d":[1',
        "call:f{a:1}",
        "}",
        "é",
        "\n",
        "END",
        "EN",
        "D",
    ]
)
answers = st.lists(st.sampled_from(MARKERS) | words, max_size=25)


@given(answers, st.booleans(), st.booleans())
def test_no_character_outside_markers_is_lost_or_doubled(answer: list[str], in_thought: bool, hold: bool) -> None:
    """Checked against a plain reading of the same pieces, marker by marker."""
    events = parse(*answer, in_thought=in_thought, hold=hold, complete=False)
    text = "".join(e.text for e in events if isinstance(e, TextDelta))
    thought = "".join(e.text for e in events if isinstance(e, ThoughtDelta))
    channel, expected, blocks = "thought" if in_thought else "text", {"text": "", "thought": ""}, [""]
    fresh = False
    for piece in answer:
        if piece == "<|channel>":
            channel, fresh = "thought", True
            blocks.append("")
        elif piece == "<|tool_call>":
            channel = "call"
        elif (piece, channel) in (("<channel|>", "thought"), ("<tool_call|>", "call")):
            channel = "text"
        elif piece not in MARKERS and channel != "call":
            shown = "" if fresh and channel == "thought" and piece == "thought\n" else piece
            fresh = False
            expected[channel] += shown
    assert text == expected["text"]
    assert thought == expected["thought"]


@given(answers, st.sampled_from([(), ("END",), ("box", "EN")]), st.sampled_from([(), ("f",)]), st.booleans())
def test_holding_characters_back_changes_nothing(
    answer: list[str], stop: tuple[str, ...], tools: tuple[str, ...], complete: bool
) -> None:
    held, given = (parse(*answer, hold=hold, stop=stop, tools=tools, complete=complete) for hold in (True, False))
    assert held == given


@given(st.lists(words | st.just("<|channel>") | st.just("<channel|>"), max_size=25))
def test_calls_without_markers_take_nothing_else_out_of_the_text(answer: list[str]) -> None:
    def everything(tools: tuple[str, ...]) -> str:
        words = {TextDelta: "text", ThoughtDelta: "text", Unparsed: "text"}
        spelled = [
            "call:f{a:1}"
            if event == ToolCallRequested("f", {"a": 1})
            else getattr(event, words.get(type(event), ""), repr(event))
            for event in parse(*answer, tools=tools, complete=False)
            if not (isinstance(event, BoxFound) or (isinstance(event, Unparsed) and event.kind == "box"))
        ]
        return "".join("".join(spelled).split())

    assert everything(("f",)) == everything(())


def test_code_is_reported_beside_the_text_that_carries_it_and_not_out_of_thoughts() -> None:
    answer = "Here:\n```html\n<p>Hi</p>\n```\n"
    thought = "thought\n```js\nlet a\n```\n"
    block = CodeBlock("html", "<p>Hi</p>")
    assert parse("<|channel>", thought, "<channel|>", answer) == [
        ThoughtDelta("```js\nlet a\n```\n"),
        TextDelta(answer),
        block,
    ]


def test_code_ends_where_a_stop_string_ends_the_answer() -> None:
    found = parse("```html\n<p>Hi</p>STOP more\n```\n", stop=("STOP",))
    assert found == [TextDelta("```html\n<p>Hi</p>"), CodeBlock("html", "<p>Hi</p>", closed=False)]
