"""What the engine reports while it loads a model and answers a request."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from mlx_gemma4.protocol.care import AskEstimated, ModelUnloaded
from mlx_gemma4.protocol.event_base import EventBase
from mlx_gemma4.protocol.json_values import JsonObject
from mlx_gemma4.protocol.model_events import DownloadFinished, DownloadProgress, FitEstimated, ModelsFound
from mlx_gemma4.protocol.server_events import ServerListed

Box: TypeAlias = tuple[int, int, int, int]
"""(ymin, xmin, ymax, xmax) as integers on a grid of 0–1000 along each side, origin at the top left."""

FinishReason: TypeAlias = Literal["end_of_turn", "tool_calls", "stop_string", "max_tokens", "loop", "stopped"]
"""Why an answer ended: the model ended it, wants tools called, wrote a stop string, reached the longest length, only
repeated itself, or was stopped by a request."""


@dataclass(frozen=True)
class ModelLoading(EventBase):
    """The model in this folder is being read, or the server of this one is being asked for it."""

    path: str


@dataclass(frozen=True)
class ModelReady(EventBase):
    """The model can be asked; the last event of a Load or LoadRemote.

    Attributes:
        path: as it was asked for; of a server's model, its `remote_path`.
        name: for people: the folder's own, or the server's for it.
        bits: of a stored weight: 16 or 32, or fewer in a quantized model; 0 where a server has it.
        memory_bytes: that its parameters take here.
        sees: it takes pictures, as far as is known.
        hears: it takes sound, as far as is known.
        max_soft_tokens: picture budget of a request that names none.
        host: of the server that words and files go to; empty for a model on this machine.
        chats: it has learnt to answer; one that has not, a base model, only goes on with a text.
        drafts: a drafter guesses its answers ahead.
        from_disk: its per-layer embeddings are read from the disk.
    """

    path: str
    name: str
    bits: int
    memory_bytes: int
    sees: bool
    hears: bool
    max_soft_tokens: int
    host: str = ""
    chats: bool = True
    drafts: bool = False
    from_disk: bool = False


@dataclass(frozen=True)
class MediaProbed(EventBase):
    """What a file is and what it costs; the last event of a ProbeMedia.

    The two files are the engine's own; they stay while the app lives and show upright sRGB pixels: the picture, the
    first frame of a clip, the first page of a document. Of a sound there are none.

    Attributes:
        kind: of the file, told from its content.
        width: of the upright original, in pixels; of a document, of its first page, in points; of a sound, 0.
        height: likewise.
        soft_tokens: that it takes in the prompt; of a clip with its sound as far as that is heard; 0 for a sound and a
            model that does not hear.
        thumbnail: path of a PNG of at most 256 pixels along a side; empty for a sound.
        display: path of a PNG or JPEG of at most 4096 pixels along a side; empty for a sound.
        seconds: how long a sound or a clip is; 0 for the others.
        pages: how many a document has; 0 for the others.
        moments: of a clip, when the frames are shown that the model sees, in seconds; empty for the others.
        has_sound: of a clip, whether it has a sound track.
    """

    kind: Literal["picture", "sound", "clip", "document"]
    width: int
    height: int
    soft_tokens: int
    thumbnail: str
    display: str
    seconds: float = 0.0
    pages: int = 0
    moments: tuple[float, ...] = ()
    has_sound: bool = False


@dataclass(frozen=True)
class MediaShown(EventBase):
    """A picture, a page, a frame, or a part of one, as files; the last event of a ShowMedia.

    The files are as those of MediaProbed.

    Attributes:
        width: of what is shown, before it was made smaller for the display file: in pixels, upright; of a whole page,
            in points.
        height: likewise.
        thumbnail: path of a PNG of at most 256 pixels along a side.
        display: path of a PNG, or of a JPEG where it is large.
    """

    width: int
    height: int
    thumbnail: str
    display: str


@dataclass(frozen=True)
class MediaHeard(EventBase):
    """The sound of a file, made ready to be listened to; the last event of a HearMedia.

    Attributes:
        sound: path of a WAV file of one channel as the model hears it; the engine's own, it stays while the app lives.
        seconds: how long it is, decoded.
        peaks: the loudest moment of each of a few hundred equal stretches, 0 to 1.
    """

    sound: str
    seconds: float
    peaks: tuple[float, ...]


@dataclass(frozen=True)
class DifferentRegion:
    """Where two pictures of a page differ: `strength` 0–1 says how much, the strongest region of a comparison first."""

    box: Box
    strength: float


@dataclass(frozen=True)
class PagesCompared(EventBase):
    """How alike a screenshot and a rendering are, from their pixels; the last event of a ComparePages.

    All figures are 0 to 1, and 1 for pictures that are the same.

    Attributes:
        fidelity: of all together, what a version is judged by.
        layout: how much of all blocks' area is of blocks that both have; less for pages that differ in height.
        position: how near matched blocks are.
        colour: how near the colours of matched blocks are (CIEDE2000).
        edges: how alike the shapes of matched blocks are, and how well lines and contours fall together.
        regions: where they differ, on the rendering, strongest first; at most 12. What it lacks lies where it should
            begin, over what is there; what has only moved counts little, and below something missing not at all.
        difference: path of a PNG of the rendering's shape, and of its size up to 4096 pixels along a side: its pixels
            pale, and where it differs in colour.
        text: how alike the words are; None unless both were given.
    """

    fidelity: float
    layout: float
    position: float
    colour: float
    edges: float
    regions: tuple[DifferentRegion, ...]
    difference: str
    text: float | None = None


@dataclass(frozen=True)
class Remark(EventBase):
    """What a person should know about the answer that follows: something of a file was left out, for instance."""

    text: str


@dataclass(frozen=True)
class PromptProgress(EventBase):
    """This many of the prompt's tokens have been read by the model, now or for an earlier question."""

    done: int
    total: int


@dataclass(frozen=True)
class TextDelta(EventBase):
    """The next piece of the answer, box lists included, exactly as the model wrote it."""

    text: str


@dataclass(frozen=True)
class ThoughtDelta(EventBase):
    """The next piece of what the model thinks before it answers."""

    text: str


@dataclass(frozen=True)
class ToolCallRequested(EventBase):
    """The model wants this function called."""

    name: str
    arguments: JsonObject


@dataclass(frozen=True)
class BoxFound(EventBase):
    """A box whose JSON object has just closed in the text; the text itself has gone out as TextDelta.

    Attributes:
        box: ordered so that ymin ≤ ymax and xmin ≤ xmax.
        label: what the model says is inside.
        media_index: which of the pictures, clips and documents of the conversation, counted from 0: the last one that
            the question could mean.
        sheet: which page of a document or frame of a clip, counted from 1 among those that the model was shown, if its
            words say so; the format of boxes has no place for that.
        seconds: when in a clip, if the words say so.
    """

    box: Box
    label: str
    media_index: int = 0
    sheet: int | None = None
    seconds: float | None = None


@dataclass(frozen=True)
class TranscriptSegment(EventBase):
    """What is said in the next stretch of a recording; the first begins at 0, each at the end of the one before it.

    Attributes:
        start: in seconds of the recording.
        end: in seconds of the recording. Within one piece that the model heard, moments are estimated from how its
            sentences spread over the sound.
        text: one or a few sentences; empty where nothing is said.
        translation: of the text, if one was asked for and the model gave one.
        piece: which piece of the recording it was heard in, counted from 0.
        held: words that were heard after these but are not told yet, because the next piece may hear them better.
        more: the same piece has further segments.
    """

    start: float
    end: float
    text: str
    translation: str | None = None
    piece: int = 0
    held: str = ""
    more: bool = False


@dataclass(frozen=True)
class CodeBlock(EventBase):
    """A fenced block of code whose fence has closed, or that the answer's end has cut off; as text it is out already.

    Attributes:
        language: what stands behind the opening fence, in small letters; empty for none.
        text: between the fences, the last line break not counted.
        closed: False where the answer ended before the closing fence.
    """

    language: str
    text: str
    closed: bool = True


@dataclass(frozen=True)
class Unparsed(EventBase):
    """What the model meant as structure but did not write well.

    Attributes:
        kind: `box` – a broken box, whose characters have gone out as TextDelta already; `tool_call` – a broken call,
            whose characters have gone out nowhere else.
        text: the raw characters between the markers, or from `{` to where the object broke off.
    """

    kind: Literal["box", "tool_call"]
    text: str


@dataclass(frozen=True)
class UsageReport(EventBase):
    """What the answer took.

    Attributes:
        prompt_tokens: tokens of the prompt, soft tokens included.
        completion_tokens: tokens that the model wrote, markers and the closing one included.
        tokens_per_second: of the tokens after the first.
        time_to_first_token: seconds from the request to the first token.
        peak_memory_bytes: the most that MLX held during this request.
        reused_tokens: of the prompt, those that an earlier question has left read.
        thinking_seconds: from the first token of a thought to the first word of the answer, or to the end.
        guessed_tokens: that a drafter said might come.
        right_guesses: those of them that came.
    """

    prompt_tokens: int
    completion_tokens: int
    tokens_per_second: float
    time_to_first_token: float
    peak_memory_bytes: int
    reused_tokens: int = 0
    thinking_seconds: float = 0.0
    guessed_tokens: int = 0
    right_guesses: int = 0


@dataclass(frozen=True)
class TurnFinished(EventBase):
    """The answer is over; nothing follows for this request."""

    reason: FinishReason


@dataclass(frozen=True)
class EngineFailed(EventBase):
    """The request could not be served; nothing follows for it."""

    code: str
    message: str
    hint: str
    recoverable: bool


Event: TypeAlias = (
    ModelLoading
    | ModelReady
    | ModelUnloaded
    | AskEstimated
    | MediaProbed
    | MediaHeard
    | MediaShown
    | PagesCompared
    | ModelsFound
    | FitEstimated
    | ServerListed
    | DownloadProgress
    | DownloadFinished
    | Remark
    | PromptProgress
    | TextDelta
    | ThoughtDelta
    | ToolCallRequested
    | BoxFound
    | TranscriptSegment
    | CodeBlock
    | Unparsed
    | UsageReport
    | TurnFinished
    | EngineFailed
)
Terminal: TypeAlias = (
    ModelReady
    | ModelUnloaded
    | AskEstimated
    | MediaProbed
    | MediaHeard
    | MediaShown
    | PagesCompared
    | ModelsFound
    | FitEstimated
    | ServerListed
    | DownloadFinished
    | TurnFinished
    | EngineFailed
)
"""The last event of a request: every request gets exactly one of these, and nothing after it."""
