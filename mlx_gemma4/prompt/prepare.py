"""Messages to what the model takes: opens the files in them, counts their soft tokens, encodes the rest."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from mlx_gemma4.media.patches import PicturePatches, patchify
from mlx_gemma4.media.pictures import load_picture
from mlx_gemma4.prompt.chat_template import DEFAULT_OPTIONS, ChatOptions, opens_in_thought, render_chat
from mlx_gemma4.prompt.prepared import Prepared, PreparedMedia, PreparedPicture
from mlx_gemma4.prompt.segments import MarkerSegment, TextSegment
from mlx_gemma4.prompt.special_tokens import Marker
from mlx_gemma4.prompt.tokenizer import Tokenizer
from mlx_gemma4.protocol.cost import DEFAULT_SOFT_TOKENS
from mlx_gemma4.protocol.errors import MediaError
from mlx_gemma4.protocol.parts import ImagePart, MediaPart, Message


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
    ids: list[int] = []
    media: list[PreparedMedia] = []
    for segment in segments:
        if isinstance(segment, TextSegment):
            ids += tokenizer.encode_text(segment.text)
        elif isinstance(segment, MarkerSegment):
            ids.append(tokenizer.special[segment.marker])
        else:
            picture = _open_picture(segment.part, max_soft_tokens)
            special = tokenizer.special
            start = len(ids) + 1
            ids += [special[Marker.IMAGE_OPEN], *[special[Marker.IMAGE]] * picture.soft_tokens]
            ids.append(special[Marker.IMAGE_CLOSE])
            media.append(PreparedPicture(picture.patches, picture.positions, start, picture.soft_tokens))
    return Prepared(np.array(ids, dtype=np.int32), tuple(media), opens_in_thought(segments))


def count_pictures(messages: Sequence[Message]) -> int:
    """How many pictures the conversation shows."""
    return sum(isinstance(part, ImagePart) for message in messages for part in message.parts)


def _open_picture(part: MediaPart, max_soft_tokens: int) -> PicturePatches:
    if not isinstance(part, ImagePart):
        raise MediaError(
            f"{part.path} was given as sound or as a clip, and only pictures can be read.",
            "Give a picture file.",
            code="media.unsupported",
        )
    return patchify(load_picture(part.path), part.max_soft_tokens or max_soft_tokens)
