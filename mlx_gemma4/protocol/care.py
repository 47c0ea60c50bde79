"""What a question will cost, before it is asked, and letting go of a model that nobody asks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from mlx_gemma4.protocol.errors import RequestError
from mlx_gemma4.protocol.event_base import EventBase
from mlx_gemma4.protocol.memory_fit import MachineMemory
from mlx_gemma4.protocol.parts import Message, Tool

TOO_LONG_CODE = "prompt.too_long"
"""Of a question that is longer, with what came before it, than the model can read."""
NO_ROOM_TO_ASK_CODE = "memory.ask"
"""Of a question that does not fit into the memory that is free; asked `anyway`, it is not refused."""

MediaKind: TypeAlias = Literal["picture", "sound", "clip", "document"]


@dataclass(frozen=True)
class MediaCost:
    """What a file takes in the prompt, as MediaProbed has said.

    Attributes:
        soft_tokens: of the whole file.
        pieces: that they come in: pages of a document, frames of a clip.
    """

    kind: MediaKind
    soft_tokens: int
    pieces: int = 1

    def __post_init__(self) -> None:
        """Refuse what is no file."""
        if self.soft_tokens < 0 or self.pieces < 1:
            raise RequestError(f"A file cannot have {self.soft_tokens} soft tokens in {self.pieces} pieces.")


@dataclass(frozen=True)
class EstimateAsk:
    """Say what an Ask of these messages would take, without opening a file: answered by AskEstimated.

    It waits for no answer that is being given.

    Attributes:
        messages: as of the Ask.
        media: what each of their files costs, in their order.
        max_tokens: as of the Ask.
        thinking: as of the Ask.
        tools: as of the Ask.
        chat_format: as of the Ask.
        read_tokens: of the prompt, those that earlier questions have left read, as far as the asker knows.
    """

    id: str
    messages: tuple[Message, ...]
    media: tuple[MediaCost, ...] = ()
    max_tokens: int = 2048
    thinking: bool = False
    tools: tuple[Tool, ...] = ()
    chat_format: bool = True
    read_tokens: int = 0


@dataclass(frozen=True)
class AskEstimated(EventBase):
    """What a question would take; the last event of an EstimateAsk.

    Attributes:
        prompt_tokens: of the whole prompt; with clips in it, about.
        most_tokens: that the model can read.
        need_bytes: memory at its peak, beside what is in use now, with as long an answer as there is room for.
            `memory_fit.judge_more` says how that fits.
        memory: of the machine, now.
    """

    prompt_tokens: int
    most_tokens: int
    need_bytes: int
    memory: MachineMemory


@dataclass(frozen=True)
class Unload:
    """Let go of the model and of all that was read with it: answered by ModelUnloaded, also where there is none.

    What was asked before it is answered first.
    """

    id: str


@dataclass(frozen=True)
class ModelUnloaded(EventBase):
    """No model is loaded any more; the last event of an Unload."""
