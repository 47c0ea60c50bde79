"""The conversation as the engine is asked to continue it."""

from __future__ import annotations

from collections.abc import Iterable

from app.state.attachments import Attachment, AttachmentStatus
from app.state.page import PageAsk
from app.state.turn import Turn
from mlx_gemma4.protocol.json_values import Json
from mlx_gemma4.protocol.page_requests import change_message, fix_message, page_message
from mlx_gemma4.protocol.parts import (
    AudioPart,
    DocumentPart,
    ImagePart,
    MediaPart,
    Message,
    Part,
    TextPart,
    ThoughtPart,
    ToolCallPart,
    ToolResponsePart,
    VideoPart,
)

STOPPED: Json = {"error": "The person stopped before this was run."}


def history(
    turns: Iterable[Turn], until: Turn, *, in_full: bool = True
) -> tuple[tuple[Message, ...], tuple[Attachment, ...]]:
    """All messages up to this question, and their files in the order in which the engine counts them.

    Earlier questions that got no word of an answer are left out: what made them fail would do so again. Of a page, the
    first answer stays, with its screenshot; those that correct or change it are left out, being the same page again.
    Of a transcript, the words stay with their times, and not the sound.
    A question about parts of pictures goes out alone: the parts are all that the model sees of them; later questions
    have it before them like any other. `in_full` is as for `page_message`.
    """
    if until.is_about_parts:
        turns = [until]
    messages: list[Message] = []
    files: list[Attachment] = []
    rebuilt: set[Attachment] = set()
    for turn in turns:
        if turn is not until and (told := told_of(turn)) is not None:
            messages += told
            continue
        ask = turn.page_ask
        if turn is not until and (turn.completes or not turn.text.strip() or _is_repeated(ask, rebuilt)):
            continue
        usable = _usable(turn.attachments if ask is None else [ask.screenshot])
        if turn.transcript is not None:  # its words stand for the sound, of which a model hears 30 seconds at most
            messages.append(Message("user", (TextPart(turn.question),)))
            messages.append(Message("assistant", (TextPart(turn.transcript.timed_text),)))
            continue
        if ask is None:
            messages.append(_question(turn.question, usable))
        else:
            rebuilt.add(ask.screenshot)
            usable = [item for item in usable if item not in files]
            request = page_message(ask.screenshot.path, in_full=in_full)
            messages.append(request if usable else Message("user", request.parts[1:]))
        files += usable
        rounds, brought = _rounds(turn)
        messages += rounds
        files += brought
        if turn is until:
            break
        messages.append(Message("assistant", (TextPart(turn.text),)))
    return tuple(messages), tuple(files)


def told_of(turn: Turn) -> tuple[Message, ...] | None:
    """What is told of a turn that is over and nothing but words; None of others.

    Made once, as nothing in it changes: there may be thousands of them, and all are told with each question.
    """
    if turn.told is None and turn.status.is_final:
        only_words = not (turn.attachments or turn.calls or turn.page_ask or turn.transcript or turn.completes)
        if only_words and turn.text.strip():
            turn.told = _question(turn.question, ()), Message("assistant", (TextPart(turn.text),))
    return turn.told


def _rounds(turn: Turn) -> tuple[list[Message], list[Attachment]]:
    """What the model called in this turn and was answered, and the pictures that came with it.

    Words before a call are not here: the chat format has them behind the answers.
    """
    messages: list[Message] = []
    files: list[Attachment] = []
    for thought, calls in turn.rounds:
        parts: list[Part] = [ThoughtPart(thought.strip())] if thought.strip() else []
        messages.append(Message("assistant", (*parts, *(ToolCallPart(call.name, call.arguments) for call in calls))))
        for call in calls:
            usable = _usable(call.files)
            response = call.response if call.status.is_final else STOPPED
            messages.append(Message("tool", (ToolResponsePart(call.name, response), *map(_part, usable))))
            files += usable
    return messages, files


def _question(text: str, files: Iterable[Attachment]) -> Message:
    """Words with their files, in the order that Gemma's card advises."""
    items = list(files)
    seen = (_part(item) for item in items if item.is_seen)
    heard = (_part(item) for item in items if not item.is_seen)
    return Message("user", (*seen, TextPart(text), *heard))


def page_request(ask: PageAsk, in_full: bool) -> Message:
    """The one message that asks for a page; for a fix, the version before it has a rendering."""
    path, before = ask.screenshot.path, ask.before
    if before is None:
        return page_message(path, in_full=in_full)
    if ask.what == "change":
        return change_message(path, before.html, ask.element, ask.wish, in_full=in_full)
    assert before.rendering is not None
    return fix_message(path, before.rendering.picture, before.html, in_full=in_full)


def _is_repeated(ask: PageAsk | None, rebuilt: set[Attachment]) -> bool:
    return ask is not None and (ask.what != "make" or ask.screenshot in rebuilt)


def _usable(attachments: Iterable[Attachment]) -> list[Attachment]:
    return [item for item in attachments if item.status is not AttachmentStatus.REFUSED]


def _part(attachment: Attachment) -> MediaPart:
    match attachment.kind:
        case "sound":
            return AudioPart(attachment.path)
        case "clip":
            return VideoPart(attachment.path)
        case "document":
            return DocumentPart(attachment.path, max_soft_tokens=attachment.budget or None)
        case _:
            return ImagePart(attachment.path, attachment.budget or None)
