"""A turn to the request that has it answered: what the model is told, how it draws its words, whether it thinks."""

from __future__ import annotations

from app.actions.messages import history, page_request
from app.state.attachments import Attachment
from app.state.presets import Preset, Thinking, sampling_of
from app.state.session import Session
from app.state.turn import Turn
from mlx_gemma4.protocol.page_requests import LONGEST_PAGE
from mlx_gemma4.protocol.parts import Message, TextPart, ThoughtPart, Tool
from mlx_gemma4.protocol.requests import GREEDY, Ask

Request = tuple[tuple[Message, ...], tuple[Attachment, ...]]
LONGEST_COMPLETION = 512
"""Tokens that a base model goes on by: it seldom ends by itself, and can be asked to go on."""


def thinking_now(session: Session) -> Thinking:
    """As it was chosen in this conversation, or else by its preset."""
    conversation = session.conversation
    return conversation.thinking or session.presets.find(conversation.preset).thinking


def request_of(session: Session, turn: Turn, *, in_full: bool) -> Request:
    """What the engine is asked, and the files in it: the conversation, or for a page no more than it takes."""
    if turn.transcript is not None:  # a request of its own, which names the recording
        return (), turn.attachments
    if turn.page_ask is not None:
        return (page_request(turn.page_ask, in_full),), (turn.page_ask.screenshot,)
    turns = session.conversation.turns
    if not session.conversation.shows(turn):  # it is still being written
        turns = [*turns, turn]
    if turn.completes:
        return _text_so_far(turns, turn)
    messages, files = history(turns, turn, in_full=in_full)
    told = _preset(session).instructions.strip()
    if told:
        messages = (Message("system", (TextPart(told),)), *messages)
    if turn.resuming:
        messages = (*messages, _begun(turn))
    return messages, files


def ask_for(
    session: Session, turn: Turn, messages: tuple[Message, ...], tools: tuple[Tool, ...], *, in_full: bool, urgent: bool
) -> Ask:
    """The request, which is greedy wherever no preset says otherwise."""
    name, sampling = turn.request_id, sampling_of(_preset(session))
    if turn.page_ask is not None:
        longest = LONGEST_PAGE if in_full else Ask.max_tokens
        return Ask(name, messages, GREEDY, max_tokens=longest, urgent=urgent)
    if turn.completes:
        return Ask(
            name, messages, sampling, max_tokens=LONGEST_COMPLETION, urgent=urgent, chat_format=False, loop_guard=None
        )
    thinking = _thinking(session, turn)
    return Ask(
        name,
        messages,
        sampling,
        thinking=thinking.on,
        thinking_budget=thinking.budget if thinking.on else None,
        tools=tools,
        urgent=urgent,
        continues=turn.resuming,
    )


def _thinking(session: Session, turn: Turn) -> Thinking:
    """An answer that is gone on with stays one that was thought about, or not."""
    if turn.resuming:
        return Thinking(bool(turn.thought))
    return thinking_now(session)


def _preset(session: Session) -> Preset:
    return session.presets.find(session.conversation.preset)


def _begun(turn: Turn) -> Message:
    thought = (ThoughtPart(turn.thought),) if turn.thought else ()
    return Message("assistant", (*thought, TextPart(turn.text)) if turn.text else thought)


def _text_so_far(turns: list[Turn], until: Turn) -> Request:
    """For a base model: one text, of what the person wrote and what the model went on with."""
    messages: list[Message] = []
    for turn in turns:
        if turn.completes and (turn is until or turn.text):
            gap = "\n" if messages else ""
            messages.append(Message("user", (TextPart(gap + turn.question),)))
            if turn.text:
                messages.append(Message("assistant", (TextPart(turn.text),)))
        if turn is until:
            break
    return tuple(messages), ()
