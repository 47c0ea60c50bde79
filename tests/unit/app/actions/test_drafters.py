"""A drafter comes into use when it is here, is switched off for one model, and is known at the next start."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from fnmatch import fnmatch
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from app.store.drafters import read_drafters
from app.store.kept import KEPT
from mlx_gemma4.protocol.events import DownloadFinished, ModelLoading, ModelsFound
from mlx_gemma4.protocol.model_events import Drafter, FoundModel
from mlx_gemma4.protocol.requests import Load, RemoveModel
from tests.unit.app.scripted import NO_MODELS, READY, Rig

REPOSITORY = "google/gemma-4-E2B-it-assistant"
MODEL = FoundModel("/m/e2b", "a/e2b", "E2B", 4, 3_550_000_000, "prism", "a/e2b", 0, 4_200_000_000, True, True)
OFFERED = replace(MODEL, drafter=Drafter(REPOSITORY, 156_000_000))


@pytest.fixture
def folder(tmp_path: Path) -> str:
    (tmp_path / "drafter").mkdir()
    return str(tmp_path / "drafter")


@pytest.fixture
def rig(qtbot: QtBot) -> Iterator[Rig]:
    """The model is in use, and its drafter can be had."""
    rig = started(qtbot)
    yield rig
    rig.close()


def started(qtbot: QtBot, model: FoundModel = OFFERED, home: Path | None = None) -> Rig:
    rig = Rig(models=listing(model), kept_home=home)
    rig.load = lambda request: [
        (0.0, ModelLoading(request.path)),
        (0.0, replace(READY, path=request.path, drafts=bool(request.drafter))),
    ]
    rig.actions.engine.start()
    qtbot.waitUntil(lambda: rig.session.engine.loaded_path == "tour")
    rig.actions.models.use(MODEL.path)
    qtbot.waitUntil(lambda: rig.session.engine.loaded_path == MODEL.path and bool(rig.session.models.found))
    return rig


def listing(model: FoundModel) -> ModelsFound:
    return replace(NO_MODELS, found=(model,))


def with_drafter(folder: str) -> FoundModel:
    return replace(MODEL, drafter=Drafter(REPOSITORY, 156_000_000, folder))


def loads(rig: Rig) -> list[Load]:
    return [request for request in rig.client.requests if isinstance(request, Load) and request.path == MODEL.path]


def test_a_drafter_that_has_been_fetched_comes_into_use_by_itself(rig: Rig, qtbot: QtBot, folder: str) -> None:
    assert [load.drafter for load in loads(rig)] == [""]
    rig.models = listing(with_drafter(folder))
    rig.download = lambda request: [(0.0, DownloadFinished(request.repository, folder))]
    rig.actions.drafters.download(rig.session.models.found[0])
    qtbot.waitUntil(lambda: rig.session.engine.drafts)
    assert [load.drafter for load in loads(rig)] == ["", folder]
    (notice,) = rig.session.notices.items
    assert notice.text == "Drafter of Gemma 4 E2B is here." and not notice.action_id
    other = replace(with_drafter(folder), path="/m/other")
    rig.models = replace(NO_MODELS, found=(rig.session.models.found[0], other))
    rig.actions.models.refresh()
    qtbot.waitUntil(lambda: "/m/other" in rig.session.models.drafters)
    assert len(loads(rig)) == 2  # another model's is no reason to load this one again


def test_the_switch_loads_the_model_in_use_again_and_is_remembered(rig: Rig, qtbot: QtBot, folder: str) -> None:
    rig.models = listing(with_drafter(folder))
    rig.actions.models.refresh()
    qtbot.waitUntil(lambda: rig.session.engine.drafts)
    model = rig.session.models.found[0]
    rig.actions.drafters.switch(model, on=False)
    qtbot.waitUntil(lambda: not rig.session.engine.drafts)
    assert loads(rig)[-1].drafter == ""
    assert read_drafters(rig.home) == ({MODEL.path: folder}, {MODEL.path})
    assert any(fnmatch("drafters.json", pattern) for kept in KEPT for pattern in kept.patterns)  # and can be deleted
    rig.actions.drafters.switch(model, on=True)
    qtbot.waitUntil(lambda: rig.session.engine.drafts)
    assert read_drafters(rig.home)[1] == frozenset()


def test_at_the_next_start_the_model_is_loaded_with_it_at_once(qtbot: QtBot, folder: str, tmp_path: Path) -> None:
    model = with_drafter(folder)
    first = started(qtbot, model, tmp_path / "home")
    qtbot.waitUntil(lambda: first.session.engine.drafts)
    first.close()
    second = started(qtbot, model, tmp_path / "home")
    assert [load.drafter for load in loads(second)] == [folder]
    second.close()
    Path(folder).rmdir()
    assert read_drafters(tmp_path / "home") == ({}, frozenset())


def test_a_drafter_of_our_own_is_deleted_like_a_model_and_can_be_had_back(rig: Rig, qtbot: QtBot, folder: str) -> None:
    rig.models = listing(with_drafter(folder))
    rig.actions.models.refresh()
    qtbot.waitUntil(lambda: rig.session.engine.drafts)
    (model,) = rig.session.models.found
    assert not rig.actions.drafters.can_remove(model)
    own = rig.actions.models.folder / REPOSITORY
    own.mkdir(parents=True)
    rig.models = listing(with_drafter(str(own)))
    rig.actions.models.refresh()
    qtbot.waitUntil(lambda: rig.session.models.found[0] != model)
    (model,) = rig.session.models.found
    assert rig.actions.drafters.can_remove(model)
    rig.models = listing(OFFERED)
    rig.actions.drafters.remove(model)
    qtbot.waitUntil(lambda: rig.session.models.drafters == {})
    removed = [request.path for request in rig.client.requests if isinstance(request, RemoveModel)]
    assert removed == [str(own)]
    assert rig.session.models.removed is not None and rig.session.models.removed.name == "Drafter of Gemma 4 E2B"
    assert rig.session.engine.loaded_path == MODEL.path


@pytest.mark.parametrize("text", ["", "{", "[1]", '{"here": {"/m": 3}, "off": "x"}'])
def test_a_file_that_cannot_be_read_is_none(tmp_path: Path, text: str) -> None:
    (tmp_path / "drafters.json").write_text(text)
    assert read_drafters(tmp_path) == ({}, frozenset())
