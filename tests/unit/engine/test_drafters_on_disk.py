"""A drafter on the disk is found beside the model that it fits, and the engine's process answers with it as without."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from mlx_gemma4.engine import model_store
from mlx_gemma4.engine.catalogue import offered, offered_drafter
from mlx_gemma4.engine.drafters import drafter_of, find_drafters
from mlx_gemma4.engine.model_places import Candidate
from mlx_gemma4.protocol.events import ModelReady, ModelsFound, TextDelta, UsageReport
from mlx_gemma4.protocol.model_events import FoundModel
from mlx_gemma4.protocol.parts import Message, TextPart
from mlx_gemma4.protocol.requests import GREEDY, Ask, ListModels, Load
from tests.unit.engine.live_engine import ROOT, LiveEngine, require_tour
from tests.unit.model.test_drafter import write

TOUR = ROOT / "resources" / "tour"


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The app's folder with the bundled model under another name in it, and a random drafter that fits it."""
    require_tour()
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("HF_HOME", "HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    folder = tmp_path / "models" / "someone"
    (folder / "tour").mkdir(parents=True)
    for file in TOUR.iterdir():
        (folder / "tour" / file.name).symlink_to(file)
    text = json.loads((TOUR / "config.json").read_text())["text_config"]
    layers = {"layer_types": ["sliding_attention", "full_attention"], "num_hidden_layers": 2, "hidden_size": 64}
    without = {"num_kv_shared_layers": 0, "hidden_size_per_layer_input": 0, "use_double_wide_mlp": False}
    write(folder / "guesses", backbone_hidden_size=text["hidden_size"], text_config={**text, **layers, **without})
    return tmp_path / "models"


def listed(own: Path) -> FoundModel:
    (model,) = model_store.list_models(ListModels("l", str(own))).found
    return model


def test_a_drafter_is_found_beside_the_model_that_it_fits_and_is_none_itself(own: Path) -> None:
    model = listed(own)
    assert model.name == "someone/tour" and model.drafter is not None
    assert (model.drafter.path, model.drafter.repository) == (str(own / "someone" / "guesses"), "someone/guesses")
    assert 0 < model.drafter.nbytes < (own / "someone" / "guesses" / "model.safetensors").stat().st_size


@pytest.mark.parametrize("fault", ["foreign", "damaged", "half"])
def test_one_that_does_not_fit_or_is_damaged_is_not_offered(own: Path, fault: str) -> None:
    folder = own / "someone" / "guesses"
    if fault == "foreign":
        config = json.loads((folder / "config.json").read_text())
        (folder / "config.json").write_text(json.dumps({**config, "backbone_hidden_size": 72}))
    elif fault == "damaged":
        (folder / "model.safetensors").write_bytes(b"nothing")
    else:
        (folder / "model.safetensors").unlink()
    assert listed(own).drafter is None


def test_a_published_size_is_offered_the_drafter_of_its_name(own: Path) -> None:
    drafters = find_drafters([Candidate(own / "someone" / "guesses", "prism", "")])
    model = replace(listed(own), size="E4B")
    assert drafter_of(model, drafters) == drafters[0].drafter
    missing = drafter_of(model, [])
    assert missing is not None and not missing.path
    assert (missing.repository, missing.nbytes) == ("google/gemma-4-E4B-it-assistant", 158_000_000)
    assert all(offered_drafter(offer.size) for offer in offered(0))


def test_the_process_answers_the_same_and_says_how_many_guesses_were_right(own: Path) -> None:
    engine = LiveEngine()
    try:
        engine.send(ListModels("models", str(own)))
        found = engine.end_of("models")[1]
        assert isinstance(found, ModelsFound)
        (model,) = found.found
        assert model.drafter is not None
        answers, reports = [], []
        for name, drafter in (("plain", ""), ("guessed", model.drafter.path)):
            question = (Message("user", (TextPart("What can you do?"),)),)
            engine.send(Load(f"load {name}", model.path, drafter=drafter), Ask(name, question, GREEDY, 40))
            ready = engine.end_of(f"load {name}")[1]
            assert isinstance(ready, ModelReady) and ready.drafts is bool(drafter)
            engine.end_of(name)
            events = engine.events(name)
            answers.append("".join(event.text for event in events if isinstance(event, TextDelta)))
            reports += [event for event in events if isinstance(event, UsageReport)]
    finally:
        engine.client.close()
    assert answers[0] == answers[1] != ""
    assert reports[0].guessed_tokens == 0
    assert 2 <= reports[1].guessed_tokens <= 40
    assert 0 <= reports[1].right_guesses <= reports[1].guessed_tokens
