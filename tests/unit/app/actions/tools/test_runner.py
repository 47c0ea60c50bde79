"""Calls from request to answer, over a scripted engine: consent, results, rounds, and what the model is sent."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from app.actions.tools.declared import BUILT_IN
from app.actions.tools.runner import MOST_CALLS, MOST_ROUNDS, NOT_PICKED, REFUSED
from app.state.engine_status import EngineState
from app.state.tools import CallStatus, ToolChoice
from app.state.turn import Turn, TurnStatus
from mlx_gemma4.protocol.events import (
    BoxFound,
    EngineFailed,
    MediaProbed,
    TextDelta,
)
from mlx_gemma4.protocol.json_values import Json, JsonObject
from mlx_gemma4.protocol.parts import ImagePart, Message, TextPart, ThoughtPart, ToolCallPart, ToolResponsePart
from mlx_gemma4.protocol.requests import ShowMedia
from tests.unit.app.calling import ALL, SUM, ask_with_tools, calls, in_rounds, over, says
from tests.unit.app.scripted import Rig


@pytest.fixture
def ask(rig: Rig, qtbot: QtBot) -> Callable[..., Turn]:
    """Ask a model that has all tools."""
    rig.actions.engine.start()
    return partial(ask_with_tools, rig, qtbot)


def response(rig: Rig, number: int = -1) -> Json:
    """What the model was told last."""
    parts = [part for message in rig.asks()[-1].messages for part in message.parts]
    return [part.response for part in parts if isinstance(part, ToolResponsePart)][number]


def test_a_call_waits_for_the_person_runs_and_the_answer_goes_on(rig: Rig, qtbot: QtBot, ask: Callable) -> None:
    turn = ask(calls(("calculate", SUM), thought="Hm."), says("It is 2."))
    assert turn.status is TurnStatus.CALLING and turn.calls[0].status is CallStatus.ASKING
    assert rig.session.engine.state is EngineState.READY and len(rig.asks()) == 1
    rig.actions.conversation.tools.allow(turn, turn.calls[0])
    over(qtbot, turn)
    assert (turn.text, turn.status, turn.calls[0].response) == ("It is 2.", TurnStatus.DONE, {"result": "2"})
    assert rig.asks()[1].messages == (
        Message("user", (TextPart("How much?"),)),
        Message("assistant", (ThoughtPart("Hm."), ToolCallPart("calculate", SUM))),
        Message("tool", (ToolResponsePart("calculate", {"result": "2"}),)),
    )
    assert [tool.name for tool in rig.asks()[1].tools] == [tool.name for tool in BUILT_IN]


def test_later_questions_have_calls_and_results_before_them(rig: Rig, qtbot: QtBot, ask: Callable) -> None:
    turn = ask([(0.0, TextDelta("Wait. ")), *calls(("current_time", {}))], says("Noon."), says("Yes."))
    rig.actions.conversation.tools.allow(turn, turn.calls[0])
    over(qtbot, turn)
    over(qtbot, ask(says("Yes."), question="Sure?"))
    roles = [message.role for message in rig.asks()[-1].messages]
    assert roles == ["user", "assistant", "tool", "assistant", "user"]
    assert rig.asks()[-1].messages[3] == Message("assistant", (TextPart("Wait. Noon."),))


def test_what_is_refused_is_told_to_the_model(rig: Rig, qtbot: QtBot, ask: Callable) -> None:
    turn = ask(calls(("calculate", SUM)), says("Then not."))
    rig.actions.conversation.tools.refuse_first()
    over(qtbot, turn)
    assert (turn.text, turn.calls[0].status) == ("Then not.", CallStatus.REFUSED)
    assert response(rig) == {"error": REFUSED}


def test_always_is_for_this_tool_in_this_conversation(rig: Rig, qtbot: QtBot, ask: Callable) -> None:
    turn = ask(calls(("calculate", SUM), ("current_time", {}), ("calculate", {"expression": "3"})), says("So."))
    tools = rig.actions.conversation.tools
    tools.allow(turn, turn.calls[0], always=True)
    qtbot.waitUntil(lambda: turn.calls[2].status is CallStatus.DONE)
    assert [call.status for call in turn.calls] == [CallStatus.DONE, CallStatus.ASKING, CallStatus.DONE]
    tools.refuse(turn, turn.calls[1])
    over(qtbot, turn)
    rig.answer = in_rounds(calls(("calculate", SUM)), says("2"))
    rig.actions.conversation.ask("Again?")
    over(qtbot, rig.session.conversation.turns[-1])
    rig.actions.conversation.begin_new()
    again = ask(calls(("calculate", SUM)), says("2"))
    assert again.calls[0].status is CallStatus.ASKING


def test_results_are_sent_in_the_order_of_the_calls(rig: Rig, qtbot: QtBot, ask: Callable) -> None:
    turn = ask(calls(("calculate", {"expression": "1"}), ("calculate", {"expression": "2"})), says("So."))
    tools = rig.actions.conversation.tools
    tools.allow(turn, turn.calls[1])
    qtbot.waitUntil(lambda: turn.calls[1].status is CallStatus.DONE)
    assert len(rig.asks()) == 1
    tools.allow(turn, turn.calls[0])
    over(qtbot, turn)
    assert [response(rig, 0), response(rig, 1)] == [{"result": "1"}, {"result": "2"}]


@pytest.mark.parametrize(
    ("name", "arguments", "sentence"),
    [
        ("rm", {"path": "/"}, "There is no tool 'rm'. There are: calculate"),
        ("calculate", {}, "needs the argument 'expression'"),
        ("look_closer", {"box": "all"}, "must be a list"),
    ],
)
def test_calls_that_make_no_sense_are_answered_without_asking_anybody(
    rig: Rig, ask: Callable, name: str, arguments: JsonObject, sentence: str
) -> None:
    turn = ask(calls((name, arguments)), says("Oh."))
    assert (turn.text, turn.calls[0].status) == ("Oh.", CallStatus.FAILED)
    assert sentence in str(response(rig))


def test_a_tool_that_fails_says_why(rig: Rig, qtbot: QtBot, ask: Callable) -> None:
    turn = ask(calls(("calculate", {"expression": "1/0"})), says("Oh."))
    rig.actions.conversation.tools.allow(turn, turn.calls[0])
    over(qtbot, turn)
    assert turn.calls[0].status is CallStatus.FAILED and "divides by zero" in str(response(rig))


def test_a_model_that_only_calls_comes_to_an_end(rig: Rig, qtbot: QtBot, ask: Callable) -> None:
    turn = ask(calls(("calculate", SUM)))
    rig.actions.conversation.tools.allow(turn, turn.calls[0], always=True)
    over(qtbot, turn)
    assert turn.status is TurnStatus.FAILED and turn.error is not None
    done = [call.status is CallStatus.DONE for call in turn.calls]
    assert done == [True] * MOST_ROUNDS + [False] * (len(done) - MOST_ROUNDS)
    assert rig.asks()[-1].tools == () and "Answer with what you have" in str(response(rig))


def test_more_calls_at_once_than_anybody_reads_are_not_asked_for(rig: Rig, ask: Callable) -> None:
    turn = ask(calls(*[("calculate", SUM)] * (MOST_CALLS + 2)), says("So."))
    assert [call.status for call in turn.calls[MOST_CALLS:]] == [CallStatus.FAILED] * 2
    assert len(rig.actions.conversation.tools.waiting()) == MOST_CALLS


def test_stop_ends_the_answer_and_the_next_question_says_that_nothing_ran(
    rig: Rig, qtbot: QtBot, ask: Callable
) -> None:
    turn = ask([(0.0, TextDelta("I see. ")), *calls(("calculate", SUM))], says("2"))
    rig.actions.conversation.stop.trigger()
    assert turn.status is TurnStatus.STOPPED and rig.session.conversation.idle
    over(qtbot, ask(says("Yes."), question="Sure?"))
    assert "stopped before this was run" in str(response(rig))


def test_a_stopped_call_can_still_be_allowed_while_it_is_the_last_thing_said(
    rig: Rig, qtbot: QtBot, ask: Callable
) -> None:
    turn = ask(calls(("calculate", SUM)), says("2"))
    rig.actions.conversation.stop.trigger()
    tools = rig.actions.conversation.tools
    assert tools.can_answer(turn)
    tools.allow(turn, turn.calls[0])
    over(qtbot, turn)
    assert (turn.text, turn.status) == ("2", TurnStatus.DONE)
    turn = ask(calls(("calculate", SUM)), says("2"))
    rig.actions.conversation.stop.trigger()
    ask(says("Yes."), question="Sure?")
    tools.allow(turn, turn.calls[0])
    assert turn.status is TurnStatus.STOPPED and not tools.can_answer(turn)


def test_an_engine_that_ends_while_the_person_thinks_is_started_again(rig: Rig, qtbot: QtBot, ask: Callable) -> None:
    turn = ask(calls(("calculate", SUM)), says("2"))
    rig.client.exit(-9)
    qtbot.waitUntil(lambda: rig.session.engine.state is EngineState.GONE)
    assert turn.status is TurnStatus.CALLING
    rig.actions.conversation.tools.allow(turn, turn.calls[0])
    over(qtbot, turn)
    assert (turn.text, turn.status) == ("2", TurnStatus.DONE)


def read(rig: Rig, qtbot: QtBot, ask: Callable, arguments: JsonObject | None = None) -> Turn:
    turn = ask(calls(("read_file", arguments or {})), says("Read."))
    rig.actions.conversation.tools.allow(turn, turn.calls[0])
    over(qtbot, turn)
    return turn


def test_a_text_that_the_person_picks_is_read(rig: Rig, qtbot: QtBot, ask: Callable, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("one\ntwo\n")
    rig.picked = str(tmp_path / "notes.txt")
    read(rig, qtbot, ask)
    assert response(rig) == {"name": "notes.txt", "lines": 2, "text": "one\ntwo\n"}
    rig.picked = ""  # it is known now, so nobody is asked for it
    read(rig, qtbot, ask, {"name": "notes.txt", "from_line": 2})
    assert response(rig) == {"name": "notes.txt", "lines": 2, "text": "two\n"}


def test_picking_no_file_is_not_allowing_it(rig: Rig, qtbot: QtBot, ask: Callable) -> None:
    turn = read(rig, qtbot, ask)
    assert turn.calls[0].status is CallStatus.REFUSED and response(rig) == {"error": NOT_PICKED}


def test_a_picture_that_the_person_picks_is_seen(rig: Rig, qtbot: QtBot, ask: Callable, picture: str) -> None:
    rig.picked = picture
    turn = read(rig, qtbot, ask)
    answer = rig.asks()[-1].messages[-1]
    assert answer.role == "tool" and answer.parts[1:] == (ImagePart(picture),)
    assert [file.path for file in turn.pictures] == [picture] and turn.calls[0].files == turn.files
    assert turn.files[0].display == picture and turn.files[0].width == 640


def test_a_page_of_a_document_is_seen(rig: Rig, qtbot: QtBot, ask: Callable, tmp_path: Path, picture: str) -> None:
    document = tmp_path / "paper.pdf"
    document.write_bytes(b"%PDF-1.7")
    rig.picked, rig.probed = str(document), MediaProbed("document", 600, 800, 100, picture, picture, pages=3)
    asked: list[ShowMedia] = []
    rig.shown = lambda request: asked.append(request) or rig.show(picture)  # type: ignore[func-returns-value]
    turn = read(rig, qtbot, ask, {"page": 2})
    assert (asked[0].path, asked[0].page) == (str(document), 2)
    assert turn.files[0].name == "paper.pdf, page 2"
    assert Path(turn.files[0].path).read_bytes() == Path(picture).read_bytes() and turn.files[0].path != picture
    read(rig, qtbot, ask, {"page": 4})
    assert response(rig) == {"error": "paper.pdf has no page 4; it has 3."}


def test_a_file_that_is_none_of_these_is_a_sentence(rig: Rig, qtbot: QtBot, ask: Callable, tmp_path: Path) -> None:
    for name, content, sentence in (
        ("a.mp3", b"ID3", "is a sound"),
        ("b.bin", bytes(range(256)), "not text"),
        ("damaged.png", b"\x89PNG\r\n\x1a\n", "The picture is damaged."),
    ):
        (tmp_path / name).write_bytes(content)
        rig.picked = str(tmp_path / name)
        read(rig, qtbot, ask)
        assert sentence in str(response(rig))
    os.mkfifo(tmp_path / "pipe")
    rig.picked = str(tmp_path / "pipe")
    read(rig, qtbot, ask)
    assert "not a file" in str(response(rig))


def test_a_part_of_a_picture_is_looked_at_closer(rig: Rig, qtbot: QtBot, ask: Callable, picture: str) -> None:
    rig.actions.attachments.add_files([picture])
    asked: list[ShowMedia] = []
    rig.shown = lambda request: asked.append(request) or rig.show(picture)  # type: ignore[func-returns-value]
    star = [(0.0, BoxFound((0, 0, 500, 500), "star", 1)), *says("A star.")]
    turn = ask(calls(("look_closer", {"box": [0, 100, 500, 1000]})), star)
    rig.actions.conversation.tools.allow(turn, turn.calls[0])
    over(qtbot, turn)
    assert (asked[0].path, asked[0].box) == (picture, (0, 100, 500, 1000))
    part = rig.asks()[-1].messages[-1].parts[1]
    assert isinstance(part, ImagePart) and part.path == turn.files[1].path
    assert turn.files[1].name == "Part of blue.png"
    (box,) = turn.boxes  # on the whole picture, where the person looks
    assert (box.media_index, box.box) == (0, (0, 100, 250, 550)) and turn.pictures == turn.files[:1]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({"box": [0, 0, 500]}, "must be four numbers"),
        ({"box": [500, 0, 100, 900]}, "The box is empty"),
        ({"box": [0, 0, 500, 500], "page": 2}, "There is no page 2 in picture 1."),
        ({"box": [0, 0, 500, 500], "picture": 2}, "There is no picture 2; there are 1."),
    ],
)
def test_a_part_that_is_none_is_a_sentence(
    rig: Rig, qtbot: QtBot, ask: Callable, picture: str, arguments: JsonObject, sentence: str
) -> None:
    rig.actions.attachments.add_files([picture])
    turn = ask(calls(("look_closer", arguments)), says("Oh."))
    rig.actions.conversation.tools.allow(turn, turn.calls[0])
    over(qtbot, turn)
    assert sentence in str(response(rig))


def test_what_the_engine_cannot_show_is_said_with_the_files_name(
    rig: Rig, qtbot: QtBot, ask: Callable, picture: str
) -> None:
    rig.actions.attachments.add_files([picture])
    rig.shown = lambda request: EngineFailed("media.damaged", f"{request.path} is damaged.", "", True)
    turn = ask(calls(("look_closer", {"box": [0, 0, 500, 500]})), says("Oh."))
    rig.actions.conversation.tools.allow(turn, turn.calls[0])
    over(qtbot, turn)
    assert response(rig) == {"error": "blue.png is damaged."}


def test_the_tour_model_and_servers_have_no_tools_unless_somebody_wants_them(rig: Rig) -> None:
    tools = rig.actions.conversation.tools
    for path, usual in (("tour", frozenset()), ("https://here:1234/v1", frozenset()), ("/models/gemma", ALL)):
        rig.session.engine.model_path = path
        assert tools.on == usual
    rig.session.engine.model_path = "tour"
    clock, *_ = rig.actions.tools.toggles
    clock.trigger()
    assert tools.on == {"current_time"} and clock.checked and rig.actions.tools.names == ["Clock"]
    rig.actions.conversation.begin_new()
    assert tools.on == frozenset() and not clock.checked


def test_a_model_without_eyes_is_not_offered_what_gives_pictures_only(rig: Rig) -> None:
    rig.session.conversation.tools = ToolChoice(ALL)
    rig.session.engine.sees = False
    offered = [tool.name for tool in rig.actions.conversation.tools.offered(Turn("?"))]
    assert offered == ["current_time", "calculate", "read_file"]


def test_a_call_where_no_tools_are_on_is_answered_and_does_not_hang(rig: Rig, qtbot: QtBot, ask: Callable) -> None:
    over(qtbot, ask(says("Hello.")))
    rig.session.conversation.tools = ToolChoice(frozenset())
    rig.answer = in_rounds(calls(("calculate", SUM)), says("Never mind."))
    rig.actions.conversation.ask("Again?")
    turn = rig.session.conversation.turns[-1]
    over(qtbot, turn)
    assert turn.text == "Never mind." and "There are none." in str(response(rig))
