"""What was on the screen is there again after the app has ended."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest

from app.state.attachments import AttachmentStatus
from app.state.turn import Turn, TurnStatus
from app.store.schema import NAME
from app.store.store import Store
from mlx_gemma4.protocol.events import EngineFailed, TextDelta, ThoughtDelta, TurnFinished
from tests.unit.app.scripted import USAGE, Rig, said
from tests.unit.app.store.keeping import Keeping


def texts(rig: Rig) -> list[tuple[str, str]]:
    """Questions and answers on the screen."""
    return [(turn.question, turn.text) for turn in rig.session.conversation.turns]


def says(*words: str, thought: str = "") -> list:
    """An answer in these pieces."""
    thoughts = [(0.0, ThoughtDelta(thought))] if thought else []
    return [*thoughts, *((0.0, TextDelta(word)) for word in words), (0.0, USAGE), (0.0, TurnFinished("end_of_turn"))]


def look(turn: Turn) -> tuple:
    """All that a person sees of a turn."""
    blocks = [(block.kind, block.text, block.boxes) for block in turn.blocks]
    files = [(file.name, file.kind, file.width, file.height) for file in turn.attachments]
    assert turn.usage is not None
    usage = replace(turn.usage, seq=0, request_id="")
    state = (turn.status, turn.error, turn.finish_reason, usage, turn.broken_boxes)
    return turn.question, turn.text, turn.thought, turn.boxes, blocks, files, state


def test_a_conversation_is_there_again_with_all_that_was_seen_of_it(keeping: Keeping, picture: str) -> None:
    rig = keeping.begin()
    keeping.ask(rig, "What is in this picture?", picture)
    rig.answer = lambda ask: says("Nothing ", "more.", thought="Is there more?")
    keeping.ask(rig, "And else?")
    before = [look(turn) for turn in rig.session.conversation.turns]
    rig = keeping.again(rig)
    assert [look(turn) for turn in rig.session.conversation.turns] == before
    assert before[0][3] and before[1][2] == "Is there more?"
    assert [entry.title for entry in rig.session.library.entries] == ["blue"]


def test_what_is_asked_next_goes_on_from_what_was_kept(keeping: Keeping, picture: str) -> None:
    rig = keeping.begin()
    keeping.ask(rig, "What is in this picture?", picture)
    rig = keeping.again(rig)
    keeping.ask(rig, "Sure?")
    messages = rig.asks()[0].messages
    assert [message.role for message in messages] == ["user", "assistant", "user"]
    rig = keeping.again(rig)
    assert [question for question, _ in texts(rig)] == ["What is in this picture?", "Sure?"]


def test_a_file_that_was_moved_away_is_still_there(keeping: Keeping, picture: str) -> None:
    rig = keeping.begin(lambda ask: says("Blue."))
    keeping.ask(rig, "What is this?", picture)
    content = Path(picture).read_bytes()
    keeping.end(rig)
    Path(picture).unlink()
    rig = keeping.begin()
    (file,) = rig.session.conversation.turns[0].attachments
    assert file.name == "blue.png" and file.path.startswith(str(keeping.folder))
    assert Path(file.path).read_bytes() == content and file.sleeps
    rig.actions.library.look_at(rig.session.conversation.turns[0])
    keeping.wait(lambda: bool(file.display))
    assert file.status is AttachmentStatus.READY and not file.sleeps


def test_a_file_is_copied_behind_its_row_however_quick_the_copy_is(
    keeping: Keeping, picture: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Store, "_copy", lambda _, run, *what: run(*what))  # at once, not on a thread
    rig = keeping.begin()
    keeping.ask(rig, "What is this?", picture)
    keeping.end(rig)
    Path(picture).unlink()  # else the next start makes good what was not done
    (file,) = keeping.begin().session.conversation.turns[0].attachments
    assert Path(file.path).is_relative_to(keeping.folder)


def test_boxes_are_on_the_stage_again(keeping: Keeping, picture: str) -> None:
    rig = keeping.begin()
    keeping.ask(rig, "What is this?", picture)
    rig = keeping.again(rig)
    stage, turn = rig.session.stage, rig.session.conversation.turns[0]
    assert stage.is_open and stage.turn is turn and len(stage.boxes()) == 1
    keeping.wait(lambda: stage.picture is not None and bool(stage.picture.display))


def test_every_answer_to_a_question_stays(keeping: Keeping) -> None:
    rig = keeping.begin(lambda ask: says("first"))
    keeping.ask(rig, "One?")
    keeping.ask(rig, "Two?")
    rig.answer = lambda ask: says("second")
    rig.actions.conversation.retry_turn(rig.session.conversation.turns[0])
    keeping.wait(lambda: rig.session.conversation.idle)
    assert texts(rig) == [("One?", "second")]
    rig = keeping.again(rig)
    assert texts(rig) == [("One?", "second")]
    conversation = rig.session.conversation
    first, second = conversation.versions(conversation.turns[0])
    assert (first.text, second.text) == ("first", "second")
    rig.actions.conversation.choose(first)
    assert texts(rig) == [("One?", "first"), ("Two?", "first")]
    rig.actions.conversation.choose(second)
    rig.actions.conversation.choose(first)
    rig = keeping.again(rig)
    assert texts(rig) == [("One?", "first"), ("Two?", "first")]


def test_a_question_can_be_put_otherwise_and_stays_as_it_was_too(keeping: Keeping, picture: str) -> None:
    rig = keeping.begin()
    keeping.ask(rig, "What?", picture)
    rig.actions.conversation.edit_turn(rig.session.conversation.turns[0], "Where?")
    keeping.wait(lambda: rig.session.conversation.idle)
    rig = keeping.again(rig)
    turns = rig.session.conversation.versions(rig.session.conversation.turns[0])
    assert [turn.question for turn in turns] == ["What?", "Where?"]
    assert turns[0].attachments == turns[1].attachments != ()


def test_words_are_on_the_disk_before_the_answer_is_over(keeping: Keeping) -> None:
    rig = keeping.begin(lambda ask: [(0.0, TextDelta("half an ")), (0.1, TextDelta("answer")), (60.0, USAGE)])
    rig.actions.conversation.ask("Well?")
    keeping.wait(lambda: "answer" in rig.session.conversation.turns[0].text)

    def written() -> str:
        with sqlite3.connect(keeping.folder / NAME) as connection:
            return "".join(piece for (piece,) in connection.execute("SELECT events FROM pieces ORDER BY number"))

    keeping.wait(lambda: "half an" in written() and "answer" in written())
    other = keeping.begin()  # as after a crash: nobody has closed the first
    assert texts(other) == [("Well?", "half an answer")]
    turn = other.session.conversation.turns[0]
    assert turn.status is TurnStatus.STOPPED and other.actions.conversation.can_continue(turn)
    keeping.wait(lambda: True)
    other.actions.conversation.continue_turn(turn)
    keeping.wait(lambda: other.session.conversation.idle)
    assert len(other.session.conversation.turns) == 1 and other.asks()[0].continues
    whole = texts(other)
    assert whole[0][1].startswith("half an answer") and len(whole[0][1]) > len("half an answer")
    assert texts(keeping.again(other)) == whole


def test_why_an_answer_failed_is_kept(keeping: Keeping) -> None:
    failed = EngineFailed("request.too_long", "That is too long.", "Ask for less.", True)
    rig = keeping.begin(lambda ask: [(0.0, TextDelta("So")), (0.0, failed)])
    keeping.ask(rig, "Much?")
    error = rig.session.conversation.turns[0].error
    rig = keeping.again(rig)
    assert error is not None and rig.session.conversation.turns[0].error == error
    assert rig.session.conversation.turns[0].status is TurnStatus.FAILED


def test_an_answer_without_words_is_given_again_in_its_place(keeping: Keeping) -> None:
    failed = EngineFailed("request.too_long", "That is too long.", "Ask for less.", True)
    rig = keeping.begin(lambda ask: [(0.0, failed)])
    keeping.ask(rig, "Much?")
    rig.answer = lambda ask: says("Here")
    rig.actions.conversation.retry.trigger()
    keeping.wait(lambda: rig.session.conversation.idle)
    rig = keeping.again(rig)
    (turn,) = rig.session.conversation.turns
    assert (turn.text, turn.error, turn.status) == ("Here", None, TurnStatus.DONE)
    assert rig.session.conversation.versions(turn) == [turn]


def test_an_answer_that_failed_yesterday_is_given_again_and_kept(keeping: Keeping) -> None:
    failed = EngineFailed("request.too_long", "That is too long.", "Ask for less.", True)
    rig = keeping.begin(lambda ask: [(0.0, failed)])
    keeping.ask(rig, "Much?")
    rig = keeping.again(rig, lambda ask: says("Here"))
    rig.actions.conversation.retry.trigger()
    keeping.wait(lambda: rig.session.conversation.idle)
    rig = keeping.again(rig)
    assert texts(rig) == [("Much?", "Here")]


def test_leaving_a_conversation_keeps_what_was_answered_so_far(keeping: Keeping) -> None:
    rig = keeping.begin(lambda ask: [(0.0, TextDelta("so far")), (60.0, USAGE)])
    rig.actions.conversation.ask("Well?")
    keeping.wait(lambda: bool(rig.session.conversation.turns[0].text))
    key = rig.session.conversation.key
    rig.actions.conversation.new.trigger()
    assert rig.session.library.current is None
    keeping.open(rig, key)
    (turn,) = rig.session.conversation.turns
    assert (turn.text, turn.status) == ("so far", TurnStatus.STOPPED)


def test_a_new_conversation_is_what_comes_back_if_it_was_there_last(keeping: Keeping) -> None:
    rig = keeping.begin()
    keeping.ask(rig, "One?")
    rig.actions.conversation.new.trigger()
    rig = keeping.again(rig)
    assert texts(rig) == [] and len(rig.session.library.entries) == 1


def test_a_transcript_is_there_again_with_what_was_corrected_in_it(keeping: Keeping, tmp_path: Path) -> None:
    rig = keeping.begin()
    rig.session.engine.hears = True
    rig.transcribe = lambda request: said((0.0, 20.0, "Good morning."), (20.0, 60.0, "We begin at seven."))
    file = tmp_path / "talk.wav"
    file.write_bytes(b"RIFF")
    rig.actions.attachments.add_files([str(file)])
    keeping.wait(lambda: bool(rig.session.attachments.items[0].seconds))
    rig.actions.transcripts.write_down.trigger()
    keeping.wait(lambda: rig.session.conversation.idle)
    rig.actions.transcripts.edit(rig.session.conversation.turns[0], 1, "We begin at eleven.")
    for _ in range(2):
        rig = keeping.again(rig)
        (turn,) = rig.session.conversation.turns
        assert turn.transcript is not None and rig.session.stage.written is turn
        assert [(line.start, line.text) for line in turn.transcript.lines][1] == (20.0, "We begin at eleven.")
        assert turn.text == "Good morning.\nWe begin at eleven.\n" and turn.status is TurnStatus.DONE
        rig.actions.transcripts.edit(turn, 0, "Good evening.")
        rig.actions.transcripts.edit(turn, 0, "Good morning.")
    rig.actions.library.search("eleven")
    keeping.wait(lambda: bool(rig.session.search.hits))
