"""A conversation of thousands of turns."""

from __future__ import annotations

import gc

from PySide6.QtCore import QObject

from app.state.answer_blocks import BlockKind
from app.state.conversation import Conversation
from app.state.turn import Turn, TurnStatus
from tests.unit.app.resident import resident_bytes

MOST_BYTES = 1_700
ANSWER = "Sixty words of an answer, none of which says anything that has not been said before. " * 4
BOXES = """Two:
```json
[{"box_2d": [1, 2, 3, 4], "label": "star"}]
```
and
```json
[{"box_2d": [5, 6, 7, 8], "label": "moon"}]
```
"""


def answered(conversation: Conversation, question: str, answer: str) -> Turn:
    turn = Turn(question)
    conversation.add(turn)
    turn.append_text(answer)
    turn.finish(TurnStatus.DONE)
    conversation.running = None
    return turn


def test_a_turn_that_is_over_weighs_little_more_than_its_words() -> None:
    conversation = Conversation()
    for number in range(500):
        answered(conversation, f"Question {number}?", f"{ANSWER} {number}")
    gc.collect()
    before = resident_bytes()
    for number in range(5_000):
        answered(conversation, f"Question {number}?", f"{ANSWER} {number}")
    gc.collect()
    weight = (resident_bytes() - before) / 5_000
    print(f"{weight:.0f} bytes a turn")
    assert weight < MOST_BYTES
    assert not any(isinstance(item, QObject) for item in gc.get_referents(conversation.turns[-1].__dict__))


def test_blocks_are_made_again_as_they_were() -> None:
    turn = Turn("What is there?")
    turn.append_text(BOXES)
    for number, label in enumerate(("star", "moon")):
        turn.add_box((number, 2, 3, 4), label, 0)
    streamed = list(turn.blocks)
    turn.finish(TurnStatus.DONE)
    again = turn.blocks
    assert [(block.kind, block.text, block.boxes, block.closed) for block in again] == [
        (block.kind, block.text, block.boxes, block.closed) for block in streamed
    ]
    assert [block.boxes for block in again if block.kind is BlockKind.BOXES] == [(0,), (1,)]
    assert again[0] is not streamed[0], "nobody kept them"


def test_blocks_with_calls_between_them_stay() -> None:
    turn = Turn("What time is it?")
    turn.append_text("Let me see.")
    turn.add_call("clock", {})
    turn.append_text("Noon.")
    turn.finish(TurnStatus.DONE)
    assert [block.text for block in turn.blocks] == ["Let me see.", "Noon."]


def test_only_turns_of_the_path_are_shown() -> None:
    conversation = Conversation()
    first, second = answered(conversation, "One?", "1"), answered(conversation, "Two?", "2")
    other = Turn("Another one?")
    assert not conversation.shows(other)
    conversation.branch(first, other)
    assert conversation.shows(other) and not conversation.shows(first) and not conversation.shows(second)
    other.finish(TurnStatus.DONE)
    conversation.running = None
    third = answered(conversation, "Three?", "3")
    conversation.choose(second)
    assert conversation.turns == [first, second] and conversation.versions(second) == [second]
    conversation.choose(other)
    assert conversation.turns == [other, third] and (other.place, third.place) == (0, 1)
