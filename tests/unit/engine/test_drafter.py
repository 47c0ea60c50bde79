"""An engine with a drafter answers as one without."""

from __future__ import annotations

import dataclasses
import math

import mlx.core as mx
from mlx.utils import tree_map

from mlx_gemma4.engine.engine import Engine
from mlx_gemma4.engine.loading import inspect_model, read_model
from mlx_gemma4.generation.drafting import DrafterGuesser
from mlx_gemma4.generation.speculative import Speculation
from mlx_gemma4.model.drafter.config import DrafterConfig
from mlx_gemma4.model.drafter.drafter import Drafter
from mlx_gemma4.model.text.attention_types import AttentionType
from mlx_gemma4.protocol.events import TextDelta, TurnFinished
from mlx_gemma4.protocol.parts import Message, TextPart
from mlx_gemma4.protocol.requests import Ask, SamplingSettings


def test_answers_are_the_same_with_a_drafter_that_has_learnt_nothing() -> None:
    loaded = read_model(inspect_model("tour"))
    text = loaded.model.config.text
    layers = (AttentionType.SLIDING, AttentionType.GLOBAL)
    small = dataclasses.replace(
        text, hidden_size=64, intermediate_size=64, layer_types=layers, borrowing_layers=2, per_layer_embeddings=None
    )
    drafter = Drafter(DrafterConfig(text=small, target_width=text.hidden_size))
    drafter.update(tree_map(lambda a: mx.random.normal(a.shape) / math.sqrt(a.shape[-1]), drafter.parameters()))
    speculation = Speculation(DrafterGuesser(loaded.model, drafter), fixed_length=2)
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
