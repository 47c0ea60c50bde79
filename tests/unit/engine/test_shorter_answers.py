"""An answer ends where the memory does, and says so, if only its length is too much for the machine."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from mlx_gemma4.engine import ask_guard
from mlx_gemma4.engine import engine as engine_module
from mlx_gemma4.engine.ask_guard import SHORTEST_ANSWER, AskGuard, PromptSize
from mlx_gemma4.engine.loading import LoadedModel, inspect_model, read_model
from mlx_gemma4.prompt.prepared import Prepared
from mlx_gemma4.protocol.care import EstimateAsk
from mlx_gemma4.protocol.errors import PrismError
from mlx_gemma4.protocol.events import Remark, TurnFinished
from mlx_gemma4.protocol.memory_fit import Fit, MachineMemory, judge_more
from mlx_gemma4.protocol.parts import Message, TextPart
from mlx_gemma4.protocol.requests import GREEDY, Ask
from tests.unit.tiny_models import random_ids

TOKENS, ASKED, ROOM = 1_000, 6_000, 2_500
TOTAL = 1 << 29


@pytest.fixture(scope="module")
def loaded() -> LoadedModel:
    return read_model(inspect_model("tour"))


@pytest.fixture
def crowded(loaded: LoadedModel, monkeypatch: pytest.MonkeyPatch) -> Callable[[int], AskGuard]:
    """A guard on a machine that has room for a prompt of `TOKENS` and an answer of so many."""

    def make(answer: int) -> AskGuard:
        guard = AskGuard(loaded.model)
        need = guard.need_bytes(PromptSize(TOKENS, answer)) if answer else 0
        memory = MachineMemory(TOTAL, need + TOTAL * 15 // 100 + 1, TOTAL)
        for module in (ask_guard, engine_module):
            monkeypatch.setattr(module, "memory_beside_model", lambda: memory)
        return guard

    return make


def asking(max_tokens: int = ASKED, *, anyway: bool = False) -> Ask:
    return Ask("a", (), GREEDY, max_tokens=max_tokens, anyway=anyway)


def test_as_much_is_answered_as_there_is_room_for(crowded: Callable[[int], AskGuard]) -> None:
    guard, prompt = crowded(ROOM), Prepared(random_ids(TOKENS))
    admitted, remarks = guard.admit(asking(), prompt, 0)
    assert ROOM <= admitted.max_tokens < ASKED
    memory = ask_guard.memory_beside_model()
    fits = [
        judge_more(guard.need_bytes(PromptSize(TOKENS, admitted.max_tokens + more)), memory) is not Fit.TOO_LARGE
        for more in (0, 1)
    ]
    assert fits == [True, False]
    assert len(remarks) == 1 and f"{admitted.max_tokens:,} tokens instead of 6,000" in remarks[0]
    assert " MB more, " in remarks[0] and " are free of 512 MB" in remarks[0]


def test_nothing_is_shortened_that_fits_or_is_asked_anyway(crowded: Callable[[int], AskGuard]) -> None:
    prompt = Prepared(random_ids(TOKENS))
    assert crowded(ASKED).admit(asking(), prompt, 0) == (asking(), [])
    assert crowded(ROOM).admit(asking(anyway=True), prompt, 0) == (asking(anyway=True), [])


def test_without_room_for_a_short_answer_a_question_is_refused(crowded: Callable[[int], AskGuard]) -> None:
    prompt = Prepared(random_ids(TOKENS))
    for max_tokens in (ASKED, SHORTEST_ANSWER, 4):
        with pytest.raises(PrismError, match="MB more"):
            crowded(0).admit(asking(max_tokens), prompt, 0)


def test_the_engine_says_it_before_it_answers_and_the_estimate_counts_it(
    loaded: LoadedModel, crowded: Callable[[int], AskGuard]
) -> None:
    crowded(ROOM)
    messages = (Message("user", (TextPart("box " * 900),)),)
    events = list(loaded.engine.ask(Ask("a", messages, GREEDY, max_tokens=ASKED)))
    assert isinstance(events[0], Remark) and "instead of 6,000" in events[0].text
    assert isinstance(events[-1], TurnFinished)
    estimated = loaded.engine.estimate(EstimateAsk("e", messages, max_tokens=ASKED))
    assert judge_more(estimated.need_bytes, estimated.memory) is not Fit.TOO_LARGE
