"""Tool calls, consent and results are there again after the app has ended, however it ended."""

from __future__ import annotations

from pathlib import Path

from app.state.tools import CallStatus, ToolChoice
from app.state.turn import TurnStatus
from mlx_gemma4.protocol.parts import ImagePart, ToolResponsePart
from tests.unit.app.calling import ALL, calls, in_rounds, says
from tests.unit.app.scripted import Rig
from tests.unit.app.store.keeping import Keeping


def begin(keeping: Keeping, name: str, arguments: dict) -> Rig:
    """A conversation in which the model has said something and wants a tool."""
    rounds = in_rounds(calls((name, arguments), words="Wait. "), says("So."))
    rig = keeping.begin(rounds)
    rig.session.conversation.tools = ToolChoice(ALL)
    rig.actions.conversation.ask("How much?")
    keeping.wait(lambda: bool(rig.actions.conversation.tools.waiting()))
    return rig


def test_calls_results_and_pictures_come_back(keeping: Keeping, picture: str) -> None:
    rig = begin(keeping, "read_file", {"purpose": "the blue one"})
    rig.picked = picture
    turn = rig.session.conversation.turns[0]
    rig.actions.conversation.tools.allow(turn, turn.calls[0])
    keeping.wait(lambda: rig.session.conversation.idle)
    before = turn.calls[0].response
    keeping.end(rig)
    Path(picture).unlink()
    rig = keeping.begin(lambda ask: says("Yes."))
    (turn,) = rig.session.conversation.turns
    (call,) = turn.calls
    assert (call.name, call.arguments) == ("read_file", {"purpose": "the blue one"})
    assert (call.status, call.response, turn.text) == (CallStatus.DONE, before, "Wait. So.")
    assert [file.name for file in call.files] == ["blue.png"] and Path(call.files[0].path).is_file()
    keeping.ask(rig, "Sure?")
    answer = rig.asks()[0].messages[2]
    assert answer.parts == (ToolResponsePart("read_file", before), ImagePart(call.files[0].path))


def test_a_crash_while_the_person_is_asked_loses_nothing(keeping: Keeping) -> None:
    rig = begin(keeping, "calculate", {"expression": "1 + 1"})
    keeping.wait(lambda: "ToolCallRequested" in _written(keeping))
    other = keeping.begin(lambda ask: says("It is 2."))
    (turn,) = other.session.conversation.turns  # as after a crash: nobody has closed the first
    (call,) = turn.calls
    assert (turn.status, turn.text, call.status) == (TurnStatus.STOPPED, "Wait. ", CallStatus.ASKING)
    assert other.actions.conversation.tools.can_answer(turn)
    other.actions.conversation.tools.allow(turn, call)
    keeping.wait(lambda: other.session.conversation.idle)
    assert (turn.text, turn.status, call.response) == ("Wait. It is 2.", TurnStatus.DONE, {"result": "2"})
    keeping.end(rig)
    third = keeping.again(other)
    (turn,) = third.session.conversation.turns
    assert (turn.text, turn.status) == ("Wait. It is 2.", TurnStatus.DONE)
    assert turn.calls[0].response == {"result": "2"}


def _written(keeping: Keeping) -> str:
    files = [keeping.folder / f"conversations.sqlite{ending}" for ending in ("", "-wal")]
    return "".join(file.read_bytes().decode("latin-1") for file in files if file.exists())


def test_which_tools_are_on_and_which_need_no_asking_belongs_to_the_conversation(keeping: Keeping) -> None:
    rig = begin(keeping, "calculate", {"expression": "1"})
    turn = rig.session.conversation.turns[0]
    rig.actions.conversation.tools.allow(turn, turn.calls[0], always=True)
    keeping.wait(lambda: rig.session.conversation.idle)
    rig.actions.tools.toggles[0].trigger()
    wanted = ToolChoice(ALL - {"current_time"}, frozenset({"calculate"}))
    assert rig.session.conversation.tools == wanted
    rig = keeping.again(rig)
    assert rig.session.conversation.tools == wanted
    rig.actions.conversation.new.trigger()
    assert rig.session.conversation.tools == ToolChoice()


def test_a_choice_that_cannot_be_read_is_none() -> None:
    for values in (None, [], {"on": "all", "allowed": 3}, {"on": None}):
        assert ToolChoice.from_values(values) == ToolChoice()  # type: ignore[arg-type]
