"""Events change the state in one place, and only what is still wanted."""

from dataclasses import replace
from typing import Any

import pytest

from app.state.answer_blocks import AnswerBlock, BlockKind
from app.state.attachments import Attachment, AttachmentStatus
from app.state.engine_status import EngineState
from app.state.session import GONE_CODE, Session
from app.state.tools import CallStatus
from app.state.transcript import Transcript
from app.state.turn import Turn, TurnStatus
from mlx_gemma4.protocol.events import (
    BoxFound,
    EngineFailed,
    Event,
    MediaProbed,
    ModelLoading,
    ModelReady,
    PromptProgress,
    Remark,
    TextDelta,
    ThoughtDelta,
    ToolCallRequested,
    TranscriptSegment,
    TurnFinished,
    Unparsed,
    UsageReport,
)
from tests.unit.app.scripted import READY, USAGE, probed


@pytest.fixture
def session() -> Session:
    """One question with a picture, on its way to the engine as ask-1."""
    session = Session()
    turn = Turn("Where is the star?", (Attachment("/pictures/star.png", "probe-1"),))
    turn.request_id = "ask-1"
    session.conversation.add(turn)
    session.engine.state, session.engine.ask_id = EngineState.BUSY, "ask-1"
    return session


def say(session: Session, kind: type[Any], *values: object, to: str = "ask-1") -> Turn:
    event: Event = kind(*values, request_id=to)
    session.apply(event)
    return session.conversation.turns[0]


def fail(session: Session, code: str = "media", recoverable: bool = True, to: str = "ask-1") -> Turn:
    return say(session, EngineFailed, code, "It is broken.", "Mend it.", recoverable, to=to)


def test_an_answer_goes_from_reading_to_done(session: Session) -> None:
    turn = say(session, PromptProgress, 50, 200)
    assert (turn.status, turn.progress) == (TurnStatus.READING, 0.25)
    say(session, ThoughtDelta, "Hm.")
    say(session, TextDelta, "A ")
    say(session, TextDelta, "star.")
    assert (turn.status, turn.text, turn.thought) == (TurnStatus.ANSWERING, "A star.", "Hm.")
    session.apply(UsageReport(10, 20, 30.0, 0.5, 60, request_id="ask-1"))
    say(session, TurnFinished, "end_of_turn")
    assert turn.status is TurnStatus.DONE and turn.finish_reason == "end_of_turn"
    assert session.engine.usage is turn.usage is not None
    assert session.engine.state is EngineState.READY and session.conversation.running is None


def test_a_box_belongs_to_the_list_it_stands_in_and_opens_the_stage(session: Session) -> None:
    say(session, TextDelta, 'Look:\n```json\n[{"box_2d": [1, 2, 3, 4], "label": "star"}')
    turn = say(session, BoxFound, (1, 2, 3, 4), "star", 0)
    say(session, TextDelta, ',\n{"box_2d": [5, 6, 7, 8], "label": "moon"}, {"box_2d": [5, 6, 7, 9], "label": "star"}]')
    say(session, BoxFound, (5, 6, 7, 8), "moon", 0)
    say(session, BoxFound, (5, 6, 7, 9), "star", 0)
    assert [block.kind for block in turn.blocks] == [BlockKind.PROSE, BlockKind.BOXES]
    assert turn.blocks[1].boxes == (0, 1, 2)
    assert [found.colour for found in turn.boxes] == [0, 1, 0]
    assert session.stage.turn is turn and session.stage.is_open
    assert session.stage.picture is turn.attachments[0]
    assert session.stage.boxes() == list(turn.boxes)


def test_after_stop_only_the_end_counts(session: Session) -> None:
    turn = say(session, TextDelta, "One")
    turn.status = TurnStatus.STOPPING
    say(session, TextDelta, " two")
    say(session, BoxFound, (1, 2, 3, 4), "late", 0)
    session.apply(UsageReport(10, 20, 30.0, 0.5, 60, request_id="ask-1"))
    assert turn.status is TurnStatus.STOPPING and turn.usage is not None
    say(session, TurnFinished, "stopped")
    assert (turn.status, turn.text, turn.boxes) == (TurnStatus.STOPPED, "One", ())


def test_what_was_heard_of_a_recording_before_a_stop_came_through_is_written_down(session: Session) -> None:
    turn = session.conversation.turns[-1]
    turn.transcript = Transcript()
    say(session, TranscriptSegment, 0.0, 9.0, "One.")
    turn.status = TurnStatus.STOPPING
    say(session, TranscriptSegment, 9.0, 20.0, "Two.")
    assert turn.status is TurnStatus.STOPPING
    say(session, TurnFinished, "stopped")
    assert (turn.status, turn.text) == (TurnStatus.STOPPED, "One.\nTwo.\n")


@pytest.mark.parametrize("event", [TextDelta("late", request_id="ask-1"), TextDelta("stray", request_id="ask-9")])
def test_what_comes_after_the_end_or_belongs_to_nothing_is_ignored(session: Session, event: Event) -> None:
    turn = say(session, TextDelta, "One")
    say(session, TurnFinished, "end_of_turn")
    session.apply(event)
    assert turn.text == "One" and turn.status is TurnStatus.DONE


def test_words_of_a_call_that_cannot_be_read_are_not_lost(session: Session) -> None:
    turn = say(session, Unparsed, "tool_call", "call:x{")
    say(session, Unparsed, "box", "{...")
    assert turn.text == "call:x{"
    assert turn.broken_boxes == 1


def test_calls_stand_between_the_words_around_them_and_the_turn_waits_for_their_answers(session: Session) -> None:
    say(session, TextDelta, "Let me look. ")
    say(session, ToolCallRequested, "look", {"at": "ü"})
    say(session, ToolCallRequested, "look", {"at": 2})
    turn = say(session, TurnFinished, "tool_calls")
    assert turn.status is TurnStatus.CALLING and session.conversation.running is turn
    first, second = turn.calls
    session.answer_call(turn, second, CallStatus.DONE, {"found": 1})
    session.answer_call(turn, second, CallStatus.FAILED, "again")
    assert turn.open_calls == [first] and second.response == {"found": 1}
    session.answer_call(turn, first, CallStatus.REFUSED, {"error": "no"})
    say(session, TextDelta, "It is there.")
    kinds = [part.text if isinstance(part, AnswerBlock) else part.number for part in turn.parts]
    assert kinds == ["Let me look. ", 0, 1, "It is there."]
    assert turn.rounds == [("", [first, second])]


def test_what_comes_after_an_abandoned_call_is_ignored(session: Session) -> None:
    turn = say(session, ToolCallRequested, "look", {})
    say(session, TurnFinished, "tool_calls")
    session.abandon(turn)
    session.answer_call(turn, turn.calls[0], CallStatus.DONE, 1)
    assert turn.calls[0].response is None and turn.status is TurnStatus.STOPPED


def test_a_call_before_the_longest_length_does_not_hold_the_answer_up(session: Session) -> None:
    say(session, ToolCallRequested, "look", {})
    turn = say(session, TurnFinished, "max_tokens")
    assert turn.status is TurnStatus.DONE and turn.rounds == []


def test_a_transcript_is_text_line_by_line(session: Session) -> None:
    say(session, TranscriptSegment, 0.0, 4.0, "Hello there.")
    say(session, TranscriptSegment, 4.0, 9.0, "")
    turn = say(session, TranscriptSegment, 9.0, 12.0, "Bye.")
    assert (turn.status, turn.text) == (TurnStatus.ANSWERING, "Hello there.\nBye.\n")


def test_an_answer_that_reaches_its_longest_length_is_marked(session: Session) -> None:
    assert say(session, TurnFinished, "max_tokens").finish_reason == "max_tokens"


def test_a_failed_answer_says_why_and_keeps_its_words(session: Session) -> None:
    say(session, TextDelta, "Half")
    turn = fail(session)
    assert turn.status is TurnStatus.FAILED and turn.text == "Half"
    assert turn.error is not None and (turn.error.message, turn.error.hint) == ("It is broken.", "Mend it.")
    assert session.notices.items == () and session.engine.state is EngineState.READY


def test_a_failure_that_cannot_be_recovered_from_offers_to_restart(session: Session) -> None:
    fail(session, "engine.device", recoverable=False)
    assert session.engine.state is EngineState.FAILED
    assert [notice.action_label for notice in session.notices.items] == ["Restart"]


def test_the_engine_dies_in_the_middle_of_an_answer(session: Session) -> None:
    say(session, TextDelta, "Half")
    turn = fail(session, GONE_CODE, recoverable=False)
    fail(session, GONE_CODE, recoverable=False, to="probe-1")
    session.engine_exited()
    assert turn.text == "Half" and turn.status is TurnStatus.FAILED
    assert turn.error is not None and "stopped" in turn.error.message
    assert turn.attachments[0].status is AttachmentStatus.PROBING
    assert session.engine.state is EngineState.GONE
    (notice,) = session.notices.items
    assert notice.text.startswith("The engine stopped") and notice.action_label == "Restart"


def test_a_question_that_waits_for_a_model_fails_when_none_will_come(session: Session) -> None:
    session.conversation.clear()
    turn = Turn("Hello?")
    session.conversation.add(turn)
    session.engine.load_id = "load-1"
    fail(session, "checkpoint", to="load-1")
    assert turn.status is TurnStatus.FAILED and session.conversation.running is None
    (notice,) = session.notices.items
    assert notice.text == "It is broken. Mend it." and notice.action_label == "Try again"


def test_a_probed_file_is_ready_and_a_bad_one_says_why(session: Session) -> None:
    good, bad = session.conversation.turns[0].attachments[0], Attachment("/pictures/bad.png", "probe-2")
    session.attachments.add(bad)
    session.apply(replace(probed(), thumbnail="/t.png", display="/d.png", request_id="probe-1"))
    fail(session, to="probe-2")
    assert (good.status, good.soft_tokens, good.thumbnail, good.display) == (
        AttachmentStatus.READY,
        130,
        "/t.png",
        "/d.png",
    )
    assert (bad.status, bad.error, bad.hint) == (AttachmentStatus.REFUSED, "It is broken.", "Mend it.")
    assert session.attachments.take_all() == []


def test_the_model_loads(session: Session) -> None:
    say(session, ModelLoading, "tour", to="load-1")
    assert session.engine.state is EngineState.LOADING
    session.apply(READY)
    assert session.engine.state is EngineState.READY and session.engine.model_name == "Tour"
    assert isinstance(READY, ModelReady) and USAGE.completion_tokens


def test_people_read_names_of_files_and_not_paths(session: Session) -> None:
    session.attachments.add(Attachment("/pictures/bad.png", "probe-2"))
    event = EngineFailed("media", "There is no file /pictures/bad.png.", "", True)
    session.apply(replace(event, request_id="probe-2"))
    assert session.attachments.items[0].error == "There is no file “bad.png”."
    session.apply(replace(event, message="/pictures/star.png is empty.", request_id="ask-1"))
    error = session.conversation.turns[0].error
    assert error is not None and error.message == "“star.png” is empty."


def test_a_new_conversation_has_nothing_of_the_old_one(session: Session) -> None:
    say(session, TextDelta, "Half")
    session.stage.show(session.conversation.turns[0])
    session.attachments.add(Attachment("/pictures/other.png"))
    session.draft.text = "And"
    session.begin_new()
    session.apply(TextDelta("late", request_id="ask-1"))
    assert session.conversation.turns == [] and session.conversation.running is None
    assert session.attachments.items == [] and session.draft.text == ""
    assert session.stage.turn is None and not session.stage.is_open
    assert session.engine.state is EngineState.BUSY
    session.apply(TurnFinished("stopped", request_id="ask-1"))
    assert session.engine.state is EngineState.READY


def test_a_file_is_what_the_engine_says_it_is_whatever_its_name(session: Session) -> None:
    (turn,) = session.conversation.turns
    session.apply(MediaProbed("sound", 0, 0, 310, "", "", seconds=12.4, request_id="probe-1"))
    (file,) = turn.attachments
    assert (file.kind, file.seconds, file.display, file.status) == ("sound", 12.4, "", AttachmentStatus.READY)
    assert turn.pictures == () and turn.files == (file,)
    session.stage.show(turn)
    assert not session.stage.is_open, "there is nothing to look at"


def test_a_remark_of_the_engine_is_a_notice_that_names_files_as_people_do(session: Session) -> None:
    session.apply(Remark("Of /pictures/star.png only half is heard.", request_id="ask-1"))
    assert [notice.text for notice in session.notices.items] == ["Of “star.png” only half is heard."]
    session.apply(Remark("Not asked.", request_id="other"))
    assert len(session.notices.items) == 1
    session.apply(Remark("The answer ends after 256 tokens.", request_id="ask-1"))
    both = "Of “star.png” only half is heard. The answer ends after 256 tokens."
    assert [notice.text for notice in session.notices.items] == [both]
