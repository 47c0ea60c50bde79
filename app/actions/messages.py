"""The conversation as the engine is asked to continue it."""

from __future__ import annotations

from collections.abc import Iterable

from app.state.attachments import Attachment, AttachmentStatus
from app.state.turn import Turn
from mlx_gemma4.protocol.parts import AudioPart, DocumentPart, ImagePart, MediaPart, Message, TextPart, VideoPart


def history(turns: Iterable[Turn], until: Turn) -> tuple[tuple[Message, ...], tuple[Attachment, ...]]:
    """All messages up to this question, and their files in the order in which the engine counts them.

    Earlier questions that got no word of an answer are left out: what made them fail would do so again.
    """
    messages: list[Message] = []
    files: list[Attachment] = []
    for turn in turns:
        if turn is not until and not turn.text.strip():
            continue
        usable = _usable(turn.attachments)
        files += usable
        seen = (_part(item) for item in usable if item.is_seen)
        heard = (_part(item) for item in usable if not item.is_seen)
        # in the order that Gemma's card advises
        messages.append(Message("user", (*seen, TextPart(turn.question), *heard)))
        if turn is until:
            break
        messages.append(Message("assistant", (TextPart(turn.text),)))
    return tuple(messages), tuple(files)


def _usable(attachments: Iterable[Attachment]) -> list[Attachment]:
    return [item for item in attachments if item.status is not AttachmentStatus.REFUSED]


def _part(attachment: Attachment) -> MediaPart:
    match attachment.kind:
        case "sound":
            return AudioPart(attachment.path)
        case "clip":
            return VideoPart(attachment.path)
        case "document":
            return DocumentPart(attachment.path)
        case _:
            return ImagePart(attachment.path)
