"""When the frames of a clip are shown, read from its packets: no header is trusted, and nothing is decoded.

Letters: T frames.
"""

from __future__ import annotations

import os
from array import array
from dataclasses import dataclass
from fractions import Fraction

import av
import numpy as np
import numpy.typing as npt
from av.container import InputContainer
from av.error import FFmpegError
from av.video.stream import VideoStream

from mlx_gemma4.media.containers import damaged, open_container, picture_track
from mlx_gemma4.protocol.errors import MediaError

LONGEST_CLIP_HOURS = 4
"""Beyond this, 32 frames stand more than seven minutes apart and show nothing of what happens between them."""
_USUAL_RATE = Fraction(24)  # frames a second, where a file does not say: the reference's
_COMPLETE = 0.98  # of what a header promises, in frames and in time: a file with less breaks off


@dataclass(frozen=True, eq=False)
class FrameTable:
    """The frames of a clip.

    Attributes:
        count: T, how many there are.
        times_T: int64, when each is shown, in units of `time_base`, ascending; empty if packets have no times.
        keys: int64, the times of those that can be decoded without others, ascending.
        time_base: seconds of one unit.
        rate: frames a second, on average.
        seconds: from the first frame to the end of the last.
        pixel_shape: width of a stored pixel over its height; None if the file does not say.
    """

    count: int
    times_T: npt.NDArray[np.int64]
    keys: npt.NDArray[np.int64]
    time_base: Fraction
    rate: Fraction
    seconds: float
    pixel_shape: Fraction | None


def read_frame_table(path: str | os.PathLike[str]) -> FrameTable:
    """Walk through all packets of the picture track, once.

    Raises:
        MediaError: not a clip, without pictures, broken off, or longer than `LONGEST_CLIP_HOURS`.
    """
    with open_container(path) as container:
        if _is_too_long(container, picture_track(container, path)):
            raise _too_long(path)
    with open_container(path) as container:
        stream = picture_track(container, path)
        time_base = stream.time_base or 1 / _USUAL_RATE
        rate = stream.average_rate or stream.guessed_rate or _USUAL_RATE
        count, times, keys, end = _walk(container, stream, path)
        times_T = np.sort(np.array(times, np.int64))
        seconds = float((end - int(times_T[0])) * time_base) if times else float(count / rate)
        if not count or _breaks_off(stream, count, seconds):
            raise damaged(path)
        keys_K = np.sort(np.array(keys, np.int64))
        return FrameTable(count, times_T, keys_K, time_base, rate, seconds, stream.sample_aspect_ratio)


def _walk(
    container: InputContainer, stream: VideoStream, path: str | os.PathLike[str]
) -> tuple[int, array[int], array[int], int]:
    """How many frames there are, their times, those of key frames, and when the last one ends."""
    limit = _units(stream, LONGEST_CLIP_HOURS * 3600)
    count, end = 0, 0
    times, keys = array("q"), array("q")
    for packet in container.demux(stream):
        if packet.size == 0 or packet.is_discard:
            continue
        count += 1
        time = packet.dts if packet.pts is None else packet.pts
        if time is None:
            continue
        times.append(time)
        if packet.is_keyframe:
            keys.append(time)
        end = max(end, time + (packet.duration or 0))
        if time - times[0] > limit:
            raise _too_long(path)
    if len(times) < count:
        times, keys = array("q"), array("q")
    return count, times, keys, end


def _is_too_long(container: InputContainer, stream: VideoStream) -> bool:
    """Whether the header says so and there is something at that time; walking there would take minutes."""
    hours = Fraction(container.duration or 0, av.time_base * 3600)
    if hours <= LONGEST_CLIP_HOURS:
        return False
    limit = (stream.start_time or 0) + _units(stream, LONGEST_CLIP_HOURS * 3600)
    try:
        container.seek(limit, stream=stream, backward=False)
        return any(packet.pts is not None and packet.pts >= limit for packet in container.demux(stream))
    except FFmpegError:
        return False  # the walk will tell


def _units(stream: VideoStream, seconds: int) -> int:
    return int(seconds * _USUAL_RATE if stream.time_base is None else seconds / stream.time_base)


def _breaks_off(stream: VideoStream, count: int, seconds: float) -> bool:
    """Whether frames and time both fall short of the header; either alone may be cut on purpose, or be nonsense."""
    promised = 0.0 if stream.duration is None or stream.time_base is None else float(stream.duration * stream.time_base)
    return count < _COMPLETE * stream.frames and seconds < _COMPLETE * promised


def _too_long(path: str | os.PathLike[str]) -> MediaError:
    return MediaError(
        f"{os.fspath(path)} is longer than {LONGEST_CLIP_HOURS} hours, and the model would see too little of it.",
        "Cut out the part that you mean.",
        code="media.too_long",
    )
