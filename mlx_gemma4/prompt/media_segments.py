"""A file in a prompt to the segments that stand for it: markers, times, and the places of its soft tokens.

Follows transformers' `processing_gemma4`, which puts one item between an opening and a closing marker, and a clip as
frames, each after its time, with single spaces between them.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import TypeAlias

from PIL import Image

from mlx_gemma4.media.clips import Clip, open_clip
from mlx_gemma4.media.documents import is_document, open_document
from mlx_gemma4.media.log_mel import log_mel
from mlx_gemma4.media.patches import patchify
from mlx_gemma4.media.pictures import load_picture
from mlx_gemma4.media.raw_frames import raw_frames
from mlx_gemma4.media.sound import Samples, is_silent, open_sound, read_part
from mlx_gemma4.prompt.checkpoint_files import PromptDefaults
from mlx_gemma4.prompt.prepared import PreparedPicture, PreparedSound
from mlx_gemma4.prompt.segments import Segment, SoftSegment, write
from mlx_gemma4.prompt.special_tokens import Marker
from mlx_gemma4.protocol.cost import (
    MAX_SOUND_SAMPLES,
    MAX_SOUND_SECONDS,
    SoundForm,
    fit_picture,
    sample_frames,
    sound_tokens,
    timestamp,
)
from mlx_gemma4.protocol.errors import MediaError
from mlx_gemma4.protocol.parts import AudioPart, DocumentPart, ImagePart, MediaPart, VideoPart

ReadSound: TypeAlias = Callable[[AudioPart], Samples]
"""Gives the samples of a sound, float32 [N]."""


class MediaOpener:
    """Opens the files of one prompt.

    Attributes:
        remarks: what was left out of them, in sentences for people.
    """

    def __init__(self, defaults: PromptDefaults, read_sound: ReadSound = read_part) -> None:
        """Open files for the model whose checkpoint says this about media; sounds may be in memory already."""
        self.remarks: list[str] = []
        self._defaults = defaults
        self._read_sound = read_sound

    def open(self, part: MediaPart) -> Iterator[Segment]:
        """Read the file of a part, piece by piece.

        Raises:
            MediaError: it cannot be used, or the model has no sense for it.
            RequestError: its budget does not exist.
        """
        match part:
            case ImagePart() if not is_document(part.path):
                return iter(_picture(load_picture(part.path), part.max_soft_tokens or self._defaults.max_soft_tokens))
            case ImagePart():
                return self._pages(DocumentPart(part.path, None, part.max_soft_tokens))
            case DocumentPart():
                return self._pages(part)
            case VideoPart():
                return self._clip(part)
            case AudioPart():
                return iter(self._sound(part))

    def _pages(self, part: DocumentPart) -> Iterator[Segment]:
        budget = part.max_soft_tokens or self._defaults.max_soft_tokens
        with open_document(part.path) as document:
            for number in document.numbers(part.pages):
                width, height = document.size(number)
                seen = fit_picture(math.ceil(width), math.ceil(height), budget)
                yield from _picture(document.picture(number, seen.width, seen.height), budget)

    def _clip(self, part: VideoPart) -> Iterator[Segment]:
        """Frames after their times, and behind them the clip's sound for a model that hears."""
        budget = part.max_soft_tokens or self._defaults.frame_soft_tokens
        clip = open_clip(part.path)
        space = ""
        for frame in clip.frames(sample_frames(clip.frame_count, self._defaults.frames_per_clip)):
            yield from write(f"{space}{timestamp(frame.seconds)} ")
            yield from _picture(frame.picture, budget, Marker.VIDEO)
            space = " "
        if part.sound and clip.has_sound and self._defaults.sound is not None:
            yield from self._sound_of(clip, self._defaults.sound)

    def _sound_of(self, clip: Clip, form: SoundForm) -> list[Segment]:
        """A clip's sound, from its start as long as the model can hear; the pictures count more than a broken sound."""
        try:
            sound = open_sound(clip.path)
            samples = sound.read(MAX_SOUND_SECONDS, end=MAX_SOUND_SECONDS)
        except MediaError:
            self.remarks.append(f"The sound of {clip.path} cannot be decoded, so the clip is shown without it.")
            return []
        if is_silent(samples) or not sound_tokens(len(samples), form):
            return []
        if len(samples) == MAX_SOUND_SAMPLES and (sound.seconds or math.inf) > MAX_SOUND_SECONDS:
            self.remarks.append(
                f"Of the sound of {clip.path} only the first {MAX_SOUND_SECONDS} seconds are heard: "
                "the model takes no more at once."
            )
        return _soft_sound(samples, form)

    def _sound(self, part: AudioPart) -> list[Segment]:
        form = self._defaults.sound
        if form is None:
            raise deaf(part.path)
        samples = self._read_sound(part)
        if is_silent(samples):
            raise MediaError(f"{part.path} is silent: nothing can be heard in it.", code="media.silent")
        if not sound_tokens(len(samples), form):
            raise MediaError(f"{part.path} is too short to be heard.", code="media.too_short")
        return _soft_sound(samples, form)


def deaf(path: str) -> MediaError:
    """The error of a sound that a model without ears is asked about."""
    message = f"This model does not hear, so it cannot be asked about {path}."
    return MediaError(message, "Load E2B, E4B or 12B.", code="media.unsupported")


def _picture(picture: Image.Image, budget: int, marker: Marker = Marker.IMAGE) -> list[Segment]:
    cut = patchify(picture, budget)
    item = PreparedPicture(cut.patches, cut.positions, 0, cut.soft_tokens)
    return write(Marker.IMAGE_OPEN, SoftSegment(marker, item), Marker.IMAGE_CLOSE)


def _soft_sound(samples_N: Samples, form: SoundForm) -> list[Segment]:
    features = log_mel(samples_N) if form == "mel" else raw_frames(samples_N)
    item = PreparedSound(features, 0, sound_tokens(len(samples_N), form))
    return write(Marker.AUDIO_OPEN, SoftSegment(Marker.AUDIO, item), Marker.AUDIO_CLOSE)
