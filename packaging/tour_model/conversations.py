"""Conversations as training sees them: written by the chat template that ships, with the model's words marked."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from tour_model.architecture import token_id

from mlx_gemma4.prompt.chat_template import ChatOptions, render_chat
from mlx_gemma4.prompt.segments import MarkerSegment, MediaSegment, Segment, TextSegment, write
from mlx_gemma4.prompt.special_tokens import Marker
from mlx_gemma4.prompt.tokenizer import Tokenizer
from mlx_gemma4.protocol.parts import ImagePart, Message, TextPart, Tool

RESOURCES = Path(__file__).parents[2] / "resources" / "tour"


@dataclass(frozen=True)
class Conversation:
    """Prompts and answers in turn.

    Attributes:
        pictures: indices into the batch's pictures, in the order of the prompt.
        ids: tokens of all of it; the picture marker stands at every soft token.
        answers: which of the ids are the model's, those that end its turns included.
    """

    pictures: tuple[int, ...]
    ids: list[int]
    answers: list[bool]


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
    parts = (*(ImagePart("") for _ in pictures), TextPart(question))
    prompt = encode(render_chat([Message("user", parts)], ChatOptions(thinking=thinking, tools=tools)), soft_tokens)
    said = write(answer, Marker.TURN_CLOSE) if isinstance(answer, str) else list(answer)
    if thinking:
        said = [*write(Marker.CHANNEL_OPEN, f"thought\n{thought}\n", Marker.CHANNEL_CLOSE), *said]
    answer_ids = encode(said, soft_tokens)
    mask = [False] * len(prompt) + [True] * len(answer_ids)
    return Conversation(tuple(pictures), prompt + answer_ids, mask)


def follow_up(talk: Conversation, question: str, answer: str) -> Conversation:
    """The conversation with another question and answer."""
    asked = write("\n", Marker.TURN_OPEN, f"user\n{question}", Marker.TURN_CLOSE, "\n", Marker.TURN_OPEN, "model\n")
    prompt, said = encode(asked, 0), encode(write(answer, Marker.TURN_CLOSE), 0)
    mask = [*talk.answers, *[False] * len(prompt), *[True] * len(said)]
    return Conversation(talk.pictures, [*talk.ids, *prompt, *said], mask)


def encode(segments: Sequence[Segment], soft_tokens: int) -> list[int]:
    """Ids of segments, pictures as `soft_tokens` markers between their two borders (mlx_gemma4: prompt/prepare.py)."""
    ids: list[int] = []
    for segment in segments:
        match segment:
            case TextSegment(text):
                ids += tokenizer().encode_text(text)
            case MarkerSegment(marker):
                ids.append(tokenizer().special[marker])
            case MediaSegment():
                ids += [token_id("<|image>"), *[token_id("<|image|>")] * soft_tokens, token_id("<image|>")]
    return ids


@cache
def tokenizer() -> Tokenizer:
    """The bundled tokenizer, as the app uses it."""
    return Tokenizer(RESOURCES)
