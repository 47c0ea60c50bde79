"""Messages to what the model takes: token ids with room for the soft tokens, and the patches of every picture.

Letters: L tokens, P patches.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mlx_gemma4.media.patches import PicturePatches, patchify
from mlx_gemma4.media.pictures import load_picture
from mlx_gemma4.prompt.chat_template import DEFAULT_OPTIONS, ChatOptions, opens_in_thought, render_chat
from mlx_gemma4.prompt.segments import MarkerSegment, TextSegment
from mlx_gemma4.prompt.special_tokens import Marker
from mlx_gemma4.prompt.tokenizer import Tokenizer
from mlx_gemma4.protocol.cost import DEFAULT_SOFT_TOKENS
from mlx_gemma4.protocol.errors import MediaError
from mlx_gemma4.protocol.parts import ImagePart, MediaPart, Message


@dataclass(frozen=True, eq=False)
class PreparedPicture:
    """A picture and its place in the prompt.

    Attributes:
        patches: float32 [P, 768] in 0..1.
        positions: int32 [P, 2], column and row of each patch.
        start: index of its first soft token; token_ids[start : start + soft_tokens] are all the picture marker.
        soft_tokens: how many there are.
    """

    patches: npt.NDArray[np.float32]
    positions: npt.NDArray[np.int32]
    start: int
    soft_tokens: int


@dataclass(frozen=True, eq=False)
class Prepared:
    """A prompt, ready for the model.

    Attributes:
        token_ids: int32 [L], soft-token places filled with the picture marker.
        pictures: in the order of their places.
        in_thought: the prompt ends inside a thought, so the model's first tokens belong to it.
    """

    token_ids: npt.NDArray[np.int32]
    pictures: tuple[PreparedPicture, ...] = ()
    in_thought: bool = False


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
    pictures: list[PreparedPicture] = []
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
            pictures.append(PreparedPicture(picture.patches, picture.positions, start, picture.soft_tokens))
    return Prepared(np.array(ids, dtype=np.int32), tuple(pictures), opens_in_thought(segments))


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
