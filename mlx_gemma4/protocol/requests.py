"""What can be asked of the engine."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from mlx_gemma4.protocol.cost import check_budget
from mlx_gemma4.protocol.errors import RequestError
from mlx_gemma4.protocol.parts import Message, Tool


@dataclass(frozen=True)
class SamplingSettings:
    """How the next token is chosen; the defaults are the ones published with Gemma 4.

    Attributes:
        temperature: 0 always takes the likeliest token.
        top_k: how many of the likeliest tokens stay in the draw; 0 keeps all.
        top_p: the smallest set of likeliest tokens whose probabilities reach this sum stays in the draw; 1 keeps all.
        seed: the same seed and prompt give the same answer; None draws a new one each time.
    """

    temperature: float = 1.0
    top_k: int = 64
    top_p: float = 0.95
    seed: int | None = None

    def __post_init__(self) -> None:
        """Refuse values without a meaning, naming them."""
        if not 0 <= self.temperature <= 100:
            raise RequestError(f"The temperature {self.temperature} is outside 0 to 100.")
        if self.top_k < 0:
            raise RequestError(f"top_k is {self.top_k}; it must be 0 (off) or more.")
        if not 0 < self.top_p <= 1:
            raise RequestError(f"top_p is {self.top_p}; it must be above 0 and at most 1.")


GREEDY = SamplingSettings(temperature=0.0)


@dataclass(frozen=True)
class Load:
    """Open the model in a folder; `tour` is the bundled one."""

    id: str
    path: str


@dataclass(frozen=True)
class Ask:
    """Continue a conversation with the model's turn.

    Attributes:
        id: every event of the answer carries it as `request_id`.
        max_soft_tokens: picture budget for parts without their own; None takes the checkpoint's.
    """

    id: str
    messages: tuple[Message, ...]
    sampling: SamplingSettings = SamplingSettings()
    max_tokens: int = 2048
    thinking: bool = False
    tools: tuple[Tool, ...] = ()
    max_soft_tokens: int | None = None

    def __post_init__(self) -> None:
        """Refuse values without a meaning, naming them."""
        if self.max_tokens < 1:
            raise RequestError(f"max_tokens is {self.max_tokens}; it must be at least 1.")
        if self.max_soft_tokens is not None:
            check_budget(self.max_soft_tokens)


@dataclass(frozen=True)
class ProbeMedia:
    """Look at a file before it is asked about: answered by MediaProbed, or EngineFailed with what is wrong with it.

    Attributes:
        max_soft_tokens: picture budget that its cost is computed for; None takes the loaded model's.
    """

    id: str
    path: str
    max_soft_tokens: int | None = None

    def __post_init__(self) -> None:
        """Refuse a budget that does not exist."""
        if self.max_soft_tokens is not None:
            check_budget(self.max_soft_tokens)


@dataclass(frozen=True)
class Stop:
    """End a request of any kind, running or waiting; it ends in a TurnFinished that says `stopped`.

    A Stop itself has no answer, and one for a request that is over does nothing.
    """

    id: str
    request_id: str


Request: TypeAlias = Load | Ask | ProbeMedia | Stop
