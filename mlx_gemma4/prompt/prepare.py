"""Messages to what the model takes: opens the files in them, counts their soft tokens, encodes the rest."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

import numpy as np

from mlx_gemma4.media.sound import read_part
from mlx_gemma4.prompt.chat_template import DEFAULT_OPTIONS, ChatOptions, opens_in_thought, render_chat
from mlx_gemma4.prompt.checkpoint_files import PromptDefaults
from mlx_gemma4.prompt.media_segments import MediaOpener, ReadSound
from mlx_gemma4.prompt.prepared import Prepared, PreparedMedia
from mlx_gemma4.prompt.segments import MarkerSegment, MediaSegment, Segment, TextSegment, join_texts
from mlx_gemma4.prompt.tokenizer import Tokenizer
from mlx_gemma4.protocol.parts import DocumentPart, ImagePart, Message, VideoPart

_PUBLISHED = PromptDefaults()


def prepare(
    messages: Sequence[Message],
    tokenizer: Tokenizer,
    options: ChatOptions = DEFAULT_OPTIONS,
    max_soft_tokens: int | None = None,
    defaults: PromptDefaults = _PUBLISHED,
    read_sound: ReadSound = read_part,
) -> Prepared:
    """Write the messages as a prompt, read the files in it, and encode it all.

    Args:
        messages: the conversation.
        tokenizer: of the checkpoint that will read it.
        options: thinking, tools and template variant.
        max_soft_tokens: budget of pictures that do not bring their own; None takes that of `defaults`.
        defaults: what the checkpoint says about media.
        read_sound: gives the samples of sounds; for somebody who has them in memory already.

    Raises:
        PromptError: the messages cannot be written as a prompt.
        MediaError: a file in them cannot be used.
        CheckpointError: the checkpoint lacks a marker that the prompt needs.
        RequestError: a picture's budget does not exist.
    """
    if max_soft_tokens is not None:
        defaults = replace(defaults, max_soft_tokens=max_soft_tokens)
    segments = render_chat(messages, options)
    opener = MediaOpener(defaults, read_sound)
    special = tokenizer.special
    ids: list[int] = []
    media: list[PreparedMedia] = []
    for segment in join_texts(_opened(segments, opener)):
        if isinstance(segment, TextSegment):
            ids += tokenizer.encode_text(segment.text)
        elif isinstance(segment, MarkerSegment):
            ids.append(special[segment.marker])
        else:
            assert not isinstance(segment, MediaSegment)
            media.append(replace(segment.item, start=len(ids)))
            ids += [special[segment.marker]] * segment.item.soft_tokens
    return Prepared(np.array(ids, dtype=np.int32), tuple(media), opens_in_thought(segments), tuple(opener.remarks))


def count_pictures(messages: Sequence[Message]) -> int:
    """How many files of the conversation are seen: pictures, clips and documents."""
    return sum(isinstance(part, ImagePart | VideoPart | DocumentPart) for message in messages for part in message.parts)


def _opened(segments: Iterable[Segment], opener: MediaOpener) -> Iterator[Segment]:
    """The same prompt with what is in the files in place of the files."""
    for segment in segments:
        if isinstance(segment, MediaSegment):
            yield from opener.open(segment.part)
        else:
            yield segment
