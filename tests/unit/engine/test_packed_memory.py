"""Packed keys and values are counted as what they take, and offered where they would make a question fit."""

from __future__ import annotations

from pathlib import Path

import mlx.core as mx
import pytest

from mlx_gemma4.engine import ask_guard
from mlx_gemma4.engine.ask_guard import AskGuard
from mlx_gemma4.engine.loading import LoadedModel, inspect_model, read_model
from mlx_gemma4.engine.memory import CacheSizes
from mlx_gemma4.engine.peak_memory import predict_peak
from mlx_gemma4.generation.session import Session
from mlx_gemma4.model.config import Gemma4Config
from mlx_gemma4.model.presets import DENSE_31B, E2B, E4B
from mlx_gemma4.prompt.prepared import Prepared
from mlx_gemma4.protocol.errors import PrismError
from mlx_gemma4.protocol.events import EngineFailed, Event, TextDelta, TurnFinished, UsageReport
from mlx_gemma4.protocol.kv_packing import KVPacking
from mlx_gemma4.protocol.memory_fit import MachineMemory
from mlx_gemma4.protocol.parts import ImagePart, Message, TextPart
from mlx_gemma4.protocol.requests import GREEDY, Ask
from tests.unit.tiny_models import PLAIN, TINY, random_ids, random_model

STARS = str(Path("resources/samples/stars.png").resolve())


@pytest.mark.parametrize("config", [TINY, PLAIN], ids=["borrowing", "plain"])
@pytest.mark.parametrize("rows", [1, 9, 300, 1_030])
@pytest.mark.parametrize("packing", [KVPacking(8), KVPacking(4), KVPacking(8, from_tokens=300)], ids=str)
def test_branches_take_what_their_arrays_take(config: Gemma4Config, rows: int, packing: KVPacking) -> None:
    session = Session(random_model(config), packing=packing)
    list(session.prefill(Prepared(random_ids(rows + 1))))
    assert session.caches.nbytes == CacheSizes.of(config.text, 4, packing).branch(rows)


def test_a_token_takes_so_much_on_a_mac() -> None:
    rows = {
        bits: [CacheSizes.of(config.text, 2, KVPacking(bits)).global_row(1) for config in (E2B, E4B, DENSE_31B)]
        for bits in (8, 4)
    }
    plain = [6_144, 16_384, 81_920]
    assert rows[8] == [size * 17 // 32 for size in plain], "8 bits, and two numbers of 16 for each 64"
    assert rows[4] == [size * 5 // 16 for size in plain], "4 bits, and two numbers of 16 for each 32"


def test_a_prediction_has_the_moment_of_packing_in_it() -> None:
    def peak(packing: KVPacking | None, tokens: int = 40_000) -> int:
        return predict_peak(DENSE_31B, 0, prompt_tokens=tokens, packing=packing).total

    assert peak(KVPacking(8)) < 0.75 * peak(None)
    assert peak(KVPacking(8, from_tokens=50_000)) == peak(None)
    assert peak(KVPacking(8, from_tokens=30_000)) >= peak(None, 30_000), "all is there as it was"
    assert peak(KVPacking(8, from_tokens=30_000)) < 1.05 * peak(None, 30_000)
    assert peak(KVPacking(8, from_tokens=4_000)) == peak(KVPacking(8))


@pytest.fixture
def crowded(monkeypatch: pytest.MonkeyPatch) -> LoadedModel:
    """A model on a machine that has room for a question of 4,000 tokens in 8 bits, but not as it is."""
    loaded = read_model(inspect_model("tour"))
    needs = [
        predict_peak(loaded.model.config, 0, prompt_tokens=4_000, itemsize=4, backend="cpu", packing=packing).total
        for packing in (None, KVPacking(8))
    ]
    room, total = sum(needs) // 2, 1 << 29
    memory = MachineMemory(total, room + total * 15 // 100, total)
    monkeypatch.setattr(ask_guard, "memory_beside_model", lambda: memory)
    return loaded


def test_a_refusal_says_in_how_many_bits_it_would_fit(crowded: LoadedModel, monkeypatch: pytest.MonkeyPatch) -> None:
    request = Ask("a", (), GREEDY, max_tokens=1)
    prompt = Prepared(random_ids(4_000))
    with pytest.raises(PrismError, match="MB more") as refusal:
        AskGuard(crowded.model).admit(request, prompt, 0)
    assert "in 8 bits it would fit" in (refusal.value.hint or "")
    AskGuard(crowded.model, packing=KVPacking(8)).admit(request, prompt, 0)
    monkeypatch.setattr(ask_guard, "memory_beside_model", lambda: MachineMemory(1 << 29, 0, 1 << 29))
    with pytest.raises(PrismError) as refusal:
        AskGuard(crowded.model, packing=KVPacking(8)).admit(request, prompt, 0)
    assert "bits" not in (refusal.value.hint or "")


def ask(loaded: LoadedModel, *words: str) -> list[Event]:
    message = Message("user", (ImagePart(STARS), *map(TextPart, words)))
    return list(loaded.engine.ask(Ask("a", (message,), GREEDY, max_tokens=80)))


def test_the_tour_model_finds_the_same_boxes_in_8_bits_and_goes_on_from_what_was_read() -> None:
    plain, packed = [read_model(inspect_model("tour"), kv_packing=packing) for packing in (None, KVPacking(8))]
    for _ in range(2):  # the second one starts at a snapshot
        answers = [ask(loaded, "Detect all objects.") for loaded in (plain, packed)]
        said = ["".join(event.text for event in events if isinstance(event, TextDelta)) for events in answers]
        assert said[0] == said[1] and "box_2d" in said[0]
        assert isinstance(answers[1][-1], TurnFinished)
    assert next(event for event in answers[1] if isinstance(event, UsageReport)).reused_tokens > 70
    assert not any(isinstance(event, EngineFailed) for events in answers for event in events)
    assert mx.get_active_memory() > 0
