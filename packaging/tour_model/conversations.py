"""Conversations as training sees them: written by the chat template that ships, with the model's words marked."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from mlx_gemma4.prompt.chat_template import DEFAULT_OPTIONS, ChatOptions, render_chat
from mlx_gemma4.prompt.segments import MarkerSegment, MediaSegment, Segment, TextSegment, join_texts, write
from mlx_gemma4.prompt.special_tokens import Marker
from mlx_gemma4.prompt.tokenizer import Tokenizer
from mlx_gemma4.protocol.cost import timestamp
from mlx_gemma4.protocol.parts import ImagePart, Message, TextPart, Tool

RESOURCES = Path(__file__).parents[2] / "resources" / "tour"


@dataclass(frozen=True)
class Conversation:
    """Prompts and answers in turn.

    Attributes:
        pictures: indices into the batch's pictures, in the order of the prompt.
        ids: tokens of all of it; the marker of its kind stands at every soft token.
        answers: which of the ids are the model's, those that end its turns included.
        sounds: indices into the batch's sounds; at most one.
    """

    pictures: tuple[int, ...]
    ids: list[int]
    answers: list[bool]
    sounds: tuple[int, ...] = ()


def conversation(
    question: str,
    answer: str | Sequence[Segment],
    pictures: Sequence[int] = (),
    soft_tokens: int = 0,
    *,
    thinking: bool = False,
    thought: str = "",
    tools: tuple[Tool, ...] = (),
) -> Conversation:
    """One user turn and the model's answer to it.

    Args:
        question: what the user says after the pictures.
        answer: text, or segments for a tool call.
        pictures: indices of the pictures shown, before the text.
        soft_tokens: of each picture.
        thinking: whether thinking is on; the answer then begins with `thought`.
        thought: what the model thinks.
        tools: functions declared in the system turn.
    """
    message = Message("user", (*(ImagePart("") for _ in pictures), TextPart(question)))
    said = write(answer, Marker.TURN_CLOSE) if isinstance(answer, str) else list(answer)
    if thinking:
        said = [*write(Marker.CHANNEL_OPEN, f"thought\n{thought}\n", Marker.CHANNEL_CLOSE), *said]
    files = [picture_places(soft_tokens)] * len(pictures)
    return exchange(message, files, said, pictures, options=ChatOptions(thinking=thinking, tools=tools))


def exchange(
    message: Message,
    files: Sequence[Sequence[Segment]],
    said: Sequence[Segment],
    pictures: Sequence[int] = (),
    sounds: Sequence[int] = (),
    options: ChatOptions = DEFAULT_OPTIONS,
) -> Conversation:
    """A user's turn and the model's answer; `files` are what stands in the prompt for the files of the message."""
    prompt, answer_ids = encode(render_chat([message], options), files), encode(said)
    mask = [False] * len(prompt) + [True] * len(answer_ids)
    return Conversation(tuple(pictures), prompt + answer_ids, mask, tuple(sounds))


def follow_up(talk: Conversation, question: str, answer: str) -> Conversation:
    """The conversation with another question and answer."""
    asked = write("\n", Marker.TURN_OPEN, f"user\n{question}", Marker.TURN_CLOSE, "\n", Marker.TURN_OPEN, "model\n")
    prompt, said = encode(asked), encode(write(answer, Marker.TURN_CLOSE))
    mask = [*talk.answers, *[False] * len(prompt), *[True] * len(said)]
    return Conversation(talk.pictures, [*talk.ids, *prompt, *said], mask)


def picture_places(soft_tokens: int, marker: Marker = Marker.IMAGE) -> list[Segment]:
    """The places of a picture's soft tokens, or of a clip's frame, between their two borders."""
    return write(Marker.IMAGE_OPEN, *[marker] * soft_tokens, Marker.IMAGE_CLOSE)


def clip_places(moments: Sequence[float], soft_tokens: int) -> list[Segment]:
    """The frames of a clip, shown at these seconds, each behind its time (mlx_gemma4: prompt/media_segments.py)."""
    segments: list[Segment] = []
    for number, seconds in enumerate(moments):
        segments += write(f"{' ' if number else ''}{timestamp(seconds)} ")
        segments += picture_places(soft_tokens, Marker.VIDEO)
    return segments


def sound_places(soft_tokens: int) -> list[Segment]:
    """The places of a sound's soft tokens between their two borders."""
    return write(Marker.AUDIO_OPEN, *[Marker.AUDIO] * soft_tokens, Marker.AUDIO_CLOSE)


def encode(segments: Sequence[Segment], files: Sequence[Sequence[Segment]] = ()) -> list[int]:
    """Ids of segments, with what stands for the files in place of them, in order (mlx_gemma4: prompt/prepare.py)."""
    ids: list[int] = []
    opened = iter(files)
    whole = [piece for one in segments for piece in (next(opened) if isinstance(one, MediaSegment) else (one,))]
    for segment in join_texts(whole):
        match segment:
            case TextSegment(text):
                ids += tokenizer().encode_text(text)
            case MarkerSegment(marker):
                ids.append(tokenizer().special[marker])
    return ids


@cache
def tokenizer() -> Tokenizer:
    """The bundled tokenizer, as the app uses it."""
    return Tokenizer(RESOURCES)
