"""Going on with an answer: the prompt is what was read before, and behind it what the model had written."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from mlx_gemma4.prompt.chat_template import ChatOptions, opens_in_thought, render_chat
from mlx_gemma4.prompt.checkpoint_files import has_learnt_to_answer
from mlx_gemma4.prompt.prepare import prepare
from mlx_gemma4.prompt.segments import as_text
from mlx_gemma4.prompt.tokenizer import Tokenizer
from mlx_gemma4.protocol.errors import RequestError
from mlx_gemma4.protocol.parts import Message, TextPart, ThoughtPart
from mlx_gemma4.protocol.requests import Ask

HELLO = Message("user", (TextPart("Name the colours"),))
CONTINUES = ChatOptions(continues=True)


def begun(words: str, thought: str = "") -> Message:
    parts = (ThoughtPart(thought),) if thought else ()
    return Message("assistant", (*parts, TextPart(words)) if words else parts)


@pytest.mark.parametrize("words", ["red, gre", "\n red\n", " a", "one\n\n- two\n", "<turn|>"])
@pytest.mark.parametrize("empty_thought", [False, True])
def test_ids_are_those_of_the_prompt_with_the_written_ones_behind(
    words: str, empty_thought: bool, model_folder: Path
) -> None:
    tokenizer = Tokenizer(model_folder)
    asked = prepare([HELLO], tokenizer, ChatOptions(empty_thought=empty_thought))
    goes_on = prepare([HELLO, begun(words)], tokenizer, ChatOptions(empty_thought=empty_thought, continues=True))
    assert [*goes_on.token_ids] == [*asked.token_ids, *tokenizer.encode_text(words)]
    assert not goes_on.in_thought


def test_a_thought_that_was_cut_off_stays_open_and_one_that_was_not_is_closed() -> None:
    thinking = ChatOptions(thinking=True, continues=True)
    open_one = render_chat([HELLO, begun("", "Let me see")], thinking)
    assert as_text(open_one).endswith("<|turn>model\n<|channel>thought\nLet me see")
    assert opens_in_thought(open_one)
    closed = render_chat([HELLO, begun("Red", "I see\n")], thinking)
    assert as_text(closed).endswith("<|turn>model\n<|channel>thought\nI see\n<channel|>Red")
    assert not opens_in_thought(closed)


def test_the_turns_before_are_written_as_ever() -> None:
    earlier = [HELLO, begun("Red."), Message("user", (TextPart("More"),))]
    text = as_text(render_chat([*earlier, begun("Gre")], CONTINUES))
    assert text == f"{as_text(render_chat(earlier))}Gre"


def test_there_must_be_a_beginning() -> None:
    with pytest.raises(RequestError, match="beginning of an answer"):
        Ask("a", (HELLO,), continues=True)


def test_a_base_model_is_told_by_its_files(model_folder: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(model_folder, tmp_path / "model"))
    generation = json.loads((folder / "generation_config.json").read_text())
    assert has_learnt_to_answer(folder, Tokenizer(folder).special)
    (folder / "generation_config.json").write_text(json.dumps({**generation, "eos_token_id": 1}))
    assert not has_learnt_to_answer(folder, Tokenizer(folder).special)
    (folder / "chat_template.jinja").write_text("{{ messages }}")
    assert has_learnt_to_answer(folder, Tokenizer(folder).special)
