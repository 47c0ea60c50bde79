"""The bundled model at 560 soft tokens: what was read of a picture serves every further question."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from mlx_gemma4.engine.engine import Engine
from mlx_gemma4.engine.loading import bundled, inspect_model, read_model
from mlx_gemma4.engine.prompt_identity import CLOSE
from mlx_gemma4.protocol.events import TextDelta, UsageReport
from mlx_gemma4.protocol.parts import ImagePart, Message, TextPart
from mlx_gemma4.protocol.requests import GREEDY, Ask

pytestmark = pytest.mark.slow
BUDGET = 560
FIRST, SECOND, THIRD = "Detect all shapes.", "Describe the picture.", "How many stars are there?"


@dataclass(frozen=True)
class Answer:
    """What was said, and what it took."""

    text: str
    usage: UsageReport

    @property
    def unread(self) -> int:
        """Tokens of the prompt that had to be read."""
        return self.usage.prompt_tokens - self.usage.reused_tokens


@pytest.fixture(scope="module")
def engine() -> Engine:
    engine = read_model(inspect_model("tour")).engine
    engine.warm_up()
    return engine


def user(text: str, picture: Path | None = None) -> Message:
    return Message("user", (*([ImagePart(str(picture))] if picture else []), TextPart(text)))


def ask(engine: Engine, *messages: Message) -> Answer:
    request = Ask("r", messages, GREEDY, max_tokens=60, max_soft_tokens=BUDGET)
    events = list(engine.ask(request))
    text = "".join(event.text for event in events if isinstance(event, TextDelta))
    return Answer(text, next(event for event in events if isinstance(event, UsageReport)))


def own_tokens(engine: Engine, message: Message) -> int:
    return len(engine.prepare(Ask("r", (message,))).token_ids)


def test_a_second_question_reads_itself_alone_and_starts_ten_times_sooner(engine: Engine) -> None:
    picture = bundled("samples") / "stars.png"
    engine.forget()
    conversation = [user(FIRST, picture)]
    first = ask(engine, *conversation)
    assert first.usage.reused_tokens == 0 and first.usage.prompt_tokens > 500
    conversation += [Message("assistant", (TextPart(first.text),)), user(SECOND)]
    for messages in (conversation, [user(SECOND, picture)]):  # in the conversation, and in one of its own
        second = ask(engine, *messages)
        assert second.unread <= own_tokens(engine, user(SECOND)) + CLOSE
        assert first.usage.time_to_first_token >= 10 * second.usage.time_to_first_token
        print(f"{first.usage.time_to_first_token:.2f} s, then {second.usage.time_to_first_token:.3f} s")
        again = second.text
        engine.forget()
        assert ask(engine, *messages).text == again, "and it is the answer of a fresh run"


def test_an_edit_of_an_earlier_turn_reads_what_follows_it(engine: Engine) -> None:
    picture = bundled("samples") / "gradient.png"
    conversation = [user(FIRST, picture)]
    for question in (SECOND, THIRD):
        answer = ask(engine, *conversation)
        conversation += [Message("assistant", (TextPart(answer.text),)), user(question)]
    ask(engine, *conversation)
    edited = ask(engine, *conversation[:2], user(THIRD))
    assert edited.unread <= own_tokens(engine, user(THIRD)) + CLOSE
    whole = ask(engine, *conversation[:2], user(THIRD), *conversation[3:])
    assert whole.unread <= whole.usage.prompt_tokens - edited.usage.prompt_tokens + CLOSE
