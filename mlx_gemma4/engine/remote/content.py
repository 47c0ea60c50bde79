"""Files in a conversation to what a server takes: pictures as data addresses, sound as WAV, clips as frames with times.

Pictures are made no larger than the part's budget means, so that nothing goes over the line that nobody would look at.
"""

from __future__ import annotations

import base64
import io
import math
import wave
from collections.abc import Callable, Iterator
from typing import Any, TypeAlias

import numpy as np
from PIL import Image

from mlx_gemma4.media.clips import open_clip
from mlx_gemma4.media.documents import is_document, open_document
from mlx_gemma4.media.pictures import load_picture
from mlx_gemma4.media.sound import Samples, is_silent, open_sound, read_part
from mlx_gemma4.protocol.cost import (
    FRAME_SOFT_TOKENS,
    MAX_SOUND_SECONDS,
    SAMPLE_RATE,
    MediaBudgets,
    fit_picture,
    sample_frames,
    timestamp,
)
from mlx_gemma4.protocol.errors import MediaError
from mlx_gemma4.protocol.parts import AudioPart, DocumentPart, ImagePart, MediaPart, VideoPart

Content: TypeAlias = dict[str, Any]
ReadSound: TypeAlias = Callable[[AudioPart], Samples]
_PNG_BYTES = 1_000_000
"""A picture that is larger as PNG, a photo mostly, goes as JPEG."""
_JPEG_QUALITY = 92


class ContentMaker:
    """Opens the files of one request.

    Attributes:
        remarks: what was left out of them, in sentences for people.
        pictures: whether there is something to see in what has been made.
        sound: whether there is something to hear.
    """

    def __init__(
        self, budgets: MediaBudgets, max_soft_tokens: int | None = None, read_sound: ReadSound = read_part
    ) -> None:
        """`max_soft_tokens` is the request's budget for pictures without their own."""
        self.remarks: list[str] = []
        self.pictures = self.sound = False
        self._budgets = budgets
        self._picture_budget = max_soft_tokens or budgets.picture
        self._read_sound = read_sound

    def make(self, part: MediaPart) -> Iterator[Content]:
        """What stands for a file.

        Raises:
            MediaError: it cannot be used.
            RequestError: its budget does not exist.
        """
        match part:
            case ImagePart() if not is_document(part.path):
                yield self._picture(load_picture(part.path), part.max_soft_tokens or self._picture_budget)
            case ImagePart():
                yield from self._pages(DocumentPart(part.path, None, part.max_soft_tokens))
            case DocumentPart():
                yield from self._pages(part)
            case VideoPart():
                yield from self._clip(part)
            case AudioPart():
                samples = self._read_sound(part)
                if is_silent(samples):
                    raise MediaError(f"{part.path} is silent: nothing can be heard in it.", code="media.silent")
                yield self._sound(samples)

    def _picture(self, picture: Image.Image, budget: int) -> Content:
        self.pictures = True
        seen = fit_picture(*picture.size, budget)
        if seen.width * seen.height < picture.width * picture.height:
            picture = picture.resize((seen.width, seen.height), Image.Resampling.BICUBIC)
        return {"type": "image_url", "image_url": {"url": _data_address(picture)}}

    def _pages(self, part: DocumentPart) -> Iterator[Content]:
        budget = part.max_soft_tokens or self._picture_budget
        with open_document(part.path) as document:
            for number in document.numbers(part.pages):
                width, height = document.size(number)
                seen = fit_picture(math.ceil(width), math.ceil(height), budget)
                yield self._picture(document.picture(number, seen.width, seen.height), budget)

    def _clip(self, part: VideoPart) -> Iterator[Content]:
        budget = part.max_soft_tokens or FRAME_SOFT_TOKENS
        clip = open_clip(part.path)
        for frame in clip.frames(sample_frames(clip.frame_count, self._budgets.frames)):
            yield text_content(timestamp(frame.seconds))
            yield self._picture(frame.picture, budget)
        if part.sound and clip.has_sound and self._budgets.sound is not None:
            yield from self._sound_of(clip.path)

    def _sound_of(self, path: str) -> Iterator[Content]:
        """A clip's sound; the pictures count more than a broken one."""
        try:
            sound = open_sound(path)
            samples = sound.read(MAX_SOUND_SECONDS, end=MAX_SOUND_SECONDS)
        except MediaError:
            self.remarks.append(f"The sound of {path} cannot be decoded, so the clip is shown without it.")
            return
        if is_silent(samples):
            return
        if (sound.seconds or 0.0) > MAX_SOUND_SECONDS:
            self.remarks.append(f"Of the sound of {path} only the first {MAX_SOUND_SECONDS} seconds are sent.")
        yield self._sound(samples)

    def _sound(self, samples_N: Samples) -> Content:
        self.sound = True
        return {"type": "input_audio", "input_audio": {"data": _base64(_wav(samples_N)), "format": "wav"}}


def text_content(text: str) -> Content:
    """Words among files."""
    return {"type": "text", "text": text}


def _data_address(picture: Image.Image) -> str:
    kind, file = "png", io.BytesIO()
    picture.save(file, "PNG", compress_level=1)
    if file.tell() > _PNG_BYTES:
        kind, file = "jpeg", io.BytesIO()
        picture.save(file, "JPEG", quality=_JPEG_QUALITY, subsampling=0)
    return f"data:image/{kind};base64,{_base64(file.getvalue())}"


def _wav(samples_N: Samples) -> bytes:
    file = io.BytesIO()
    with wave.open(file, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(SAMPLE_RATE)
        sound.writeframes((np.clip(samples_N, -1, 1) * 32767).round().astype("<i2").tobytes())
    return file.getvalue()


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")
