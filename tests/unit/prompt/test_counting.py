"""A prompt counted from what is known of its files is as long as the one that is made of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from mlx_gemma4.engine.loading import bundled
from mlx_gemma4.prompt.chat_template import ChatOptions
from mlx_gemma4.prompt.counting import count_prompt, piece_sizes
from mlx_gemma4.prompt.prepare import prepare
from mlx_gemma4.prompt.tokenizer import Tokenizer
from mlx_gemma4.protocol.care import MediaCost
from mlx_gemma4.protocol.cost import fit_picture
from mlx_gemma4.protocol.errors import RequestError
from mlx_gemma4.protocol.parts import ImagePart, Message, TextPart

STARS = Path("resources/samples/stars.png").resolve()


@pytest.mark.parametrize("budget", [70, 280, 1120])
@pytest.mark.parametrize("options", [ChatOptions(), ChatOptions(thinking=True), ChatOptions(plain=True)])
def test_the_count_is_that_of_the_prompt_itself(budget: int, options: ChatOptions) -> None:
    from PIL import Image

    tokenizer = Tokenizer(bundled("tour"))
    messages = (
        Message("user", (ImagePart(str(STARS), budget), TextPart("Find all stars, please."))),
        Message("assistant", (TextPart("There are three."),)),
        Message("user", (TextPart("Sure?"), ImagePart(str(STARS), budget))),
    )
    with Image.open(STARS) as picture:
        cost = MediaCost("picture", fit_picture(*picture.size, budget).soft_tokens)
    counted = count_prompt(messages, lambda text: len(tokenizer.encode_text(text)), options, (cost, cost))
    assert counted == len(prepare(messages, tokenizer, options).token_ids)


def test_pieces_are_counted_with_their_markers() -> None:
    message = (Message("user", (ImagePart("a.pdf"),)),)
    plain = ChatOptions(plain=True)
    assert count_prompt(message, len, plain, (MediaCost("document", 600, 3),)) == 1 + 600 + 6
    assert count_prompt(message, len, plain, (MediaCost("clip", 60, 2),)) == 1 + 60 + 4 + 2 * len(" 00:00 ")
    assert count_prompt(message, len, plain) == 1
    assert piece_sizes(MediaCost("document", 601, 3)) == [201, 201, 201]


def test_a_file_without_pieces_is_refused() -> None:
    with pytest.raises(RequestError):
        MediaCost("document", 10, 0)
