"""What is measured: the jobs, the figures of one run, and the settings of Gemma 4's own sampling."""

from dataclasses import dataclass

from mlx_gemma4.protocol.requests import GREEDY, SamplingSettings


@dataclass(frozen=True)
class Job:
    """One run: read a random prompt, then write `new_tokens`.

    Attributes:
        prompt_tokens: of text; what media take comes on top.
        picture: columns and rows of a picture's patches, in the middle of the text.
        sound_seconds: length of a sound behind the text.
    """

    name: str
    prompt_tokens: int
    new_tokens: int
    sampling: SamplingSettings = GREEDY
    picture: tuple[int, int] | None = None
    sound_seconds: float = 0.0

    @property
    def has_media(self) -> bool:
        """Whether there is more than text to read."""
        return self.picture is not None or self.sound_seconds > 0


@dataclass(frozen=True)
class RunFigures:
    """What one run measured.

    Attributes:
        time_to_first_token: seconds from the call to the first token, the reading of the prompt included.
        decode_rate: tokens per second after the first; None where there was only one.
        host_processor_time: median seconds per token that the calling thread worked, from the start of building a step
            until `async_eval` returns; what it waited is not in it (`bench.measure` says why that matters).
        host_wall_time: median seconds per token that passed in the same span.
        peak_memory: bytes that MLX held at most, weights included.
    """

    prompt_tokens: int  # soft tokens included
    time_to_first_token: float
    decode_rate: float | None
    host_processor_time: float | None
    host_wall_time: float | None
    peak_memory: int

    @property
    def prefill_rate(self) -> float:
        """Prompt tokens read per second."""
        return self.prompt_tokens / self.time_to_first_token


GREEDY_DECODE = Job("greedy", prompt_tokens=32, new_tokens=128)
SAMPLED_DECODE = Job("sampled", prompt_tokens=32, new_tokens=128, sampling=SamplingSettings(1.0, 64, 0.95))
PREFILL = Job("prefill", prompt_tokens=1024, new_tokens=1)
JOBS = (GREEDY_DECODE, SAMPLED_DECODE, PREFILL)
