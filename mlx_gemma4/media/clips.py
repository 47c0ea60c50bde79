"""A clip to some of its frames: upright pictures, and when each is shown."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from PIL import Image

from mlx_gemma4.media.animations import frame_ends, read_animation
from mlx_gemma4.media.containers import damaged, open_container, picture_track
from mlx_gemma4.media.frame_reader import read_frames
from mlx_gemma4.media.frame_table import FrameTable, read_frame_table
from mlx_gemma4.media.kinds import is_picture
from mlx_gemma4.media.pictures import check_size
from mlx_gemma4.media.upright import upright_picture
from mlx_gemma4.protocol.errors import MediaError

_SAME = 1e-6  # seconds: times go through text and back


@dataclass(frozen=True, eq=False)
class ClipFrame:
    """A frame.

    Attributes:
        picture: mode RGB, upright.
        seconds: when it is shown, counted from the first frame.
    """

    picture: Image.Image
    seconds: float


@dataclass(frozen=True, eq=False)
class Clip:
    """A clip of which the frames have been counted and nothing decoded.

    Attributes:
        path: of the file.
        frame_count: how many frames it has.
        seconds: from the first frame to the end of the last.
        has_sound: whether there is a sound track.
    """

    path: str
    frame_count: int
    seconds: float
    has_sound: bool
    _source: FrameTable | list[float]  # of an animated picture: when each frame ends

    def moments(self, indices: Sequence[int]) -> list[float]:
        """When the frames of these numbers are shown, in seconds from the first one; nothing is decoded."""
        source = self._source
        if not isinstance(source, FrameTable):
            return [[0.0, *source][index] for index in indices]
        if not len(source.times_T):
            return [float(index / source.rate) for index in indices]
        first = int(source.times_T[0])
        return [float((int(source.times_T[index]) - first) * source.time_base) for index in indices]

    def index_at(self, seconds: float) -> int:
        """The number of the frame that is shown at this time; of the last one for later times."""
        low, high = 0, self.frame_count - 1
        while low < high:
            middle = (low + high + 1) // 2
            low, high = (middle, high) if self.moments([middle])[0] <= seconds + _SAME else (low, middle - 1)
        return low

    def frames(self, indices: Sequence[int]) -> Iterator[ClipFrame]:
        """The frames of these numbers, ascending, decoded one by one.

        Raises:
            MediaError: the file is damaged, or its frames are too large.
        """
        found = False
        for frame in self._read(indices):
            found = True
            yield frame
        if not found:
            raise damaged(self.path)

    def _read(self, indices: Sequence[int]) -> Iterator[ClipFrame]:
        if isinstance(self._source, FrameTable):
            for frame, seconds in read_frames(self.path, self._source, indices):
                yield ClipFrame(upright_picture(frame, self._source.pixel_shape), seconds)
        else:
            starts = [0.0, *self._source]
            for index, picture in zip(indices, read_animation(self.path, indices), strict=True):
                yield ClipFrame(picture, starts[index])


def open_clip(path: str | os.PathLike[str]) -> Clip:
    """Count a clip's frames; an animated picture is a clip, too.

    Raises:
        MediaError: not a clip, without moving pictures, damaged, too long or too large.
    """
    name = os.fspath(path)
    if is_picture(path):
        ends = frame_ends(path)
        if len(ends) == 1:
            raise MediaError(f"{name} is a picture that does not move.", "Give it as a picture.", code="media.still")
        return Clip(name, len(ends), ends[-1], False, ends)
    with open_container(path) as container:
        stream = picture_track(container, path)
        check_size(name, stream.codec_context.width, stream.codec_context.height)
        has_sound = bool(container.streams.audio)
    table = read_frame_table(path)
    return Clip(name, table.count, table.seconds, has_sound, table)
