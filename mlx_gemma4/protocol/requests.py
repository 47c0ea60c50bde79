"""What can be asked of the engine."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import TypeAlias

from mlx_gemma4.protocol.care import EstimateAsk, Unload
from mlx_gemma4.protocol.cost import PUBLISHED_BUDGETS, MediaBudgets, check_budget
from mlx_gemma4.protocol.errors import RequestError
from mlx_gemma4.protocol.kv_packing import KVPacking
from mlx_gemma4.protocol.model_requests import Download, FitModel, ListModels, RemoveModel, RestoreModel
from mlx_gemma4.protocol.parts import Message, Tool
from mlx_gemma4.protocol.server_requests import ListServer, LoadRemote


@dataclass(frozen=True)
class SamplingSettings:
    """How the next token is chosen; the defaults are the ones published with Gemma 4.

    Attributes:
        temperature: 0 always takes the likeliest token.
        top_k: how many of the likeliest tokens stay in the draw; 0 keeps all.
        top_p: the smallest set of likeliest tokens whose probabilities reach this sum stays in the draw; 1 keeps all.
        seed: the same seed and prompt give the same answer; from 0 to 2⁶⁴ − 1. None draws a new one each time.
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
        if self.seed is not None and not 0 <= self.seed < 2**64:
            raise RequestError(f"The seed {self.seed} is outside 0 to 2⁶⁴ − 1.")


GREEDY = SamplingSettings(temperature=0.0)


@dataclass(frozen=True)
class LoopGuard:
    """When an answer counts as caught in a loop: its last tokens are one n-gram, over and over and nothing else.

    The defaults leave alone what people do ask for: ruled lines, rows of empty cells, grids of zeros. Lists in which
    anything changes, a number or a place of a box, are never a loop.

    Attributes:
        repeats: how often the n-gram stands there, at least.
        tokens: how many tokens that makes, at least.
        longest: tokens of the longest n-gram that is looked for.
    """

    repeats: int = 32
    tokens: int = 512
    longest: int = 256

    def __post_init__(self) -> None:
        """Refuse values without a meaning, naming them."""
        if self.repeats < 2:
            raise RequestError(f"The loop guard waits for {self.repeats} repeats; it must be at least 2.")
        if self.tokens < 1:
            raise RequestError(f"The loop guard waits for {self.tokens} tokens; it must be at least 1.")
        if not 1 <= self.longest <= 4096:
            raise RequestError(f"The loop guard looks for {self.longest} tokens; it must be 1 to 4096.")


DEFAULT_LOOP_GUARD = LoopGuard()


@dataclass(frozen=True)
class Load:
    """Open the model in a folder; `tour` is the bundled one.

    Attributes:
        anyway: also if it does not fit into the memory that is free now. Without it such a load fails with the code
            `memory.load`, and what was loaded before stays.
        drafter: folder of the model's drafter, which guesses answers ahead where that is faster; empty for none. Where
            only the model fits, it is loaded without.
        map_ple: read its per-layer embeddings from the disk, which takes less memory and more time; None does where
            the model does not fit otherwise.
        kv_packing: how keys and values are kept; None keeps them as they are.
    """

    id: str
    path: str
    anyway: bool = False
    drafter: str = ""
    map_ple: bool | None = None
    kv_packing: KVPacking | None = None


@dataclass(frozen=True)
class Ask:
    """Continue a conversation with the model's turn.

    Attributes:
        id: every event of the answer carries it as `request_id`.
        max_tokens: the longest answer, thoughts included.
        thinking: the model thinks before it answers.
        tools: functions that the model may call.
        max_soft_tokens: picture budget for parts without their own; None takes the checkpoint's.
        thinking_budget: tokens that the answer's thoughts may have; then they are closed and the answer begins. The
            markers and the line that names a thought do not count. None lets the model think as long as it likes.
        stop: the answer ends before the first of these strings. They are looked for in the answer's text, not in
            thoughts or tool calls.
        loop_guard: ends an answer that only repeats itself; None lets it.
        preserve_thinking: earlier thoughts that led to tool calls stay in the prompt; the others never do.
        chat_format: write turns, as instruction-tuned models expect them. Without it texts and media follow each other
            just as they are, for base models to continue.
        urgent: somebody waits for the first word: a longer job that is running pauses meanwhile, and goes on after.
        continues: the last message is the beginning of the answer itself, the model's own; only what follows comes as
            events. One that holds a thought and no word yet goes on with the thought.
        anyway: also if it does not fit into the memory that is free. Without it such a question fails with the code
            `memory.ask`, before anything is read.
    """

    id: str
    messages: tuple[Message, ...]
    sampling: SamplingSettings = SamplingSettings()
    max_tokens: int = 2048
    thinking: bool = False
    tools: tuple[Tool, ...] = ()
    max_soft_tokens: int | None = None
    thinking_budget: int | None = None
    stop: tuple[str, ...] = ()
    loop_guard: LoopGuard | None = DEFAULT_LOOP_GUARD
    preserve_thinking: bool = False
    chat_format: bool = True
    urgent: bool = False
    continues: bool = False
    anyway: bool = False

    def __post_init__(self) -> None:
        """Refuse values without a meaning, naming them."""
        if self.max_tokens < 1:
            raise RequestError(f"max_tokens is {self.max_tokens}; it must be at least 1.")
        if self.max_soft_tokens is not None:
            check_budget(self.max_soft_tokens)
        if self.thinking_budget is not None:
            if self.thinking_budget < 0:
                raise RequestError(f"The thinking budget is {self.thinking_budget}; it must be 0 or more.")
            if not self.thinking:
                raise RequestError("A thinking budget was given, but thinking is off.", "Turn thinking on.")
        if not self.chat_format and (self.thinking or self.tools):
            raise RequestError("Thinking and tools need the chat format.", "Ask with it, or leave them out.")
        if self.continues and not (self.messages and self.messages[-1].role == "assistant"):
            raise RequestError("There is no beginning of an answer to go on with.", "End with the assistant's message.")
        if "" in self.stop:
            raise RequestError("A stop string is empty.", "Leave it out, or give the text that ends the answer.")


_LANGUAGE = re.compile(r"[^\W\d_][\w '()-]{0,59}")
SPEECH_LOOP_GUARD = LoopGuard(repeats=12, tokens=64, longest=64)
"""For transcripts: nobody says the same thing so often in half a minute, and models do where there is only noise."""


@dataclass(frozen=True)
class Transcribe:
    """Write down a recording of any length, as it goes: answered by TranscriptSegments, in order and without gaps.

    What is longer than the model hears at once is read in pieces. PromptProgress is about one piece; the UsageReport
    adds all of them up, and the reason in TurnFinished is that of the first piece whose answer did not end by itself.

    Attributes:
        path: of a recording, or of a clip with sound.
        language: that is spoken, by its English name; None lets the model find out.
        translate_to: language to translate into, by its English name; None only transcribes.
        sampling: the likeliest token each time, unless said otherwise.
        max_tokens: the longest transcript of one piece, which has at most 30 seconds.
        loop_guard: ends a piece's transcript that only repeats itself; None lets it.
        start: where to begin, in seconds of the recording: the first segment begins there.
        end: where to end; None is the recording's end.
        first_piece: number of the first piece, where others were heard before.
        context: what was said in them at last. With `start` the end of a request's last segment and `held` that
            segment's, a request that was stopped goes on as if it had not been; of translations, none is held.
        held: words that were heard just before `start` but not told.
    """

    id: str
    path: str
    language: str | None = None
    translate_to: str | None = None
    sampling: SamplingSettings = GREEDY
    max_tokens: int = 512
    loop_guard: LoopGuard | None = SPEECH_LOOP_GUARD
    start: float = 0.0
    end: float | None = None
    first_piece: int = 0
    context: str = ""
    held: str = ""

    def __post_init__(self) -> None:
        """Refuse values without a meaning, naming them."""
        if self.max_tokens < 1:
            raise RequestError(f"max_tokens is {self.max_tokens}; it must be at least 1.")
        if not 0 <= self.start < (math.inf if self.end is None else self.end):
            raise RequestError(f"There is no stretch of sound from {self.start} to {self.end} seconds.")
        for name in (self.language, self.translate_to):
            if name is not None and not _LANGUAGE.fullmatch(name):
                raise RequestError(f"{name!r} is not the name of a language.", "Give its English name, like French.")


@dataclass(frozen=True)
class ProbeMedia:
    """Look at a file before it is asked about: answered by MediaProbed, or EngineFailed with what is wrong with it.

    Attributes:
        max_soft_tokens: picture budget that its cost is computed for; None takes the loaded model's.
        budgets: of the loaded model; the engine fills them in.
    """

    id: str
    path: str
    max_soft_tokens: int | None = None
    budgets: MediaBudgets = PUBLISHED_BUDGETS

    def __post_init__(self) -> None:
        """Refuse a budget that does not exist."""
        if self.max_soft_tokens is not None:
            check_budget(self.max_soft_tokens)


@dataclass(frozen=True)
class HearMedia:
    """Make the sound of a recording or clip ready to be listened to: answered by MediaHeard."""

    id: str
    path: str


@dataclass(frozen=True)
class ShowMedia:
    """Make a picture to look at: answered by MediaShown, or EngineFailed with what is wrong. Needs no model.

    Attributes:
        path: of a picture, a document or a clip.
        page: of a document, counted from 1.
        seconds: of a clip: the frame that is shown then.
        box: the part to cut out, (ymin, xmin, ymax, xmax) from 0 to 1000 along each side; None shows the whole.
        longest: pixels along a side that the display file has at most; None keeps all there are.
    """

    id: str
    path: str
    page: int = 1
    seconds: float = 0.0
    box: tuple[float, float, float, float] | None = None
    longest: int | None = 4096

    def __post_init__(self) -> None:
        """Refuse values without a meaning, naming them."""
        if self.page < 1:
            raise RequestError(f"There is no page {self.page}.", "Count them from 1.")
        if not 0 <= self.seconds < math.inf:
            raise RequestError(f"There is no frame at {self.seconds} seconds.")
        if self.longest is not None and self.longest < 1:
            raise RequestError(f"A picture of {self.longest} pixels cannot be seen.")
        if self.box is not None:
            top, left, bottom, right = self.box
            if not (0 <= top < bottom <= 1000 and 0 <= left < right <= 1000):
                raise RequestError("The part has no area, or reaches beyond the picture.", "Draw it again.")


@dataclass(frozen=True)
class ComparePages:
    """Say how alike two pictures of a page are: answered by PagesCompared. Needs no model and waits for none.

    Attributes:
        screenshot: path of the picture that is to be matched.
        rendering: path of the picture of a page.
        screenshot_words: what a model has read on the screenshot; None if none has.
        rendering_words: what a model has read on the rendering; None if none has.
    """

    id: str
    screenshot: str
    rendering: str
    screenshot_words: str | None = None
    rendering_words: str | None = None


@dataclass(frozen=True)
class Stop:
    """End a request of any kind, running or waiting; it ends in a TurnFinished that says `stopped`.

    A Stop itself has no answer, and one for a request that is over does nothing.
    """

    id: str
    request_id: str


Request: TypeAlias = (
    Load
    | LoadRemote
    | Unload
    | Ask
    | EstimateAsk
    | Transcribe
    | ProbeMedia
    | HearMedia
    | ShowMedia
    | ComparePages
    | ListModels
    | FitModel
    | RemoveModel
    | RestoreModel
    | Download
    | ListServer
    | Stop
)
