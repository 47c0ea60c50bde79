"""The sound of a file as the model hears it: one channel of 16,000 float32 samples a second, in blocks.

Letters: N samples, C channels.
"""

from __future__ import annotations

import math
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TypeAlias

import av
import numpy as np
import numpy.typing as npt
from av.error import InvalidDataError

from mlx_gemma4.media.containers import open_container
from mlx_gemma4.media.files import existing_file
from mlx_gemma4.protocol.cost import MAX_SOUND_SECONDS, SAMPLE_RATE
from mlx_gemma4.protocol.errors import MediaError
from mlx_gemma4.protocol.parts import AudioPart

BLOCK = SAMPLE_RATE
"""Samples of one block."""

Samples: TypeAlias = npt.NDArray[np.float32]

_SILENCE = 10 ** (-70 / 20)
# Formats whose header counts what follows; others estimate their length, and may be wrong.
_COUNTED = {"mov", "wav", "w64", "flac", "aiff", "caf"}
_MISSING_SECONDS, _MISSING_PART = 1.0, 0.02  # a header may be off by this much: padding, rounding, edit lists


@dataclass(frozen=True)
class SoundFile:
    """A file that has a sound track.

    Attributes:
        path: of the file.
        seconds: how long the track is by the file's header; None where the header does not say. Some formats, MP3 the
            commonest, only estimate it: what has been read is what counts.
        rate: of the track as it is stored, samples a second.
        channels: of the track as it is stored.
    """

    path: Path
    seconds: float | None
    rate: int
    channels: int

    def blocks(self) -> Iterator[Samples]:
        """The track in blocks of `BLOCK` samples, float32 [N] in -1..1; the last may be shorter.

        Decodes as it goes and holds one block, however long the track is. Packets that cannot be decoded are left out,
        as players do.

        Raises:
            MediaError: the file breaks off before its header says, or hardly anything of it can be decoded.
        """
        return _even(_decode(self), BLOCK)

    def stretch(self, start: float = 0.0, end: float | None = None) -> Iterator[Samples]:
        """The blocks from `start` to `end`, in seconds, the first and last cut to the sample; None reads to the end.

        Raises:
            MediaError: as `blocks`; or there is nothing in the stretch.
        """
        first = round(start * SAMPLE_RATE)
        last = None if end is None else round(end * SAMPLE_RATE)
        at, found = 0, False
        for block in self.blocks():
            piece = block[max(first - at, 0) : None if last is None else max(last - at, 0)]
            at += len(block)
            if len(piece):
                found = True
                yield piece
            if last is not None and at >= last:
                break
        if not found:
            message = f"{self.path} has no sound from {start:g} s on: it is {at / SAMPLE_RATE:.1f} s long."
            raise MediaError(message, "Choose an earlier stretch.", code="media.range")

    def read(self, most_seconds: float, start: float = 0.0, end: float | None = None) -> Samples:
        """The stretch from `start` to `end`, in seconds, float32 [N]; None reads to the end.

        Args:
            most_seconds: a longer stretch is refused, because nothing may be left out without a word.
            start: of the stretch.
            end: of the stretch; what lies past the end of the track is not there.

        Raises:
            MediaError: as `blocks`; the stretch is too long, or there is nothing in it.
        """
        most = round(most_seconds * SAMPLE_RATE)
        about = None if self.seconds is None else min(self.seconds, math.inf if end is None else end) - start
        if about is not None and about > most_seconds + 60:
            raise self._too_long(most_seconds, about)  # clear without decoding hours
        kept: list[Samples] = []
        have = 0
        for piece in self.stretch(start, end):
            have += len(piece)
            if have > most:
                raise self._too_long(most_seconds, about)
            kept.append(piece)
        return np.concatenate(kept)

    def _too_long(self, most: float, seconds: float | None) -> MediaError:
        length = f"{_duration(seconds)} long" if seconds else "too long"
        return MediaError(
            f"{self.path} is {length}, and the model hears at most {most:g} seconds at once.",
            "Have it transcribed, which takes any length, or name a shorter stretch.",
            code="media.too_long",
        )


def open_sound(path: str | os.PathLike[str]) -> SoundFile:
    """Look at a file's header and find its sound track; of several, the one that players choose.

    Raises:
        MediaError: not a file, not a media file, damaged (0 Hz, say), or without a sound track.
    """
    file = existing_file(path)
    with open_container(file) as container:
        if not container.streams.audio:
            hint = "Give a recording, or a clip with sound."
            raise MediaError(f"{file} has no sound track.", hint, code="media.no_sound")
        stream = container.streams.best("audio")
        if not isinstance(stream, av.AudioStream) or not isinstance(stream.codec_context, av.AudioCodecContext):
            raise MediaError(
                f"The sound track of {file} is damaged, or in a format that cannot be decoded.",
                "Record it again, or convert it to WAV or M4A.",
                code="media.damaged",
            )
        rate, channels = stream.codec_context.sample_rate, stream.codec_context.channels
        seconds = None
        if stream.duration is not None and stream.time_base is not None:
            seconds = float(stream.duration * stream.time_base)
        elif container.duration is not None:
            seconds = container.duration / av.time_base
        return SoundFile(file, seconds if seconds and seconds > 0 else None, rate, channels)


def read_part(part: AudioPart) -> Samples:
    """The samples float32 [N] that a part of a message means.

    Raises:
        MediaError: as `open_sound` and `read`; it is longer than the model hears at once.
    """
    return open_sound(part.path).read(MAX_SOUND_SECONDS, part.start, part.end)


def is_silent(samples: Samples) -> bool:
    """Whether nothing in these samples [N] could be heard: no swing above -70 dB of full scale around their mean."""
    return len(samples) == 0 or float(np.abs(samples - samples.mean()).max()) < _SILENCE


def _decode(sound: SoundFile) -> Iterator[Samples]:
    """The whole track, mixed down and resampled, in pieces as they come.

    Channels are averaged, as librosa and transformers do; FFmpeg's own mix would be louder by half.
    """
    resampler = _Resampler()
    good = bad = heard = 0
    with open_container(sound.path) as container:
        stream = container.streams.best("audio")
        assert stream is not None
        names = container.format.name.split(",")
        counted = not _COUNTED.isdisjoint(names)
        padded = "mov" in names and stream.time_base == Fraction(1, sound.rate)
        for packet in container.demux(stream):
            try:
                frames = packet.decode()
            except InvalidDataError:
                bad += 1
                continue
            for frame in frames:
                assert isinstance(frame, av.AudioFrame)
                good += 1
                # the last packet of an MP4 says how much of its frame is not padding
                for samples in resampler.feed(frame, packet.duration if padded else None):
                    heard += len(samples)
                    yield samples
        for samples in resampler.flush():
            heard += len(samples)
            yield samples
    if bad > good or not heard:
        raise MediaError(
            f"{sound.path} is damaged: hardly anything of its sound can be decoded.",
            "Record or export it again.",
            code="media.damaged",
        )
    if counted and sound.seconds is not None:
        missing = sound.seconds - heard / SAMPLE_RATE
        if missing > max(_MISSING_SECONDS, _MISSING_PART * sound.seconds):
            raise MediaError(
                f"{sound.path} breaks off after {_duration(heard / SAMPLE_RATE)} of {_duration(sound.seconds)}.",
                "Copy or download it again.",
                code="media.damaged",
            )


class _Resampler:
    """Frames of any format to mono samples at `SAMPLE_RATE`; the format may change in the middle of a track."""

    def __init__(self) -> None:
        self._rate = 0
        self._resampler: av.AudioResampler | None = None

    def feed(self, frame: av.AudioFrame, most: int | None) -> Iterator[Samples]:
        """The samples that this frame completes; only its first `most` count."""
        if frame.sample_rate != self._rate:
            yield from self.flush()
            self._rate = frame.sample_rate
            self._resampler = av.AudioResampler(format="flt", layout="mono", rate=SAMPLE_RATE)
        mono = _mono(frame)[: most or None]
        if self._rate == SAMPLE_RATE:
            yield mono
            return
        assert self._resampler is not None
        single = av.AudioFrame.from_ndarray(mono[None], format="flt", layout="mono")
        single.sample_rate = self._rate
        yield from _arrays(self._resampler.resample(single))

    def flush(self) -> Iterator[Samples]:
        """What the filter still holds back."""
        if self._resampler is not None and self._rate != SAMPLE_RATE:
            yield from _arrays(self._resampler.resample(None))
        self._resampler = None


def _arrays(frames: Iterable[av.AudioFrame | None]) -> Iterator[Samples]:
    for frame in frames:
        if frame is not None and frame.samples:
            yield frame.to_ndarray()[0].astype(np.float32)


def _mono(frame: av.AudioFrame) -> Samples:
    """The mean of a frame's channels, float32 [N] in -1..1."""
    values = frame.to_ndarray()  # [C, N], or [1, N × C] where channels alternate
    channels = frame.layout.nb_channels
    values_CN = values if frame.format.is_planar else values.reshape(-1, channels).T
    mean = values_CN.mean(axis=0, dtype=np.float64)
    if values.dtype.kind == "u":  # only 8-bit sound is unsigned
        mean = (mean - 128) / 128
    elif values.dtype.kind == "i":
        mean = mean / 2.0 ** (8 * values.dtype.itemsize - 1)
    return np.nan_to_num(mean, nan=0.0, posinf=1.0, neginf=-1.0).astype(np.float32)


def _even(pieces: Iterator[Samples], size: int) -> Iterator[Samples]:
    """The same samples in blocks of one size; the last is what is left."""
    held: list[Samples] = []
    have = 0
    for piece in pieces:
        held.append(piece)
        have += len(piece)
        if have >= size:
            whole = np.concatenate(held)
            cut = have - have % size
            yield from whole[:cut].reshape(-1, size)
            held, have = [whole[cut:]], have - cut
    if have:
        yield np.concatenate(held)


def _duration(seconds: float) -> str:
    """A length for people."""
    if seconds < 100:
        return f"{seconds:.1f} seconds"
    minutes = seconds / 60
    return f"{minutes:.0f} minutes" if minutes < 100 else f"{minutes / 60:.1f} hours"
