"""Frames of a clip at chosen places, decoded from the nearest key frame on: a long clip costs no more memory."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from itertools import chain, islice

import numpy as np
import numpy.typing as npt
from av.container import InputContainer
from av.error import FFmpegError, InvalidDataError
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from mlx_gemma4.media.containers import open_container, picture_track
from mlx_gemma4.media.frame_table import FrameTable
from mlx_gemma4.media.pictures import MAX_PIXELS


def read_frames(
    path: str | os.PathLike[str], table: FrameTable, indices: Sequence[int]
) -> Iterator[tuple[VideoFrame, float]]:
    """The frames of these numbers, ascending, each with its time in seconds from the first frame of the clip.

    A frame that cannot be decoded is replaced by the next one that can; at the end of a clip there may be none.

    Raises:
        MediaError: the file cannot be read.
    """
    with open_container(path) as container:
        stream = picture_track(container, path)
        stream.thread_type = "AUTO"
        stream.codec_context.options = {"max_pixels": str(MAX_PIXELS)}  # a frame may be larger than the header says
        if len(table.times_T):
            first = int(table.times_T[0])
            wanted = [int(table.times_T[index]) for index in indices]
            for frame, time in _Seeker(container, stream, table.keys).frames_at(wanted):
                yield frame, float((time - first) * table.time_base)
        else:
            yield from _counted(container, stream, indices, table)


class _Seeker:
    """Goes forward through a clip: by decoding, or by a jump where a key frame lies between."""

    def __init__(self, container: InputContainer, stream: VideoStream, keys: npt.NDArray[np.int64]) -> None:
        self._container = container
        self._stream = stream
        self._keys = keys
        self._position: int | None = None  # time of the last frame that was decoded
        self._target = 0
        self._frames = self._decode()

    def frames_at(self, times: Sequence[int]) -> Iterator[tuple[VideoFrame, int]]:
        """The first frame at or after each of these times, ascending, with its own time; none comes twice."""
        for wanted in times:
            if self._position is not None and wanted <= self._position:
                continue
            self._target = wanted
            for key in self._keys_ahead(wanted):
                if self._jump(key):
                    break
            reached = next((pair for pair in self._frames if pair[1] >= wanted), None)
            if reached is not None:
                yield reached

    def _keys_ahead(self, wanted: int) -> list[int]:
        """Where to jump to, the best first: the key frame before that time, and the one before it should the jump fail.

        Empty if decoding on is less work.
        """
        before = self._keys[: np.searchsorted(self._keys, wanted, side="right")]
        if self._position is None or not len(before) or before[-1] <= self._position:
            return []
        return before[:-3:-1].tolist()

    def _jump(self, key: int) -> bool:
        """Go on at a key frame; False if that cannot be done or has led behind the target: some indices are inexact."""
        try:
            self._container.seek(key, stream=self._stream)
        except FFmpegError:
            return False
        frames = self._decode()
        landed = next(frames, None)
        self._frames = frames if landed is None else chain((landed,), frames)
        return landed is not None and landed[1] <= self._target

    def _decode(self) -> Iterator[tuple[VideoFrame, int]]:
        for frame in _decoded(self._container, self._stream, lambda time: time < self._target):
            time = frame.dts if frame.pts is None else frame.pts
            if time is not None:
                self._position = time
                yield frame, time


def _counted(
    container: InputContainer, stream: VideoStream, indices: Sequence[int], table: FrameTable
) -> Iterator[tuple[VideoFrame, float]]:
    """Frames by number, where nothing has times: all of them are decoded, one after the other."""
    wanted = set(indices)
    frames = enumerate(_decoded(container, stream, lambda _time: False))
    for index, frame in islice(frames, max(indices) + 1):
        if index in wanted:
            yield frame, float(index / table.rate)


def _decoded(
    container: InputContainer, stream: VideoStream, is_passed_over: Callable[[int], bool]
) -> Iterator[VideoFrame]:
    """All frames from here on but damaged ones; of those that are passed over, only what others are made from."""
    for packet in container.demux(stream):
        passed_over = packet.pts is not None and is_passed_over(packet.pts)
        stream.codec_context.skip_frame = "NONREF" if passed_over else "DEFAULT"
        try:
            yield from packet.decode()
        except InvalidDataError:
            continue
