"""The voices that speak: espeak-ng's in many variants and accents, flite's four, and one that training never hears."""

import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from mlx_gemma4.media.sound import open_sound
from mlx_gemma4.protocol.cost import SAMPLE_RATE

LONGEST = 30  # seconds of a phrase
QUIET = 0.004  # of the peak; what is below at both ends is cut off
MARGIN = SAMPLE_RATE // 50  # samples left of it

ACCENTS = ("en-us", "en-us", "en-us", "en-gb", "en-gb", "en-gb-x-rp", "en-gb-scotland", "en-gb-x-gbclan", "en-us-nyc")
PLAIN = ("",) * 4  # the accent's own voice, which espeak-ng speaks with unless told otherwise
VARIANTS = (
    *PLAIN,
    *(
        "m1 m2 m3 m4 m5 m6 m7 m8 f1 f2 f3 f5 klatt klatt2 klatt3 adam Andy belinda benjamin boris caleb david edward "
        "john linda mike paul rob robert steph zac Lee Jacky Michael quincy shelby travis victor anika Annie "
        "Alicia grandma"
    ).split(),
)
FLITE = ("kal16", "awb", "rms", "slt")
FLITE_SHARE = 0.25  # of what is spoken in training
UNSEEN = "f4"  # the variant kept for evaluation


@dataclass(frozen=True)
class Voice:
    """How somebody speaks.

    Attributes:
        program: "espeak-ng" or "flite".
        name: of the voice, as the program calls it.
        speed: words a minute of espeak-ng; flite is stretched to about the same.
        pitch: 0–99 of espeak-ng, 50 being the voice's own; flite keeps its own.
    """

    program: str
    name: str
    speed: int = 160
    pitch: int = 50

    @property
    def command(self) -> list[str]:
        """The program and its arguments, all but the words and the file."""
        if self.program == "flite":
            return ["flite", "-voice", self.name, "--setf", f"duration_stretch={160 / self.speed:.2f}"]
        return ["espeak-ng", "-v", self.name, "-s", str(self.speed), "-p", str(self.pitch)]


def training_voice(rng: np.random.Generator) -> Voice:
    """A voice of those that training hears, at some speed and pitch."""
    if rng.random() < FLITE_SHARE:
        return Voice("flite", str(rng.choice(FLITE)), int(rng.integers(125, 200)))
    return _espeak(rng, str(rng.choice(VARIANTS)))


def unseen_voice(rng: np.random.Generator) -> Voice:
    """The voice that training never hears, at some speed and pitch."""
    return _espeak(rng, UNSEEN)


def _espeak(rng: np.random.Generator, variant: str) -> Voice:
    accent = str(rng.choice(ACCENTS))
    name = f"{accent}+{variant}" if variant else accent
    return Voice("espeak-ng", name, int(rng.integers(120, 205)), int(rng.integers(30, 71)))


def speak(voice: Voice, text: str) -> np.ndarray:
    """A phrase as that voice says it: float32 [N] at 16 kHz, its peak at one half, without silence at its ends.

    Raises:
        OSError: the program is not installed.
        subprocess.CalledProcessError: it refuses.
    """
    plain = text.rstrip(".")  # "7." would be read as an ordinal
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "said.wav"
        words = ["-t", plain, "-o", str(file)] if voice.program == "flite" else ["-w", str(file), plain]
        subprocess.run([*voice.command, *words], check=True, capture_output=True)
        samples = open_sound(file).read(LONGEST)
    loud = np.abs(samples)
    heard = np.flatnonzero(loud > QUIET * loud.max())
    cut = samples[max(0, heard[0] - MARGIN) : heard[-1] + MARGIN]
    return (cut * (0.5 / loud.max())).astype(np.float32)
