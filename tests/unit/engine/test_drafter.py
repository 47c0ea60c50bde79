"""An engine with a drafter answers as one without."""

from __future__ import annotations

from mlx_gemma4.engine.engine import Engine
from mlx_gemma4.engine.loading import inspect_model, read_model
from mlx_gemma4.generation.drafting import DrafterGuesser
from mlx_gemma4.generation.speculative import Speculation
from mlx_gemma4.protocol.events import TextDelta, TurnFinished
from mlx_gemma4.protocol.parts import Message, TextPart
from mlx_gemma4.protocol.requests import Ask, SamplingSettings
from tests.unit.tiny_models import random_drafter


def test_answers_are_the_same_with_a_drafter_that_has_learnt_nothing() -> None:
    loaded = read_model(inspect_model("tour"))
    speculation = Speculation(DrafterGuesser(loaded.model, random_drafter(loaded.model.config.text)), fixed_length=2)
    guessing = Engine(loaded.model, loaded.tokenizer, loaded.defaults, speculation=speculation)
    question = (Message("user", (TextPart("What can you do?"),)),)
    for sampling in (SamplingSettings(temperature=0), SamplingSettings(seed=4)):
        for turn in range(2):  # the second one goes on from a snapshot
            ask = Ask(f"ask-{turn}", question, sampling, max_tokens=30)
            answers = [list(engine.ask(ask)) for engine in (loaded.engine, guessing)]
            plain, guessed = [
                "".join(event.text for event in events if isinstance(event, TextDelta)) for events in answers
            ]
            assert guessed == plain and plain
            assert all(isinstance(events[-1], TurnFinished) for events in answers)
    assert speculation.runs > 10
