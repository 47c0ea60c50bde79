"""Models on the disk: found in every place, judged from their headers, set aside and taken back."""

from __future__ import annotations

import json
import os
import shutil
import time
from pathlib import Path

import pytest

from mlx_gemma4.engine import model_store
from mlx_gemma4.engine.model_places import hub_cache
from mlx_gemma4.engine.partial_download import Manifest, PartialDownload, RemoteFile
from mlx_gemma4.protocol.errors import PrismError
from mlx_gemma4.protocol.events import FitEstimated, ModelsFound
from mlx_gemma4.protocol.model_events import FoundModel
from mlx_gemma4.protocol.requests import FitModel, ListModels, RemoveModel, RestoreModel
from tests.unit.engine.live_engine import ROOT, LiveEngine, require_tour

TOUR = ROOT / "resources" / "tour"


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Nothing of the person who runs the tests is looked at."""
    require_tour()
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("HF_HOME", "HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


def put_model(folder: Path) -> Path:
    """The bundled model under another name, without copying its weights."""
    folder.mkdir(parents=True)
    for file in TOUR.iterdir():
        (folder / file.name).symlink_to(file)
    return folder


def found(own: Path) -> dict[str, FoundModel]:
    return {model.name: model for model in model_store.list_models(ListModels("l", str(own))).found}


def test_a_model_of_ones_own_folder_is_described_from_its_headers(home: Path) -> None:
    put_model(home / "models" / "someone" / "tour")
    model = found(home / "models")["someone/tour"]
    assert model.place == "prism" and model.repository == "someone/tour" and model.problem == ""
    assert model.bits == 8 and model.size == "" and model.sees
    assert model.nbytes > 20_000_000 and model.need_bytes > model.nbytes


def test_models_of_the_hub_cache_and_of_lm_studio_are_found_where_they_are(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_model(home / ".lmstudio" / "models" / "lms" / "one")
    put_model(home / ".cache" / "lm-studio" / "models" / "lms" / "old")
    put_model(home / ".cache" / "huggingface" / "hub" / "models--mlx-community--usual" / "snapshots" / "abc")
    put_model(home / "elsewhere" / "hub" / "models--mlx-community--moved--v2" / "snapshots" / "abc")
    put_model(home / "third" / "models--a--b" / "snapshots" / "abc")
    places = {name: model.place for name, model in found(home / "models").items()}
    assert places == {"lms/one": "lmstudio", "lms/old": "lmstudio", "mlx-community/usual": "huggingface"}
    monkeypatch.setenv("HF_HOME", str(home / "elsewhere"))
    assert found(home / "models").keys() == {"lms/one", "lms/old", "mlx-community/moved--v2"}
    monkeypatch.setenv("HF_HUB_CACHE", str(home / "third"))
    assert found(home / "models").keys() == {"lms/one", "lms/old", "a/b"}


def test_the_cache_is_where_the_library_has_it(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import subprocess
    import sys

    for variables in ({}, {"HF_HOME": "~/hf"}, {"HF_HUB_CACHE": str(home / "c")}, {"XDG_CACHE_HOME": str(home / "x")}):
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        command = "from huggingface_hub import constants; print(constants.HF_HUB_CACHE)"
        told = subprocess.run([sys.executable, "-c", command], capture_output=True, text=True, check=True).stdout
        assert str(hub_cache()) == told.strip()
        for name in variables:
            monkeypatch.delenv(name)


def test_of_a_cached_repository_the_snapshot_that_main_means_is_taken(home: Path) -> None:
    cached = home / ".cache" / "huggingface" / "hub" / "models--a--b"
    older, newer = put_model(cached / "snapshots" / "aaa"), put_model(cached / "snapshots" / "bbb")
    os.utime(older, (time.time() - 100,) * 2)
    assert found(home)["a/b"].path == str(newer)
    (cached / "refs").mkdir()
    (cached / "refs" / "main").write_text("aaa")
    assert found(home)["a/b"].path == str(older)


@pytest.mark.parametrize(
    ("config", "listed"),
    [
        ('{"model_type": "llama"}', False),
        ('{"model_type": "gemma4_assistant"}', False),
        ("[]", False),
        ("{", False),
        ('{"model_type": 4}', False),
        ('{"model_type": "gemma4"}', True),
    ],
)
def test_only_models_that_say_that_they_are_gemma_4_are_listed(home: Path, config: str, listed: bool) -> None:
    folder = home / "models" / "a" / "b"
    folder.mkdir(parents=True)
    (folder / "config.json").write_text(config)
    assert ("a/b" in found(home / "models")) == listed


def test_a_model_that_lacks_a_shard_or_is_cut_short_says_so(home: Path) -> None:
    cut = put_model(home / "models" / "a" / "cut")
    (cut / "model.safetensors").unlink()
    (cut / "model.safetensors").write_bytes((TOUR / "model.safetensors").read_bytes()[:-1000])
    lacks = put_model(home / "models" / "a" / "lacks")
    (lacks / "model.safetensors").rename(lacks / "model-00001-of-00002.safetensors")
    no_tokenizer = put_model(home / "models" / "a" / "mute")
    (no_tokenizer / "tokenizer.json").unlink()
    models = found(home / "models")
    assert "cut short" in models["a/cut"].problem
    assert "model-00002-of-00002.safetensors is missing" in models["a/lacks"].problem
    assert "tokenizer.json" in models["a/mute"].problem
    assert not any(str(home) in model.problem for model in models.values())


def test_a_published_size_is_told_from_its_shape(home: Path) -> None:
    from mlx_gemma4.engine.model_judging import _size_name

    assert _size_name({"text_config": {"num_hidden_layers": 42, "hidden_size": 2560}}) == "E4B"
    assert _size_name({"num_hidden_layers": 60, "hidden_size": 5376}) == "31B"
    assert _size_name({"text_config": {"num_hidden_layers": [42]}}) == ""


def test_a_download_that_is_not_over_is_listed_with_what_there_is(home: Path) -> None:
    partial = PartialDownload.of(home / "models", "a/b")
    files = (RemoteFile("config.json", 10, "x", False), RemoteFile("model.safetensors", 1000, "y", True))
    partial.write(Manifest("a/b", "c", files))
    (partial.folder / "config.json").write_text("x" * 10)
    (partial.folder / "model.safetensors.part").write_bytes(bytes(400))
    model = found(home / "models")["a/b"]
    assert (model.nbytes, model.total_bytes) == (410, 1010) and model.problem


def test_a_removed_model_can_be_taken_back_until_the_next_is_removed(home: Path) -> None:
    own = home / "models"
    one, two = put_model(own / "a" / "one"), put_model(own / "a" / "two")
    after = model_store.remove_model(RemoveModel("r", str(own), str(one)))
    assert [model.name for model in after.found] == ["a/two"] and not one.exists()
    assert len(model_store.restore_model(RestoreModel("r", str(own), str(one))).found) == 2
    model_store.remove_model(RemoveModel("r", str(own), str(one)))
    model_store.remove_model(RemoveModel("r", str(own), str(two)))
    with pytest.raises(PrismError, match="not there any more"):
        model_store.restore_model(RestoreModel("r", str(own), str(one)))
    model_store.restore_model(RestoreModel("r", str(own), str(two)))
    assert found(own).keys() == {"a/two"}
    assert TOUR.joinpath("model.safetensors").exists()


def test_what_an_engine_that_has_ended_set_aside_goes_for_good(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own = home / "models"
    one, two = put_model(own / "a" / "one"), put_model(own / "a" / "two")
    model_store.remove_model(RemoveModel("r", str(own), str(one)))
    found(own)
    assert list(own.glob(".removed-*/a/one"))
    monkeypatch.setattr(os, "getppid", lambda: 1)
    assert found(own).keys() == {"a/two"} and two.exists()
    assert not list(own.glob(".removed-*"))


def test_models_of_other_programs_and_the_folder_itself_are_never_removed(home: Path) -> None:
    own = home / "models"
    put_model(own / "a" / "b")
    foreign = put_model(home / ".lmstudio" / "models" / "lms" / "one")
    for path in (foreign, own, own / "..", own / ".removed-1", own / "a" / ".." / ".." / "elsewhere"):
        with pytest.raises(PrismError) as caught:
            model_store.remove_model(RemoveModel("r", str(own), str(path)))
        assert caught.value.code == "models.not_ours"
    assert foreign.exists()


def test_a_folder_that_is_not_there_has_no_models_but_room(home: Path) -> None:
    answer = model_store.list_models(ListModels("l", str(home / "not" / "there")))
    assert answer.found == () and answer.disk_free_bytes == shutil.disk_usage(home).free
    assert sum(model.recommended for model in answer.offered) == 1
    assert [model.nbytes for model in answer.offered] == sorted(model.nbytes for model in answer.offered)


def test_the_engine_answers_about_models_while_it_has_none(home: Path) -> None:
    folder = put_model(home / "models" / "a" / "b")
    engine = LiveEngine()
    try:
        engine.send(ListModels("l", str(home / "models")), FitModel("f", str(folder)))
        engine.send(FitModel("none", str(home)), RemoveModel("r", str(home / "models"), str(TOUR)))
        listed, fit = engine.end_of("l")[1], engine.end_of("f")[1]
        assert isinstance(listed, ModelsFound) and [model.name for model in listed.found] == ["a/b"]
        assert isinstance(fit, FitEstimated) and fit.need_bytes == listed.found[0].need_bytes
        assert fit.memory.total > fit.memory.available > 0
        assert getattr(engine.end_of("none")[1], "code", "") == "checkpoint.foreign"
        assert getattr(engine.end_of("r")[1], "code", "") == "models.not_ours"
        assert json.loads((TOUR / "config.json").read_text())
    finally:
        engine.client.close()


def test_what_the_loaded_model_holds_counts_as_free(home: Path) -> None:
    engine = LiveEngine()
    try:
        ready = engine.load()
        engine.send(ListModels("l", str(home)))
        listed = engine.end_of("l")[1]
        assert isinstance(listed, ModelsFound) and listed.memory.held == ready.memory_bytes > 0
    finally:
        engine.client.close()
