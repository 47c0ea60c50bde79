"""What a file is, told from its content; its name is not asked."""

from __future__ import annotations

import os
from typing import Literal, TypeAlias

from mlx_gemma4.media.containers import find_picture_track, open_container
from mlx_gemma4.media.documents import is_document
from mlx_gemma4.media.pictures import open_picture
from mlx_gemma4.protocol.errors import MediaError

Kind: TypeAlias = Literal["picture", "sound", "clip", "document"]


def kind_of(path: str | os.PathLike[str]) -> Kind:
    """The kind of a file; an animated picture is a picture, and a damaged one that is recognised keeps its kind.

    Raises:
        MediaError: not a file, or none of these.
    """
    if is_picture(path):
        return "picture"
    if is_document(path):
        return "document"
    try:
        with open_container(path) as container:
            if find_picture_track(container) is not None:
                return "clip"
            if container.streams.audio:
                return "sound"
    except MediaError as error:
        if error.code != "media.not_av":
            raise
    raise MediaError(
        f"{os.fspath(path)} is neither a picture, a sound, a clip nor a PDF, or too damaged to be read as one.",
        "Give a file of one of these kinds.",
        code="media.unknown",
    )


def is_picture(path: str | os.PathLike[str]) -> bool:
    """Whether the file is a picture, even if one that cannot be used.

    Raises:
        MediaError: not a file.
    """
    try:
        with open_picture(path):
            return True
    except MediaError as error:
        if error.code == "media.not_a_picture":
            return False
        if error.code in ("media.damaged", "media.too_large", "media.strip"):
            return True
        raise
