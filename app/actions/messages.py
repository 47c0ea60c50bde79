"""The conversation as the engine is asked to continue it."""

from __future__ import annotations

from collections.abc import Iterable

from app.state.attachments import Attachment, AttachmentStatus
from app.state.turn import Turn
from mlx_gemma4.protocol.parts import ImagePart, Message, TextPart


def history(turns: Iterable[Turn], until: Turn) -> tuple[tuple[Message, ...], tuple[Attachment, ...]]:
    """All messages up to this question, and their pictures in the order in which the engine counts them.

    Earlier questions that got no word of an answer are left out: what made them fail would do so again.
    """
    messages: list[Message] = []
    pictures: list[Attachment] = []
    for turn in turns:
        if turn is not until and not turn.text.strip():
            continue
        shown = _usable(turn.attachments)
        pictures += shown
        parts = (*(ImagePart(item.path) for item in shown), TextPart(turn.question))
        messages.append(Message("user", parts))
        if turn is until:
            break
        messages.append(Message("assistant", (TextPart(turn.text),)))
    return tuple(messages), tuple(pictures)


def _usable(attachments: Iterable[Attachment]) -> list[Attachment]:
    return [item for item in attachments if item.status is not AttachmentStatus.REFUSED]
