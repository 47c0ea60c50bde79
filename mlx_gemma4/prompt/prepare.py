"""Messages to what the model takes: opens the files in them, counts their soft tokens, encodes the rest."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from mlx_gemma4.media.patches import patchify
from mlx_gemma4.media.pictures import load_picture
from mlx_gemma4.prompt.chat_template import DEFAULT_OPTIONS, ChatOptions, opens_in_thought, render_chat
from mlx_gemma4.prompt.prepared import Prepared, PreparedMedia, PreparedPicture
from mlx_gemma4.prompt.segments import MarkerSegment, Segment, TextSegment
from mlx_gemma4.prompt.special_tokens import Marker
from mlx_gemma4.prompt.tokenizer import Tokenizer
from mlx_gemma4.protocol.cost import DEFAULT_SOFT_TOKENS
from mlx_gemma4.protocol.errors import MediaError
from mlx_gemma4.protocol.parts import ImagePart, Message


def prepare(
    messages: Sequence[Message],
    tokenizer: Tokenizer,
    options: ChatOptions = DEFAULT_OPTIONS,
    max_soft_tokens: int = DEFAULT_SOFT_TOKENS,
) -> Prepared:
    """Write the messages as a prompt, read the files in it, and encode it all.

    Args:
        messages: the conversation.
        tokenizer: of the checkpoint that will read it.
        options: thinking, tools and template variant.
        max_soft_tokens: budget of pictures that do not bring their own.

    Raises:
        PromptError: the messages cannot be written as a prompt.
        MediaError: a file in them cannot be used.
        CheckpointError: the checkpoint lacks a marker that the prompt needs.
        RequestError: a picture's budget does not exist.
    """
    segments = render_chat(messages, options)
    prompt = _Prompt(tokenizer, max_soft_tokens)
    for segment in segments:
        prompt.write(segment)
    return Prepared(np.array(prompt.ids, dtype=np.int32), tuple(prompt.media), opens_in_thought(segments))


def count_pictures(messages: Sequence[Message]) -> int:
    """How many pictures the conversation shows."""
    return sum(isinstance(part, ImagePart) for message in messages for part in message.parts)


class _Prompt:
    """The ids written so far, and the media among them."""

    def __init__(self, tokenizer: Tokenizer, max_soft_tokens: int) -> None:
        self.ids: list[int] = []
        self.media: list[PreparedMedia] = []
        self._tokenizer = tokenizer
        self._max_soft_tokens = max_soft_tokens

    def write(self, segment: Segment) -> None:
        """Append one segment; a file is opened."""
        if isinstance(segment, TextSegment):
            self.ids += self._tokenizer.encode_text(segment.text)
        elif isinstance(segment, MarkerSegment):
            self.ids.append(self._tokenizer.special[segment.marker])
        elif isinstance(segment.part, ImagePart):
            self._write_picture(segment.part)
        else:
            raise MediaError(
                f"{segment.part.path} was given as sound or as a clip, and only pictures can be read.",
                "Give a picture file.",
                code="media.unsupported",
            )

    def _write_picture(self, part: ImagePart) -> None:
        picture = patchify(load_picture(part.path), part.max_soft_tokens or self._max_soft_tokens)
        start = self._write_places(Marker.IMAGE_OPEN, Marker.IMAGE, Marker.IMAGE_CLOSE, picture.soft_tokens)
        self.media.append(PreparedPicture(picture.patches, picture.positions, start, picture.soft_tokens))

    def _write_places(self, opening: Marker, place: Marker, closing: Marker, count: int) -> int:
        """Room for soft tokens between two markers; returns where the first of them goes."""
        special = self._tokenizer.special
        self.ids.append(special[opening])
        start = len(self.ids)
        self.ids += [special[place]] * count
        self.ids.append(special[closing])
        return start
