"""Training batches of recordings of about one length, and of clips with and without a spoken line."""

import io
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from PIL import Image
from tour_model.architecture import FRAMES_OF_A_CLIP, SHAPES_BUDGET
from tour_model.batches import CELL, Batch, Sounds, choose_grid, grids, group, read_at
from tour_model.conversations import clip_places, exchange, sound_places
from tour_model.samples import Thing, thing, truth_of
from tour_model.speech.mixing import join, other_voice, record
from tour_model.speech.motion import random_motion
from tour_model.speech.phrases import spell
from tour_model.speech.questions import ask_clip, ask_recording
from tour_model.speech.store import Store

from mlx_gemma4.parsing.transcript import last_words
from mlx_gemma4.prompt.segments import write
from mlx_gemma4.prompt.special_tokens import Marker
from mlx_gemma4.prompt.transcription import CONTEXT_WORDS
from mlx_gemma4.protocol.cost import MAX_SOUND_SECONDS, MEL_HOP, SAMPLE_RATE, sample_frames, sound_tokens_mel

LENGTHS = ((1.5, 4.0), (3.0, 8.0), (8.0, 16.0), (18.0, 29.0))  # seconds of the longest recording of a batch
LENGTH_ODDS = (0.2, 0.4, 0.15, 0.25)  # of a batch; long ones are what "Write it down" makes of long recordings
VOICED = 0.7  # of a recording; the rest is pauses
SHORTEST = 0.55  # of the longest of its batch
CONTEXT = 0.35  # how often a recording follows another
TASKS = (("moves", 0.45), ("happens", 0.3), ("said", 0.25))
WITH_VOICE = 0.6  # of the clips
FLATTEST = 2.0  # of a clip's sides
TOKEN = 4 * MEL_HOP  # samples under a soft token
LATE = (
    SAMPLE_RATE * 4 // 25
)  # samples after a phrase in which its last letters may still be told, as the tower looks back
COMPRESSED = 0.5  # how often frames have gone through JPEG, as they do through video codecs


def make_speech_batch(rng: np.random.Generator, store: Store, seconds: float) -> Batch:
    """Recordings that last about so many seconds together, each with one question about its words."""
    low, high = LENGTHS[rng.choice(len(LENGTHS), p=LENGTH_ODDS)]
    longest = rng.uniform(low, high)
    heard, talks = _Heard(), []
    for index in range(max(1, round(seconds / longest))):
        speech = recording(rng, store, rng.uniform(SHORTEST, 1.0) * longest, longest)
        heard.add(speech)
        context = last_words(_some_words(rng, store), CONTEXT_WORDS) if rng.random() < CONTEXT else ""
        places = sound_places(sound_tokens_mel(len(speech.samples)))
        message = ask_recording(rng, context)
        talks.append(exchange(message, [places], write(speech.text, Marker.TURN_CLOSE), sounds=(index,)))
    return Batch(0, 0, np.zeros((0, 0, 0), np.uint8), None, group(talks), heard.sounds())


@dataclass(frozen=True)
class Speech:
    """What one voice says.

    Attributes:
        samples: float32 [N].
        phrases: the words of each, its first sample, and the one past its last.
    """

    samples: np.ndarray
    phrases: list[tuple[str, int, int]]

    @property
    def text(self) -> str:
        """All words."""
        return " ".join(text for text, _, _ in self.phrases)


def recording(rng: np.random.Generator, store: Store, wanted: float, longest: float = MAX_SOUND_SECONDS) -> Speech:
    """What one voice says in about `wanted` seconds and hardly more than `longest`, recorded."""
    speech = talk(rng, store, wanted, longest)
    return replace(speech, samples=record(rng, speech.samples[: MAX_SOUND_SECONDS * SAMPLE_RATE]))


def talk(rng: np.random.Generator, store: Store, wanted: float, longest: float) -> Speech:
    """The same as it was said, without room, noise and level."""
    by_voice = store.of_one_voice(rng)
    texts: list[str] = []
    phrases: list[np.ndarray] = []
    while not texts or sum(map(len, phrases)) < wanted * SAMPLE_RATE * VOICED:
        phrase = by_voice[rng.integers(len(by_voice))]
        texts.append(phrase.text)
        phrases.append(other_voice(rng, store.samples(phrase)))
    joined, starts = join(rng, phrases)
    while len(joined) > longest * SAMPLE_RATE and len(phrases) > 1:
        phrases.pop()
        joined, starts = join(rng, phrases)
    ends = [start + len(phrase) for start, phrase in zip(starts, phrases, strict=True)]
    return Speech(joined, list(zip(texts, starts, ends, strict=False)))


def make_clip_batch(rng: np.random.Generator, store: Store, size: int, budget: int = SHAPES_BUDGET) -> Batch:
    """Clips of one randomly chosen grid, with one question about each."""
    by_grid = grids(budget, FLATTEST)
    columns, rows = choose_grid(rng, by_grid)
    names, odds = zip(*TASKS, strict=True)
    patches: list[np.ndarray] = []
    things: list[Thing] = []
    heard, talks = _Heard(), []
    for _ in range(size):
        scale = rng.uniform(0.8, 1.4)
        motion = random_motion(rng, round(columns * CELL * scale), round(rows * CELL * scale))
        shown = sample_frames(motion.frames, FRAMES_OF_A_CLIP)
        pictures = tuple(range(len(patches), len(patches) + len(shown)))
        quality = int(rng.integers(35, 95)) if rng.random() < COMPRESSED else 0
        for picture, frame in zip(pictures, shown, strict=True):
            patches.append(read_at(_compressed(motion.draw(frame), quality), columns, rows))
            shapes = (*motion.shapes, motion.moved(frame))
            things += [thing(shape, motion.still.size, picture, columns, rows) for shape in shapes]
        said, sounds = "", ()
        if rng.random() < WITH_VOICE:
            speech = voice_over(rng, talk(rng, store, 0.5, motion.seconds), motion.seconds)
            if speech is not None:
                said, sounds = speech.text, (heard.add(speech),)
        task = str(rng.choice(names, p=odds))
        message, answer = ask_clip(rng, task, motion.mover.label, motion.way, said)
        places = clip_places([frame / motion.rate for frame in shown], columns * rows)
        places += [segment for index in sounds for segment in sound_places(heard.soft_tokens(index))]
        talks.append(exchange(message, [places], write(answer, Marker.TURN_CLOSE), pictures, sounds))
    truth = truth_of(things, len(patches) * columns * rows)
    return Batch(columns, rows, np.stack(patches), truth, group(talks), heard.sounds())


class _Heard:
    """Collects the recordings of a batch."""

    def __init__(self) -> None:
        self._samples: list[np.ndarray] = []
        self._phrases: list[tuple[int, int, int]] = []
        self._letters: list[list[int]] = []

    def add(self, speech: Speech) -> int:
        """Takes a recording; returns its index."""
        index = len(self._samples)
        self._samples.append((speech.samples * 32767).astype(np.int16))
        for text, start, end in speech.phrases:
            first, last = start // TOKEN, min((end + LATE) // TOKEN + 1, self.soft_tokens(index))
            self._phrases.append((index, first, last - first))
            self._letters.append(spell(text))
        return index

    def soft_tokens(self, index: int) -> int:
        """Places that a recording takes in a prompt."""
        return sound_tokens_mel(len(self._samples[index]))

    def sounds(self) -> Sounds | None:
        """All of them, padded; None where there are none."""
        if not self._samples:
            return None
        lengths, spelt = (np.array([len(one) for one in many], np.int64) for many in (self._samples, self._letters))
        phrases = np.array(self._phrases, np.int64)
        return Sounds(_padded(self._samples, np.int16), lengths, phrases, _padded(self._letters, np.int64), spelt)


def voice_over(rng: np.random.Generator, speech: Speech, seconds: float) -> Speech | None:
    """The sound track of a clip in which something is said at some time; None where it is too long for that."""
    track = np.zeros(int(seconds * SAMPLE_RATE), np.float32)
    spoken = speech.samples
    if len(spoken) > len(track):
        return None
    later = int(rng.integers(len(track) - len(spoken) + 1))
    track[later : later + len(spoken)] = spoken
    return Speech(record(rng, track), [(text, start + later, end + later) for text, start, end in speech.phrases])


def _some_words(rng: np.random.Generator, store: Store) -> str:
    return " ".join(store.spoken[rng.integers(len(store.spoken))].text for _ in range(int(rng.integers(1, 7))))


def _compressed(picture: Image.Image, quality: int) -> Image.Image:
    if not quality:
        return picture
    file = io.BytesIO()
    picture.save(file, "JPEG", quality=quality)
    return Image.open(file)


def _padded(rows: Sequence[Sequence[int] | np.ndarray], dtype: type) -> np.ndarray:
    whole = np.zeros((len(rows), max(map(len, rows))), dtype)
    for place, row in zip(whole, rows, strict=True):
        place[: len(row)] = row
    return whole
