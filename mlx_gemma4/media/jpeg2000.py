"""JPEG 2000 by FFmpeg, which lets other threads run meanwhile; Pillow's decoder holds up the process, seconds long."""

from __future__ import annotations

import os

import av
from av.error import FFmpegError
from PIL import Image

FORMAT = "JPEG2000"


def decode(path: str | os.PathLike[str]) -> Image.Image:
    """The picture as mode RGB, or RGBA if it has transparency; deeper channels keep their upper 8 bits.

    Raises:
        OSError: it is damaged.
    """
    try:
        with av.open(f"file:{os.fspath(path)}", format="j2k_pipe", options={"protocol_whitelist": "file"}) as container:
            container.streams.video[0].thread_type = "AUTO"
            frame = next(container.decode(video=0))
    except (FFmpegError, StopIteration, IndexError) as error:
        raise OSError(f"{path} cannot be decoded: {error}") from error
    has_alpha = any(component.is_alpha for component in frame.format.components)
    pixels = frame.to_ndarray(format="rgba" if has_alpha else "rgb24")
    return Image.fromarray(pixels)
