"""A sound or clip file to an open container, or one sentence that says why not."""

from __future__ import annotations

import functools
import os
from collections.abc import Iterator
from contextlib import contextmanager

import av
from av.container import InputContainer
from av.error import FFmpegError
from av.stream import Disposition
from av.video.stream import VideoStream

from mlx_gemma4.media.files import existing_file
from mlx_gemma4.protocol.errors import MediaError

# Playlists and scripts, which open other files or addresses; descriptions of network streams; devices; and formats that
# take any text for a picture. Still pictures (`…_pipe`) are refused, too: they are Pillow's, with its limits.
_REFUSED = frozenset(
    "hls concat dash imf sdp rtp rtsp image2 image2pipe webm_dash_manifest tty bin xbin adf idf ansi lavfi data "
    "rawvideo ffmetadata alsa oss fbdev x11grab video4linux2,v4l2".split()
)
_HINT = "Give an MP4, MOV, WebM, MKV, AVI, WAV, MP3, M4A, FLAC or OGG file."


@contextmanager
def open_container(path: str | os.PathLike[str]) -> Iterator[InputContainer]:
    """The file as a container to demux; what goes wrong while it is read becomes a sentence, too.

    No network is touched and no other file is opened, whatever the file says.

    Raises:
        MediaError: not a file, neither sound nor clip, or damaged.
    """
    file = existing_file(path)
    options = {"protocol_whitelist": "file", "format_whitelist": _formats()}
    try:
        container = av.open(f"file:{file}", options=options, metadata_errors="ignore")
    except (FFmpegError, ValueError) as error:
        raise MediaError(
            f"{file} is neither a sound nor a clip, or too damaged to be read as one.", _HINT, code="media.not_av"
        ) from error
    with container:
        try:
            yield container
        except FFmpegError as error:
            raise damaged(file) from error


def picture_track(container: InputContainer, path: str | os.PathLike[str]) -> VideoStream:
    """The first track of moving pictures; a cover in a sound file is none.

    Raises:
        MediaError: there is none, or nothing here can decode it.
    """
    stream = find_picture_track(container)
    if stream is None:
        raise MediaError(
            f"{os.fspath(path)} has no moving pictures in it.", "Give it as a sound.", code="media.no_pictures"
        )
    if stream.codec_context is None:
        raise MediaError(
            f"The pictures of {os.fspath(path)} are in a format that cannot be decoded.",
            "Convert it to MP4.",
            code="media.unsupported",
        )
    return stream


def find_picture_track(container: InputContainer) -> VideoStream | None:
    """The first track of moving pictures, if there is one."""
    cover = Disposition.attached_pic
    return next((stream for stream in container.streams.video if not stream.disposition & cover), None)


def damaged(file: str | os.PathLike[str]) -> MediaError:
    """The error of a file that begins well."""
    return MediaError(
        f"{os.fspath(file)} is damaged or incomplete: it cannot be read to its end.",
        "Save or download it again.",
        code="media.damaged",
    )


@functools.cache
def _formats() -> str:
    """All formats that this build of FFmpeg reads and that are not refused, as FFmpeg wants them named."""
    return ",".join(sorted(name for name in av.formats_available if _is_welcome(name)))


def _is_welcome(name: str) -> bool:
    return name not in _REFUSED and not name.endswith("_pipe")
