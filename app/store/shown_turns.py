"""The branch of a kept conversation that was on the screen."""

from __future__ import annotations

from app.store.records import StoredConversation, StoredTurn


def shown_turns(conversation: StoredConversation) -> list[StoredTurn]:
    """From the first question to the last of the branch on the screen."""
    turns = {turn.key: turn for turn in conversation.turns}
    last = conversation.shown if conversation.shown in turns else max(turns, default=None)
    path: list[StoredTurn] = []
    while last is not None and last in turns:
        path.append(turns[last])
        last = turns[last].before
    return path[::-1]


def why_nothing(turn: StoredTurn) -> str:
    """What stands in the place of an answer without a word."""
    return str(turn.error["message"]) if turn.error and "message" in turn.error else "(no answer)"
