"""How long a prompt will be, from its words and from what its files are known to cost, without opening them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from mlx_gemma4.prompt.chat_template import ChatOptions, render_chat
from mlx_gemma4.prompt.segments import MediaSegment, TextSegment
from mlx_gemma4.protocol.care import MediaCost
from mlx_gemma4.protocol.cost import timestamp
from mlx_gemma4.protocol.parts import Message

_MARKERS = 2  # around a picture, page, frame or sound


def count_prompt(
    messages: Sequence[Message],
    count_text: Callable[[str], int],
    options: ChatOptions,
    media: Sequence[MediaCost] = (),
) -> int:
    """Tokens of the prompt that these messages become; with clips in it, about.

    Args:
        messages: the conversation.
        count_text: tokens of a text.
        options: thinking, tools and template variant.
        media: what each file costs, in the order of the files; those that it does not reach cost nothing.

    Raises:
        PromptError: the messages cannot be written as a prompt.
    """
    costs = iter(media)

    def tokens() -> Iterator[int]:
        for segment in render_chat(messages, options):
            if isinstance(segment, TextSegment):
                yield count_text(segment.text)
            elif isinstance(segment, MediaSegment):
                cost = next(costs, None)
                if cost is not None:
                    yield cost.soft_tokens + cost.pieces * _around(cost, count_text)
            else:
                yield 1

    return sum(tokens())


def piece_sizes(cost: MediaCost) -> list[int]:
    """Soft tokens of each piece of a file, all taken to be alike."""
    return [-(-cost.soft_tokens // cost.pieces)] * cost.pieces


def _around(cost: MediaCost, count_text: Callable[[str], int]) -> int:
    """Tokens beside the soft ones of each piece."""
    return _MARKERS + (count_text(f" {timestamp(0)} ") if cost.kind == "clip" else 0)
