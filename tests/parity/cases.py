"""The prompts on which our model and the reference are compared, as data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from tests.parity.tiny_checkpoints import (
    CONFIGS,
    Frame,
    Item,
    MelSound,
    Picture,
    RawSound,
    make_mel_sound,
    make_picture,
    make_prompt,
    make_raw_sound,
    make_token_ids,
)

TEXT_TOLERANCE = 2e-4
MEDIA_TOLERANCE = 5e-4


@dataclass(frozen=True)
class PictureSize:
    """A picture of columns × rows patches."""

    columns: int
    rows: int
    kind: str = "picture"

    def make(self, seed: int) -> list[Picture]:
        """The items that it puts into a prompt."""
        return [make_picture(self.columns, self.rows, seed)]


@dataclass(frozen=True)
class ClipSize:
    """A video of some frames, each of columns × rows patches and a block of its own."""

    frames: int
    columns: int
    rows: int
    kind: str = "video"

    def make(self, seed: int) -> list[Picture]:
        """Its frames."""
        pictures = (make_picture(self.columns, self.rows, 100 * (seed + 1) + number) for number in range(self.frames))
        return [Frame(picture.patches_P768, picture.positions_P2) for picture in pictures]


@dataclass(frozen=True)
class RawSoundLength:
    """A sound of so many samples for the encoder-free model."""

    samples: int
    kind: str = "sound"

    def make(self, seed: int) -> list[RawSound]:
        """The item that it puts into a prompt."""
        return [make_raw_sound(self.samples, seed)]


@dataclass(frozen=True)
class SoundLength:
    """A sound of so many samples for an audio tower."""

    samples: int
    kind: str = "sound"

    def make(self, seed: int) -> list[MelSound]:
        """The item that it puts into a prompt."""
        return [make_mel_sound(self.samples, seed)]


Medium: TypeAlias = PictureSize | ClipSize | RawSoundLength | SoundLength


@dataclass(frozen=True)
class Case:
    """One prompt.

    Attributes:
        name: also the key of its logits in the fixtures.
        text_length: ids of text, or of each text between media.
        media: what the prompt shows.
    """

    name: str
    text_length: int
    media: tuple[Medium, ...] = ()

    @property
    def tolerance(self) -> float:
        """Largest allowed absolute difference of a logit."""
        return MEDIA_TOLERANCE if self.media else TEXT_TOLERANCE

    @property
    def items(self) -> list[Item]:
        """What fills the placeholders, in order."""
        return [item for seed, medium in enumerate(self.media) for item in medium.make(seed)]

    @property
    def token_ids(self) -> NDArray[np.int32]:
        """The prompt with its placeholders: int32 [L]."""
        if not self.media:
            return make_token_ids(self.text_length, seed=self.text_length)
        return make_prompt(self.items, self.text_length, seed=self.text_length)

    @property
    def starts(self) -> list[int]:
        """Index of each item's first placeholder."""
        token_ids, starts, after = self.token_ids, [], 0
        for item in self.items:
            starts.append(after + int(np.argmax(token_ids[after:] == item.markers[1])))
            after = starts[-1] + item.soft_tokens
        return starts


# All tiny models have a window of 16: 80 tokens wrap a ring five times, and the last picture is longer than it.
TEXT = Case("text", 12)
LONG_TEXT = Case("text_past_the_window", 80)
PICTURE = Case("one_picture", 7, (PictureSize(9, 6),))
TWO_PICTURES = Case("two_pictures_of_different_shape", 9, (PictureSize(6, 9), PictureSize(12, 3)))
LONG_PICTURE = Case("picture_longer_than_the_window", 20, (PictureSize(18, 9),))
CLIP = Case("video_of_three_frames", 5, (ClipSize(3, 9, 6),))
# The frames of the first are longer than the window.
CLIPS = Case("two_videos_around_a_picture", 4, (ClipSize(2, 15, 12), PictureSize(6, 9), ClipSize(3, 3, 12)))

# 12.5 and 30.2 frames: the last of each is filled up.
RAW_SOUND = Case("sound", 6, (RawSoundLength(8_000),))
TWO_RAW_SOUNDS = Case("two_sounds_of_different_length", 7, (RawSoundLength(19_328), RawSoundLength(4_000)))
RAW_SOUND_AND_PICTURE = Case("picture_and_sound", 8, (PictureSize(12, 9), RawSoundLength(5_120)))
RAW_SOUND_BEFORE_PICTURE = Case("sound_and_picture", 5, (RawSoundLength(12_000), PictureSize(18, 9)))

# 99, 44, 126, 68 and 56 mel frames. Counted by milliseconds, three of these lengths would take one token too many.
SOUND = Case("sound", 6, (SoundLength(16_000),))
TWO_SOUNDS = Case("two_sounds_of_different_length", 7, (SoundLength(7_050), SoundLength(20_200)))
PICTURE_AND_SOUND = Case("picture_and_sound", 8, (PictureSize(12, 9), SoundLength(11_000)))
CLIP_AND_SOUND = Case("video_and_its_sound", 3, (ClipSize(2, 9, 6), SoundLength(9_000)))

_EVERYWHERE = (TEXT, LONG_TEXT, PICTURE, TWO_PICTURES, LONG_PICTURE)

CASES: dict[str, tuple[Case, ...]] = {
    "e2b_like": (*_EVERYWHERE, CLIP, CLIPS, SOUND, TWO_SOUNDS, PICTURE_AND_SOUND, CLIP_AND_SOUND),
    "e4b_like": (*_EVERYWHERE, SOUND, TWO_SOUNDS, PICTURE_AND_SOUND),
    "12b_like": (
        *_EVERYWHERE,
        CLIP,
        RAW_SOUND,
        TWO_RAW_SOUNDS,
        RAW_SOUND_AND_PICTURE,
        RAW_SOUND_BEFORE_PICTURE,
    ),
    "31b_like": (*_EVERYWHERE, CLIP, CLIPS),
    "26b_like": (*_EVERYWHERE, CLIP),
}

# Decoded greedily far enough for a ring to wrap while decoding. Cases on which random weights happen to choose the id
# of a placeholder are left out: the reference feeds the padding id in its place.
GREEDY_CASES: dict[str, tuple[Case, ...]] = dict.fromkeys(CONFIGS, (LONG_TEXT, TWO_PICTURES)) | {
    "12b_like": (LONG_TEXT, TWO_PICTURES, RAW_SOUND_AND_PICTURE)
}
GREEDY_LENGTH = 40

# Ids that greedy decoding of these checkpoints chooses, and must not choose if the checkpoint suppresses them.
SUPPRESSED_IDS = {"12b_like": (30, 97, 127, 262, 280)}


def all_cases() -> list[tuple[str, Case]]:
    """Every checkpoint's name with every case of it."""
    return [(name, case) for name in CONFIGS for case in CASES[name]]


class ComponentCases(NamedTuple):
    """The prompts whose parts are compared: a text longer than the window, and media of two shapes or lengths."""

    text: Case
    pictures: Case
    sounds: Case
    frames: Case


COMPONENT_CASES = ComponentCases(Case("text_a_little_past_the_window", 24), TWO_PICTURES, TWO_SOUNDS, CLIP)
HEARING = ("e2b_like", "e4b_like")  # with an audio tower

# Positions of the rotations that are compared, far from zero.
ROPE_OFFSET = 1000
ROPE_LENGTH = 6
