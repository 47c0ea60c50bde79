"""Choosing, fetching and deleting models, over an engine that follows a script."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import pytest
from pytestqt.qtbot import QtBot

from app.actions.engine import TOUR
from app.engine_link.scripted_client import Timed
from app.state.engine_status import EngineState
from app.state.models import DownloadStatus, ModelDownload
from app.store.chosen_model import read_chosen
from mlx_gemma4.protocol.events import (
    DownloadFinished,
    DownloadProgress,
    EngineFailed,
    ModelLoading,
    ModelReady,
    ModelsFound,
    TextDelta,
    TurnFinished,
)
from mlx_gemma4.protocol.model_events import FoundModel, OfferedModel
from mlx_gemma4.protocol.requests import Ask, Download, ListModels, Load, RemoveModel, RestoreModel, Stop
from tests.unit.app.scripted import NO_MODELS, READY, Rig

REPOSITORY = "mlx-community/gemma-4-e2b-it-4bit"
OFFER = OfferedModel(
    REPOSITORY, "Gemma 4 E2B", "E2B", 4, 3_550_000_000, 4_200_000_000, "Quick.", "Apache", recommended=True
)
BIGGER = replace(OFFER, repository="google/gemma-4-E4B-it", size="E4B", bits=16, recommended=False)
NO_ROOM = EngineFailed("memory.load", "big needs about 9.4 GB, 6.1 GB are free of 16 GB.", "Close programs.", True)


def found(path: str, repository: str = REPOSITORY, **more: object) -> FoundModel:
    return replace(
        FoundModel(path, repository, "E2B", 4, 3_550_000_000, "prism", repository, 0, 4_200_000_000, True, True), **more
    )


def listing(*models: FoundModel) -> ModelsFound:
    return replace(NO_MODELS, found=models, offered=(OFFER, BIGGER))


def loads(*refused: str, event: EngineFailed = NO_ROOM) -> object:
    """A script in which these models are refused unless asked for anyway."""

    def script(request: Load) -> Iterable[Timed]:
        if request.path in refused and not request.anyway:
            return [(0.0, ModelLoading(request.path)), (0.0, event)]
        return [(0.0, ModelLoading(request.path)), (0.0, replace(READY, path=request.path, name=request.path))]

    return script


def sent(rig: Rig, kind: type) -> list:
    return [request for request in rig.client.requests if isinstance(request, kind)]


@pytest.fixture
def started(rig: Rig, qtbot: QtBot) -> Rig:
    """An engine with the bundled model, and one model on the disk."""
    rig.models = listing(found("/m/one", "a/one"))
    rig.load = loads()  # type: ignore[assignment]
    rig.actions.engine.start()
    qtbot.waitUntil(lambda: rig.session.models.memory is not None)
    return rig


def test_after_the_start_it_is_known_what_there_is(started: Rig) -> None:
    models = started.session.models
    assert models.chosen == TOUR and [model.path for model in models.found] == ["/m/one"]
    assert models.recommended is not None and [model.repository for model in models.missing] == [
        REPOSITORY,
        BIGGER.repository,
    ]
    assert sent(started, ListModels)[-1].folder == str(started.home / "models")


def test_another_model_answers_from_now_on_and_the_conversation_stays(started: Rig, qtbot: QtBot) -> None:
    started.actions.conversation.ask("Where is the star?")
    qtbot.waitUntil(lambda: started.session.conversation.running is None)
    started.actions.models.use("/m/one")
    qtbot.waitUntil(lambda: started.session.engine.loaded_path == "/m/one")
    assert started.session.conversation.count == 1 and started.session.models.chosen == "/m/one"
    started.actions.conversation.ask("And the circle?")
    qtbot.waitUntil(lambda: len(started.asks()) == 2)
    assert len(started.asks()[1].messages) == 3


def test_the_chosen_model_is_loaded_at_the_next_start(started: Rig, qtbot: QtBot) -> None:
    folder = started.home / "models" / "a"
    folder.mkdir(parents=True)
    started.actions.models.use(str(folder))
    qtbot.waitUntil(lambda: read_chosen(started.home) == str(folder))
    folder.rmdir()
    assert read_chosen(started.home) == ""


def test_an_answer_under_way_is_stopped_for_another_model(started: Rig, qtbot: QtBot) -> None:
    started.answer = lambda ask: [(0.0, TextDelta("Well")), (60.0, TurnFinished("end_of_turn"))]
    started.actions.conversation.ask("Tell me everything.")
    qtbot.waitUntil(lambda: bool(started.session.conversation.turns[0].text))
    started.actions.models.use("/m/one")
    qtbot.waitUntil(lambda: started.session.engine.loaded_path == "/m/one")
    kinds = [type(request) for request in started.client.requests if isinstance(request, Ask | Stop | Load)]
    assert kinds[-3:] == [Ask, Stop, Load]
    assert started.session.engine.state is EngineState.READY
    assert started.session.conversation.turns[0].text == "Well"


def test_attached_files_are_measured_for_the_new_model(started: Rig, qtbot: QtBot, picture: str) -> None:
    started.actions.attachments.add_files([picture])
    before = started.session.attachments.items[0].request_id
    started.actions.models.use("/m/one")
    qtbot.waitUntil(lambda: started.session.attachments.items[0].request_id != before)


def test_a_model_without_room_is_offered_anyway_and_the_one_before_goes_on(started: Rig, qtbot: QtBot) -> None:
    started.load = loads("/m/big")  # type: ignore[assignment]
    started.actions.models.use("/m/big")
    qtbot.waitUntil(lambda: bool(started.session.notices.items))
    notice = started.session.notices.items[0]
    assert "9.4 GB, 6.1 GB are free" in notice.text and notice.action_label == "Load anyway"
    assert started.session.engine.state is EngineState.READY and started.session.models.chosen == TOUR
    assert started.session.engine.model_path == TOUR
    started.actions.run(notice.action_id)
    qtbot.waitUntil(lambda: started.session.engine.loaded_path == "/m/big")
    assert not started.session.notices.items


def test_a_model_that_is_damaged_is_named_and_the_one_before_is_loaded_again(started: Rig, qtbot: QtBot) -> None:
    damaged = EngineFailed("checkpoint.damaged", "It is damaged.", "Download it again.", True)
    started.load = loads("/m/bad", event=damaged)  # type: ignore[assignment]
    started.actions.models.use("/m/bad")
    qtbot.waitUntil(lambda: bool(started.session.notices.items))
    qtbot.waitUntil(lambda: started.session.engine.loaded_path == TOUR and started.session.engine.can_answer)
    assert [item.text for item in started.session.notices.items] == ["It is damaged. Download it again."]
    assert started.session.models.chosen == TOUR and started.actions.engine.model == TOUR


def test_a_start_with_a_model_that_no_longer_fits_falls_back_to_the_bundled_one(qtbot: QtBot) -> None:
    rig = Rig(load=loads("/m/big"))  # type: ignore[arg-type]
    rig.actions.engine.keep("/m/big")
    rig.session.models.chosen = "/m/big"
    rig.actions.engine.start()
    qtbot.waitUntil(lambda: rig.session.engine.loaded_path == TOUR)
    assert rig.session.notices.items[0].action_label == "Load anyway"
    rig.close()


def progress(done: int, rate: float = 0.0, checking: bool = False) -> DownloadProgress:
    return DownloadProgress(done, 1000, rate, "model.safetensors", checking)


def only(rig: Rig) -> ModelDownload:
    (download,) = rig.session.models.downloads
    return download


def test_a_download_tells_how_far_it_is_and_ends_as_a_model(started: Rig, qtbot: QtBot) -> None:
    started.download = lambda request: [
        (0.0, progress(250, 50.0)),
        (0.3, progress(1000, 50.0, checking=True)),
        (0.6, DownloadFinished(REPOSITORY, "/m/two")),
    ]
    started.actions.models.download(REPOSITORY)
    download = only(started)
    assert download.title == "Gemma 4 E2B · 4-bit" and download.status is DownloadStatus.RUNNING
    qtbot.waitUntil(lambda: download.done == 250)
    assert (download.share, download.seconds_left) == (0.25, 15.0)
    assert [model.repository for model in started.session.models.missing] == [BIGGER.repository]
    qtbot.waitUntil(lambda: download.status is DownloadStatus.CHECKING)
    started.models = listing(found("/m/one", "a/one"), found("/m/two"))
    qtbot.waitUntil(lambda: started.session.models.by_path("/m/two") is not None)
    assert started.session.models.downloads == ()
    assert started.session.notices.items[0].text == "Gemma 4 E2B · 4-bit is here."
    started.actions.run(started.session.notices.items[0].action_id)
    qtbot.waitUntil(lambda: started.session.engine.loaded_path == "/m/two")


def test_a_paused_download_goes_on_and_a_second_press_does_nothing(started: Rig, qtbot: QtBot) -> None:
    started.download = lambda request: [(0.0, progress(100))]
    started.actions.models.download(REPOSITORY)
    started.actions.models.download(REPOSITORY)
    qtbot.waitUntil(lambda: only(started).done == 100)
    started.actions.models.pause(only(started))
    assert only(started).status is DownloadStatus.PAUSED
    first = sent(started, Download)
    assert len(first) == 1 and sent(started, Stop)[-1].request_id == first[0].id
    started.actions.models.download(REPOSITORY)
    assert len(sent(started, Download)) == 2 and only(started).status is DownloadStatus.RUNNING


def test_a_cancelled_download_is_stopped_before_what_came_is_removed(started: Rig) -> None:
    started.actions.models.download(REPOSITORY)
    started.actions.models.cancel(only(started))
    assert started.session.models.downloads == ()
    stopped, removed = [item for item in started.client.requests if isinstance(item, Stop | RemoveModel)]
    assert isinstance(stopped, Stop) and isinstance(removed, RemoveModel)
    assert removed.path == str(started.home / "models" / f"{REPOSITORY}.download")
    assert started.session.models.removed is None


def test_a_download_of_an_earlier_day_waits_to_be_resumed(started: Rig, qtbot: QtBot) -> None:
    begun = found("/m/x.download", problem="Not all of it.", nbytes=400, total_bytes=1000)
    started.models = listing(begun)
    started.actions.models.refresh()
    qtbot.waitUntil(lambda: bool(started.session.models.downloads))
    assert only(started).status is DownloadStatus.PAUSED and only(started).share == 0.4
    assert started.session.models.found == ()
    started.actions.models.refresh()
    qtbot.wait(50)
    assert len(started.session.models.downloads) == 1


def test_a_refused_download_takes_a_token_and_goes_on_with_it(started: Rig, qtbot: QtBot) -> None:
    gated = EngineFailed("download.gated", "It is only given to some.", "Enter a token.", True)
    started.download = lambda request: [(0.0, progress(1))] if request.token else [(0.0, gated)]
    started.actions.models.download(REPOSITORY)
    qtbot.waitUntil(lambda: only(started).status is DownloadStatus.FAILED)
    assert only(started).problem == "It is only given to some. Enter a token." and only(started).wants_token
    started.actions.models.set_token("  hf_mine\n")
    qtbot.waitUntil(lambda: only(started).done == 1)
    assert sent(started, Download)[-1].token == "hf_mine"
    qtbot.waitUntil(lambda: started.secrets == {"huggingface": "hf_mine"})


def test_a_token_that_the_system_does_not_take_is_used_and_said(started: Rig, qtbot: QtBot) -> None:
    started.has_safe = False
    started.actions.models.set_token("hf_mine")
    qtbot.waitUntil(lambda: bool(started.session.notices.items))
    assert "Keychain" in started.session.notices.items[0].text and started.token.value == "hf_mine"


def test_a_kept_token_is_read_when_the_models_are_looked_at(started: Rig, qtbot: QtBot) -> None:
    started.secrets["huggingface"] = "hf_kept"
    started.actions.models.show.trigger()
    qtbot.waitUntil(lambda: started.token.value == "hf_kept")
    started.actions.models.download(REPOSITORY)
    assert sent(started, Download)[-1].token == "hf_kept"


def test_a_download_goes_on_by_itself_after_the_engine_was_lost(started: Rig, qtbot: QtBot) -> None:
    started.download = lambda request: [(0.0, progress(100))]
    started.actions.models.download(REPOSITORY)
    qtbot.waitUntil(lambda: only(started).done == 100)
    started.client.exit(-9)
    qtbot.waitUntil(lambda: started.session.engine.state is EngineState.GONE)
    assert only(started).status is DownloadStatus.PAUSED
    started.actions.engine.restart.trigger()
    qtbot.waitUntil(lambda: len(sent(started, Download)) == 2)
    assert only(started).status is DownloadStatus.RUNNING


def test_a_download_starts_the_engine_where_it_has_ended(started: Rig, qtbot: QtBot) -> None:
    started.client.exit(-9)
    qtbot.waitUntil(lambda: started.session.engine.state is EngineState.GONE)
    started.actions.models.download(REPOSITORY)
    (download,) = started.session.models.downloads
    assert started.bridge.is_running and download.status is DownloadStatus.RUNNING
    assert len(sent(started, Download)) == 1


def test_a_deleted_model_can_be_had_back(started: Rig, qtbot: QtBot) -> None:
    (model,) = started.session.models.found
    started.models = listing()
    started.actions.models.remove(model)
    qtbot.waitUntil(lambda: started.session.models.found == ())
    assert started.session.models.removed == model
    started.models = listing(model)
    started.actions.models.restore()
    qtbot.waitUntil(lambda: started.session.models.found == (model,))
    assert sent(started, RestoreModel)[0].path == model.path and started.session.models.removed is None


def test_the_model_in_use_gives_way_to_the_bundled_one_before_it_is_deleted(started: Rig, qtbot: QtBot) -> None:
    started.actions.models.use("/m/one")
    qtbot.waitUntil(lambda: started.session.engine.loaded_path == "/m/one")
    (model,) = started.session.models.found
    started.actions.models.remove(model)
    qtbot.waitUntil(lambda: started.session.engine.loaded_path == TOUR)
    order = [type(item) for item in started.client.requests if isinstance(item, Load | RemoveModel)]
    assert order[-2:] == [Load, RemoveModel]


def test_a_deletion_that_fails_is_said_and_not_offered_to_be_undone(started: Rig, qtbot: QtBot) -> None:
    (model,) = started.session.models.found
    started.removing = EngineFailed("models.disk", "It cannot be moved.", "", True)
    started.actions.models.remove(model)
    qtbot.waitUntil(lambda: started.session.models.problem == "It cannot be moved.")
    assert started.session.models.removed is None and started.session.models.found == (model,)


def test_a_model_ready_event_without_a_change_leaves_files_alone(started: Rig, qtbot: QtBot) -> None:
    assert isinstance(READY, ModelReady)
    started.actions.models.use(TOUR)
    assert len(sent(started, Load)) == 1
