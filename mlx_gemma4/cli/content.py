"""Files and a question on the command line as one message."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from mlx_gemma4.protocol.cost import MAX_SOUND_SECONDS

_PARTS = {"picture": "image", "document": "document", "clip": "video", "sound": "audio"}


def ask_content(files: Sequence[str], question: str) -> list[dict[str, Any]]:
    """The parts of a message that asks about files: what is seen comes before the question, sound after it.

    (That order is the one that Gemma 4's model card recommends.) Every file is opened, so that one that cannot be used
    is noticed before the slow load of a model.

    Raises:
        MediaError: a file cannot be used.
    """
    seen: list[dict[str, Any]] = []
    heard: list[dict[str, Any]] = []
    for file in files:
        kind = _checked_kind(file)
        (heard if kind == "sound" else seen).append({"type": _PARTS[kind], "path": file})
    return [*seen, {"type": "text", "text": question}, *heard]


def _checked_kind(file: str) -> str:
    from mlx_gemma4.media.clips import open_clip
    from mlx_gemma4.media.documents import open_document
    from mlx_gemma4.media.kinds import kind_of
    from mlx_gemma4.media.pictures import load_picture
    from mlx_gemma4.media.sound import open_sound

    kind = kind_of(file)
    match kind:
        case "picture":
            load_picture(file)
        case "document":
            with open_document(file) as document:
                document.numbers(None)
        case "clip":
            open_clip(file)
        case "sound":
            open_sound(file).read(MAX_SOUND_SECONDS)
    return kind
