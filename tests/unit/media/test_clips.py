"""Clips: the frames and times of transformers' own video reader, upright, from every container, or a clear sentence."""

from __future__ import annotations

import itertools
import struct
from collections.abc import Iterator
from fractions import Fraction
from functools import partial
from pathlib import Path
from types import SimpleNamespace

import av
import numpy as np
import pytest

from mlx_gemma4.media import frame_reader
from mlx_gemma4.media.clips import Clip, ClipFrame, open_clip
from mlx_gemma4.protocol.cost import sample_frames, timestamp
from tests.unit.media_files import write_clip

CONTAINERS = [
    ("a.mp4", "libx264", "yuv420p"),
    ("a.mov", "libx265", "yuv420p10le"),
    ("b.mov", "prores_ks", "yuv422p10le"),
    ("a.avi", "mpeg4", "yuv420p"),
    ("c.mov", "mjpeg", "yuvj422p"),
    ("a.webm", "libvpx-vp9", "yuv420p"),
    ("b.webm", "libvpx", "yuv420p"),
    ("c.webm", "libsvtav1", "yuv420p"),
    ("a.mkv", "ffv1", "bgr0"),
    ("b.mkv", "rawvideo", "gray"),
    ("a.ts", "mpeg2video", "yuv420p"),
    ("b.ts", "libx264", "yuv420p"),
    ("a.flv", "flv1", "yuv420p"),
    ("a.gif", "gif", "rgb8"),
    ("a.h264", "libx264", "yuv420p"),
    ("a.y4m", "rawvideo", "yuv444p"),
]


def shown(clip: Clip, wanted: int = 32) -> list[ClipFrame]:
    return list(clip.frames(sample_frames(clip.frame_count, wanted)))


def decoded(file: Path) -> list[np.ndarray]:
    """All frames, one after the other, as stored."""
    with av.open(str(file)) as container:
        return [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]


@pytest.mark.parametrize(("name", "codec", "pixels"), CONTAINERS)
def test_every_container_gives_the_frames_that_the_formula_asks_for(
    tmp_path: Path, name: str, codec: str, pixels: str
) -> None:
    file = write_clip(tmp_path / name, codec, pixels=pixels)
    clip = open_clip(file)
    frames = shown(clip)
    assert clip.frame_count == 50 and clip.seconds == pytest.approx(2.0, abs=0.05)
    wanted = [index * 50 // 32 for index in range(32)]
    np.testing.assert_allclose([frame.seconds for frame in frames], [index / 25 for index in wanted], atol=0.001)
    stored = decoded(file)
    for frame, index in zip(frames, wanted, strict=True):
        np.testing.assert_array_equal(np.asarray(frame.picture), stored[index])


@pytest.mark.parametrize(("count", "rate"), [(32, 25), (33, 30), (100, Fraction(24000, 1001)), (2000, 10)])
def test_a4_8_frames_and_times_are_those_of_the_reference(tmp_path: Path, count: int, rate: Fraction | int) -> None:
    from transformers.models.gemma4.processing_gemma4 import Gemma4Processor
    from transformers.video_utils import default_sample_indices_fn, read_video_pyav

    file = write_clip(tmp_path / "a.mp4", "mpeg4", frames=count, rate=rate)
    theirs, metadata = read_video_pyav(str(file), partial(default_sample_indices_fn, num_frames=32))
    clip = open_clip(file)
    ours = shown(clip)
    assert sample_frames(clip.frame_count) == metadata.frames_indices.tolist()
    np.testing.assert_array_equal(np.stack([np.asarray(frame.picture) for frame in ours]), theirs)
    np.testing.assert_allclose([frame.seconds for frame in ours], metadata.timestamps, atol=1e-4)
    spelled = {"video_metadata": [metadata], "num_soft_tokens_per_video": [1]}
    markers = SimpleNamespace(boi_token="(", video_token="v", eoi_token=")")
    text = " ".join(f"{timestamp(frame.seconds)} (v)" for frame in ours)
    assert text == Gemma4Processor.replace_video_token(markers, spelled, 0)


@pytest.mark.parametrize("count", [1, 2, 31])
def test_a_clip_of_fewer_frames_gives_all_it_has(tmp_path: Path, count: int) -> None:
    clip = open_clip(write_clip(tmp_path / "a.mp4", frames=count))
    assert [frame.seconds for frame in shown(clip)] == [index / 25 for index in range(count)]


def test_of_a_long_clip_only_what_is_near_the_wanted_frames_is_decoded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    decode, seen = frame_reader._decoded, []

    def counted(*arguments: object) -> Iterator[av.VideoFrame]:
        for frame in decode(*arguments):
            seen.append(frame.pts)
            yield frame

    monkeypatch.setattr(frame_reader, "_decoded", counted)
    clip = open_clip(write_clip(tmp_path / "a.mp4", "mpeg4", frames=3000, size=(32, 32), keys_every=10))
    assert not seen, "counting decodes nothing"
    assert len(shown(clip)) == 32 and len(seen) <= 32 * 10


def test_frames_at_uneven_times_carry_their_own(tmp_path: Path) -> None:
    times = list(itertools.accumulate(1 + 40 * (number % 7) for number in range(60)))
    clip = open_clip(write_clip(tmp_path / "a.mkv", frames=60, times=times))
    wanted = [times[index * 60 // 32] - times[0] for index in range(32)]
    assert [round(1000 * frame.seconds) for frame in shown(clip)] == wanted


@pytest.mark.parametrize(
    ("rotation", "size", "corner"),
    [(None, (96, 64), (0, 0)), (90, (64, 96), (0, -1)), (180, (96, 64), (-1, -1)), (-90, (64, 96), (-1, 0))],
)
def test_a_clip_filmed_with_a_turned_phone_is_upright(
    tmp_path: Path, rotation: int | None, size: tuple[int, int], corner: tuple[int, int]
) -> None:
    frame = next(open_clip(write_clip(tmp_path / "a.mp4", rotation=rotation)).frames([0]))
    assert frame.picture.size == size
    bright = np.asarray(frame.picture.convert("L")) > 200
    assert bright[corner[1], corner[0]] and bright.mean() < 0.1


def test_a_mirrored_clip_is_turned_back(tmp_path: Path) -> None:
    file = write_clip(tmp_path / "a.mp4", rotation=0)
    straight, mirrored = (struct.pack(">9i", sign << 16, 0, 0, 0, 1 << 16, 0, 0, 0, 1 << 30) for sign in (1, -1))
    file.write_bytes(replaced(file.read_bytes(), straight, mirrored, after=b"tkhd"))
    bright = np.asarray(next(open_clip(file).frames([0])).picture.convert("L")) > 200
    assert bright[0, -1] and not bright[0, 0]


def test_wide_pixels_are_made_square(tmp_path: Path) -> None:
    frame = next(open_clip(write_clip(tmp_path / "a.mp4", pixel_shape=Fraction(4, 3))).frames([0]))
    assert frame.picture.size == (128, 64)


def replaced(data: bytes, old: bytes, new: bytes, after: bytes) -> bytes:
    """The first `old` behind a mark made `new`."""
    at = data.index(old, data.index(after))
    return data[:at] + new + data[at + len(old) :]
