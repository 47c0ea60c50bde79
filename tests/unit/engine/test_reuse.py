"""What was read before is not read again, and the answer is the same as if it had been."""

from __future__ import annotations

import dataclasses
import itertools
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import mlx.core as mx
import numpy as np
import pytest
from PIL import Image

from mlx_gemma4.engine.engine import Engine
from mlx_gemma4.engine.prompt_identity import CLOSE
from mlx_gemma4.generation import steps
from mlx_gemma4.generation.pace import ChunkPace
from mlx_gemma4.generation.session import Guide, Session
from mlx_gemma4.model.gemma4 import Gemma4
from mlx_gemma4.prompt.checkpoint_files import PromptDefaults
from mlx_gemma4.prompt.special_tokens import Marker
from mlx_gemma4.prompt.tokenizer import Tokenizer
from mlx_gemma4.protocol.events import Event, PromptProgress, TextDelta, TurnFinished, UsageReport
from mlx_gemma4.protocol.parts import ImagePart, Message, Part, TextPart, ThoughtPart, ToolCallPart, ToolResponsePart
from mlx_gemma4.protocol.requests import GREEDY, Ask, SamplingSettings
from mlx_gemma4.weights.loader import load_model
from tests.unit.tiny_models import PLAIN, random_model

Force = Callable[..., None]
DEFAULTS = PromptDefaults(70)
ONE, TWO, THREE = "the box is the user", "a model of the box, the other user", "the model boxed the user"


@pytest.fixture(scope="module", params=["causal", "seeing themselves"])
def model(request: pytest.FixtureRequest, model_folder: Path) -> Gemma4:
    """A small one as E2B, and one without borrowing layers and PLE, whose pictures attend in both directions."""
    model, _ = load_model(model_folder)
    if request.param == "causal":
        return model
    text = dataclasses.replace(PLAIN.text, vocab_size=model.config.text.vocab_size, media_sees_itself=True)
    return random_model(dataclasses.replace(model.config, text=text))


@pytest.fixture(scope="module")
def tokenizer(model_folder: Path) -> Tokenizer:
    return Tokenizer(model_folder)


class Rig:
    """An engine that remembers, and one like it that is made to forget before every question."""

    def __init__(
        self, model: Gemma4, tokenizer: Tokenizer, defaults: PromptDefaults = DEFAULTS, **settings: int
    ) -> None:
        self.engine = Engine(model, tokenizer, defaults, ChunkPace(24), **settings)
        self.forgetful = Engine(model, tokenizer, defaults, ChunkPace(24))

    def ask(self, *messages: Message, **settings: object) -> list[Event]:
        return list(self.engine.ask(question(messages, settings)))

    def length(self, *messages: Message, **settings: object) -> int:
        """Tokens of a prompt."""
        return len(self.engine.prepare(question(messages, settings)).token_ids)

    def before(self, *messages: Message, **settings: object) -> int:
        """Tokens of a conversation up to where a user's next turn begins."""
        return self.length(*messages, user(""), **settings) - self.length(user(""), **settings)

    def reused(self, *messages: Message, **settings: object) -> int:
        """Ask, hold the answer against one to a prompt that is read whole, and return what was reused."""
        events = self.ask(*messages, **settings)
        self.forgetful.forget()
        fresh = list(self.forgetful.ask(question(messages, settings)))
        assert said(events) == said(fresh)
        report, progress = usage(events), [event for event in events if isinstance(event, PromptProgress)]
        assert usage(fresh).reused_tokens == 0
        assert report.prompt_tokens == usage(fresh).prompt_tokens == progress[-1].total == progress[-1].done
        assert progress[0].done >= report.reused_tokens
        assert [event.done for event in progress] == sorted({event.done for event in progress})
        return report.reused_tokens


@pytest.fixture(params=["whole", "segments"])
def form(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Both forms of the decode step, one after the other."""
    monkeypatch.setitem(steps.FORM_OF_BACKEND, "cpu", request.param)  # pyright: ignore[reportArgumentType]
    return request.param


@pytest.fixture
def rig(form: str, model: Gemma4, tokenizer: Tokenizer) -> Rig:
    return Rig(model, tokenizer)


@pytest.fixture
def force(tokenizer: Tokenizer) -> Iterator[Force]:
    """Make the model say something, through its real caches; without arguments it speaks for itself again."""
    with pytest.MonkeyPatch.context() as patch:
        speak = Session.decode

        def set_answer(*pieces: str | Marker) -> None:
            patch.undo()
            ids = [
                token
                for piece in pieces
                for token in ([tokenizer.special[piece]] if isinstance(piece, Marker) else tokenizer.encode_text(piece))
            ]

            def decode(
                self: Session, sampling: SamplingSettings, ends: frozenset[int], most: int, _: Guide | None = None
            ) -> Iterator[int]:
                coming = iter(ids)
                return speak(self, sampling, ends, min(most, len(ids)), lambda _: next(coming, None))

            if pieces:
                patch.setattr(Session, "decode", decode)

        yield set_answer


@pytest.fixture
def picture(tmp_path: Path) -> str:
    return draw(tmp_path / "picture.png", 1)


def draw(file: Path, seed: int) -> str:
    """A picture of noise, 60 tokens at the smallest budget."""
    Image.fromarray(np.random.default_rng(seed).integers(0, 255, (80, 120, 3), np.uint8)).save(file)
    return str(file)


def question(messages: Sequence[Message], settings: Mapping[str, object]) -> Ask:
    return Ask("r", tuple(messages), **{"sampling": GREEDY, "max_tokens": 12, **settings})  # pyright: ignore[reportArgumentType]


def user(*parts: Part | str) -> Message:
    return Message("user", tuple(TextPart(part) if isinstance(part, str) else part for part in parts))


def answer(*parts: Part | str) -> Message:
    return dataclasses.replace(user(*parts), role="assistant")


def usage(events: list[Event]) -> UsageReport:
    return next(event for event in events if isinstance(event, UsageReport))


def said(events: list[Event]) -> list[Event]:
    """What the model said, without counting."""
    counting = PromptProgress | UsageReport
    return [dataclasses.replace(event, seq=0) for event in events if not isinstance(event, counting)]


def talk(rig: Rig, force: Force, *turns: Message | str) -> list[Message]:
    """Ask one question after the other; the model answers each with `the box` and its number."""
    messages: list[Message] = []
    for number, turn in enumerate(turns):
        messages.append(user(turn) if isinstance(turn, str) else turn)
        force(f"the box {number}", Marker.TURN_CLOSE)
        rig.ask(*messages)
        messages.append(answer(f"the box {number}"))
    force()
    return messages


def test_the_next_question_goes_on_after_the_answer(rig: Rig, force: Force) -> None:
    messages = talk(rig, force, ONE, TWO)
    assert rig.reused(*messages, user(THREE)) == rig.before(*messages)


def test_an_edit_of_the_last_question_reads_only_that(rig: Rig, force: Force) -> None:
    messages = talk(rig, force, ONE, TWO)
    assert rig.reused(*messages[:2], user(THREE)) == rig.before(*messages[:2])
    assert rig.reused(*messages[:2], user(ONE)) == rig.before(*messages[:2]), "and so does another edit"


def test_an_edit_of_an_earlier_question_reads_only_what_follows_it(rig: Rig, force: Force) -> None:
    messages = talk(rig, force, ONE, TWO, THREE, ONE)
    for turn in (4, 2):
        assert rig.reused(*messages[:turn], user("another box")) == rig.before(*messages[:turn])


def test_a_conversation_read_at_once_can_be_edited_at_its_last_question(rig: Rig) -> None:
    messages = [user(ONE), answer("the box " * 5), user(TWO), answer("a user " * 5), user(THREE)]
    assert rig.reused(*messages) == 0
    assert rig.reused(*messages[:-1], user(ONE)) == rig.before(*messages[:-1]) + 1


def test_a_retry_reads_nothing(rig: Rig) -> None:
    first = rig.ask(user(ONE))
    assert rig.reused(user(ONE)) == rig.length(user(ONE))
    again = rig.ask(user(ONE))
    assert said(again) == said(first)
    progress = [event for event in again if isinstance(event, PromptProgress)]
    assert [(event.done, event.total) for event in progress] == [(rig.length(user(ONE)),) * 2]


def test_after_an_edit_the_first_version_can_be_gone_back_to(rig: Rig, force: Force) -> None:
    first = talk(rig, force, ONE, TWO)
    rig.ask(*first[:2], user(THREE))
    assert rig.reused(*first, user(THREE)) == rig.before(*first)
    rig.ask(*first[:2], user(THREE), answer("the box"), user(TWO))
    assert rig.reused(*first, user(ONE)) == rig.before(*first)


def test_another_question_about_the_same_picture_reads_only_itself(rig: Rig, picture: str, tmp_path: Path) -> None:
    rig.ask(user(ImagePart(picture), ONE))
    other = shutil.copy(picture, tmp_path / "other name.png")
    for path in (picture, str(other)):
        message = user(ImagePart(path), TWO)
        unread = rig.length(message) - rig.reused(message)
        assert unread <= rig.length(user(TWO)) + CLOSE


def test_a_second_question_in_a_conversation_about_a_picture_reads_only_itself(
    rig: Rig, force: Force, picture: str
) -> None:
    messages = talk(rig, force, user(ImagePart(picture), ONE))
    assert rig.reused(*messages, user(TWO)) == rig.before(*messages)


def test_a_changed_picture_under_the_same_path_is_read(rig: Rig, picture: str) -> None:
    before = rig.ask(user(ImagePart(picture), ONE))
    draw(Path(picture), 2)
    assert rig.reused(user(ImagePart(picture), ONE)) == 0
    assert said(rig.ask(user(ImagePart(picture), ONE))) != said(before)


def test_a_picture_at_another_budget_is_another_picture(rig: Rig, picture: str) -> None:
    rig.ask(user(ImagePart(picture), ONE))
    assert rig.reused(user(ImagePart(picture, 140), ONE)) == 0


def test_a_picture_in_a_new_conversation_needs_no_tower(
    rig: Rig, picture: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    rig.ask(user(ImagePart(picture), ONE))
    new = (dataclasses.replace(user("user the box"), role="system"), user(TWO, ImagePart(picture), THREE))
    assert rig.reused(*new) == 0
    rig.ask(user(ImagePart(picture), ONE))

    def refuse(*_: object) -> mx.array:
        raise AssertionError("the tower ran again")

    monkeypatch.setattr(Gemma4, "encode_picture", refuse)
    rig.ask(user("model of", ImagePart(picture), THREE))


def test_a_stopped_answer_can_be_followed_by_a_question(rig: Rig, force: Force) -> None:
    force("the box " * 4)
    events = rig.engine.ask(question([user(ONE)], {}))
    for event in events:
        if isinstance(event, TextDelta):
            rig.engine.stop("r")
    force()
    messages = [user(ONE), answer("the")]
    assert rig.reused(*messages, user(TWO)) >= rig.length(user(ONE))


def test_a_prompt_stopped_while_it_is_read_is_read_on_from_there(rig: Rig) -> None:
    long = user("the box " * 40)
    events = rig.engine.ask(question([long], {}))
    done = [event.done for event in itertools.islice(events, 2) if isinstance(event, PromptProgress)]
    rig.engine.stop("r")
    *_, last = events
    assert isinstance(last, TurnFinished) and last.reason == "stopped"
    assert rig.reused(long) >= done[-1] > 24


def test_a_prompt_whose_events_nobody_takes_any_more_is_read_on_from_there(rig: Rig) -> None:
    long = user("the box " * 40)
    events = rig.engine.ask(question([long], {}))
    next(events)
    next(events)
    events.close()
    assert rig.reused(long) == 48


def test_after_a_thought_the_prompt_is_read_from_the_start_of_the_models_turn(rig: Rig, force: Force) -> None:
    force(Marker.CHANNEL_OPEN, "thought\na box", Marker.CHANNEL_CLOSE, "the box", Marker.TURN_CLOSE)
    rig.ask(user(ONE), thinking=True)
    assert len(rig.engine._reuse.store) == 2, "before the question and before the answer, and not after the thought"
    force()
    messages = [user(ONE), answer(ThoughtPart("a box"), "the box"), user(TWO)]
    assert rig.reused(*messages, thinking=True) == rig.length(user(ONE), thinking=True)


def test_the_empty_thought_of_the_larger_sizes_is_no_part_of_the_next_prompt(
    form: str, model: Gemma4, tokenizer: Tokenizer, force: Force
) -> None:
    rig = Rig(model, tokenizer, dataclasses.replace(DEFAULTS, empty_thought=True))
    force("the box", Marker.TURN_CLOSE)
    rig.ask(user(ONE))
    force()
    asked = Rig(model, tokenizer).length(user(ONE))
    assert rig.reused(user(ONE), answer("the box"), user(TWO)) == asked < rig.length(user(ONE))
    assert rig.length(user(ONE)) - rig.reused(user(ONE)) <= CLOSE


def test_a_tool_loop_goes_on_after_the_thought_and_the_call(rig: Rig, force: Force) -> None:
    call = (Marker.TOOL_CALL_OPEN, "call:f{}", Marker.TOOL_CALL_CLOSE, Marker.TOOL_RESPONSE_OPEN)
    force(Marker.CHANNEL_OPEN, "thought\na box\n", Marker.CHANNEL_CLOSE, *call)
    rig.ask(user(ONE), thinking=True, max_tokens=100)
    force()
    loop = answer(ThoughtPart("a box"), ToolCallPart("f", {}), ToolResponsePart("f", "20"))
    called = rig.length(user(ONE), answer(ThoughtPart("a box"), ToolCallPart("f", {})), thinking=True)
    assert rig.reused(user(ONE), loop, thinking=True) == called


def test_streams_that_run_at_once_do_not_disturb_each_other(rig: Rig, force: Force) -> None:
    messages = talk(rig, force, ONE)
    requests = [question([*messages, user(text)], {}) for text in (TWO, THREE)]
    streams = [rig.engine.ask(dataclasses.replace(request, id=f"{n}")) for n, request in enumerate(requests)]
    taken: list[list[Event]] = [[], []]
    for pair in itertools.zip_longest(*streams):
        for events, event in zip(taken, pair, strict=True):
            events += [] if event is None else [dataclasses.replace(event, request_id="r")]
    for events, request in zip(taken, requests, strict=True):
        rig.forgetful.forget()
        assert said(events) == said(list(rig.forgetful.ask(request)))


@pytest.mark.parametrize("kept_bytes", [0, 200_000, 1 << 30])
def test_any_walk_through_a_tree_of_conversations_gives_the_answers_of_fresh_ones(
    form: str, model: Gemma4, tokenizer: Tokenizer, picture: str, kept_bytes: int
) -> None:
    rig = Rig(model, tokenizer, kept_bytes=kept_bytes)
    draws = np.random.default_rng(3)
    turns = [user(ONE), user(ImagePart(picture), TWO), user("model"), user(THREE, ImagePart(picture), "box")]
    total = 0
    for _ in range(14):
        chosen = [turns[index] for index in draws.integers(0, 4, draws.integers(1, 4))]
        messages = [message for turn in chosen for message in (turn, answer("the box"))][:-1]
        total += rig.reused(*messages, max_tokens=int(draws.integers(1, 20)))
        assert rig.engine._reuse.store.nbytes <= kept_bytes or len(rig.engine._reuse.store) == 1
    assert total > 0 or kept_bytes == 0
