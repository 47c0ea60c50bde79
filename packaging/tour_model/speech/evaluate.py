"""Has the tour model write down what it never heard, and say what moves in clips that it never saw.

PYTHONPATH=packaging:. python -m tour_model.speech.evaluate --seed 20260101      # needs espeak-ng and flite
"""

import argparse
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from tour_model.evaluate_talk import said
from tour_model.scenes import UNSEEN_BACKGROUNDS
from tour_model.speech.files import write_clip, write_recording
from tour_model.speech.mixing import join, record
from tour_model.speech.motion import WAYS, random_motion
from tour_model.speech.phrases import phrase
from tour_model.speech.questions import ask_clip, ask_recording
from tour_model.speech.samples import WITH_VOICE, Speech, voice_over
from tour_model.speech.score import WordErrors, plain
from tour_model.speech.voices import Voice, speak, training_voice, unseen_voice

from mlx_gemma4 import load
from mlx_gemma4.gemma import Gemma
from mlx_gemma4.prompt.transcription import transcription_message
from mlx_gemma4.protocol.cost import MAX_SOUND_SECONDS, SAMPLE_RATE
from mlx_gemma4.protocol.events import TranscriptSegment
from mlx_gemma4.protocol.parts import AudioPart, Message, Part, VideoPart
from mlx_gemma4.protocol.requests import GREEDY

PHRASES = 5  # of a recording, at most
OTHER_WORDS = 0.2  # how many recordings are asked about in words that training never used, not in the published ones
SIDES = (240, 641)  # pixels of a clip
LONGEST_ANSWER = 200
SHOWN = 300  # letters of a failure
VOICES: dict[str, Callable[[np.random.Generator], Voice]] = {"seen": training_voice, "unseen": unseen_voice}


@dataclass(frozen=True)
class ClipFound:
    """What the model found in a clip.

    Attributes:
        moved: whether it named the mover and its way.
        heard: whether it wrote the spoken line, word by word; None without one.
        chance: of naming mover and way by guessing, for somebody who knows which shapes there are.
    """

    moved: bool
    heard: bool | None
    chance: float


class Judge:
    """A model that hears; each job asks about something new."""

    def __init__(self, gemma: Gemma, rng: np.random.Generator, folder: Path) -> None:
        self.gemma, self.rng, self.folder = gemma, rng, folder

    def recordings(self, voice: Callable[[np.random.Generator], Voice], phrases: int) -> WordErrors:
        """Recordings of so many phrases in all, in a room and with noise, none of them ever trained on."""
        errors = WordErrors()
        while phrases > 0:
            text, message = new_recording(self.rng, voice(self.rng), self.folder, min(phrases, PHRASES))
            phrases -= text.count(".") + text.count("?")
            errors.add(text, self.ask(message))
        return errors

    def long(self, minutes: float) -> WordErrors:
        """One recording of so many minutes, by several voices, written down piece after piece."""
        texts: list[str] = []
        parts: list[np.ndarray] = []
        while sum(map(len, parts)) < minutes * 60 * SAMPLE_RATE:
            text, samples = new_speech(self.rng, training_voice(self.rng), PHRASES)
            texts.append(text)
            parts.append(samples)
        file = self.folder / "long.wav"
        write_recording(file, np.concatenate(parts))
        events = self.gemma.transcribe(file, sampling=GREEDY, max_tokens=LONGEST_ANSWER)
        errors = WordErrors()
        errors.add(" ".join(texts), " ".join(event.text for event in events if isinstance(event, TranscriptSegment)))
        return errors

    def clip(self) -> ClipFound:
        """A clip, asked about what moves and, if somebody speaks in it, about what is said."""
        width, height = (2 * int(side // 2) for side in self.rng.integers(*SIDES, 2))
        motion = random_motion(self.rng, width, height, UNSEEN_BACKGROUNDS)
        line, track = "", None
        if self.rng.random() < WITH_VOICE:
            line = phrase(self.rng, unseen=True)
            spoken, _ = join(self.rng, [speak(training_voice(self.rng), line)])
            speech = voice_over(self.rng, Speech(spoken, []), motion.seconds)
            track = None if speech is None else speech.samples
        file = self.folder / "clip.mp4"
        write_clip(file, motion, track)
        mover, chance = motion.mover.label, 1 / len(WAYS) / (1 + len(motion.shapes))
        moves, right = self.ask_clip("moves", file, mover, motion.way, line)
        moved = moves.strip() == right
        if track is None:
            return ClipFound(moved, None, chance)
        return ClipFound(moved, plain(self.ask_clip("said", file, mover, motion.way, line)[0]) == plain(line), chance)

    def ask_clip(self, task: str, file: Path, mover: str, way: str, line: str) -> tuple[str, str]:
        """What the model answers, and what it should."""
        message, right = ask_clip(self.rng, task, mover, way, line, unseen=True)
        return self.ask(about(message, file)), right

    def ask(self, message: Message) -> str:
        """The text of a greedy answer."""
        return said(list(self.gemma.stream([message], sampling=GREEDY, max_tokens=LONGEST_ANSWER)))


def new_speech(rng: np.random.Generator, voice: Voice, phrases: int) -> tuple[str, np.ndarray]:
    """What one voice says in at most so many phrases that training never has, recorded in a room and with noise."""
    texts = [phrase(rng, unseen=True) for _ in range(int(rng.integers(1, phrases + 1)))]
    samples = record(rng, join(rng, [speak(voice, text) for text in texts])[0])
    return " ".join(texts), samples[: MAX_SOUND_SECONDS * SAMPLE_RATE]


def new_recording(rng: np.random.Generator, voice: Voice, folder: Path, phrases: int) -> tuple[str, Message]:
    """What is said in a recording of at most so many phrases that training never has, and a question about it."""
    text, samples = new_speech(rng, voice, phrases)
    file = folder / "recording.wav"
    write_recording(file, samples)
    if rng.random() < OTHER_WORDS:
        return text, about(ask_recording(rng, "", unseen=True), file)
    return text, transcription_message(AudioPart(str(file)), None, None, "")


def about(message: Message, file: Path) -> Message:
    """The message with this file in the place of its own."""

    def named(part: Part) -> Part:
        return type(part)(str(file)) if isinstance(part, AudioPart | VideoPart) else part

    return Message(message.role, tuple(map(named, message.parts)))


def show(name: str, errors: WordErrors) -> None:
    """Prints a word error rate, and some of what was heard wrongly."""
    wrong = [failure[:SHOWN] for failure in errors.failures[:5]]
    print(f"{name:7} word error rate {errors.rate:.4f} of {errors.words} words", *wrong, sep="\n  ", flush=True)


def share(right: Sequence[bool]) -> str:
    """How many are right, in words."""
    return f"{sum(right) / max(1, len(right)):.3f} of {len(right)}"


def main() -> None:
    """Parses the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--phrases", type=int, default=500, help="of seen voices, and of the unseen one")
    parser.add_argument("--clips", type=int, default=200)
    parser.add_argument("--minutes", type=float, default=10, help="of one long recording; 0 for none")
    parser.add_argument("--seed", type=int, default=int(time.time()), help="default: a new one every time")
    parser.add_argument("--checkpoint", default="tour")
    args = parser.parse_args()
    gemma = load(args.checkpoint)
    if gemma.model.config.audio is None:
        print(f"{args.checkpoint} does not hear: there is nothing to measure.")
        return
    print(f"seed {args.seed}")
    with tempfile.TemporaryDirectory() as folder:
        judge = Judge(gemma, np.random.default_rng(args.seed), Path(folder))
        for name, voice in VOICES.items():
            show(name, judge.recordings(voice, args.phrases))
        if args.minutes:
            show("long", judge.long(args.minutes))
        found = [judge.clip() for _ in range(args.clips)]
    moved = [clip.moved for clip in found]
    lines = [clip.heard for clip in found if clip.heard is not None]
    chance = sum(clip.chance for clip in found) / max(1, len(found))
    print(f"mover and way {share(moved)} (chance, with the shapes known: {chance:.3f}), spoken line {share(lines)}")


if __name__ == "__main__":
    main()
