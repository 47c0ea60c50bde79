"""The models sheet with real input: what it lists, what its buttons do, and how it opens and closes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QAbstractButton, QLabel, QLineEdit, QPlainTextEdit, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from app.actions.engine import TOUR
from app.state.models import DownloadStatus
from app.views import figures
from app.views.main_window import MainWindow
from app.views.models.download_row import DownloadRow
from app.views.models.first_model import TOUR_NOTE, FirstModel
from app.views.models.licence import Licence
from app.views.models.model_chip import ModelChip
from app.views.models.model_sheet import ModelSheet
from app.views.models.progress_line import ProgressLine
from app.views.models.server_form import ServerForm
from app.views.status_line import StatusLine
from app.views.theme import Theme
from mlx_gemma4.protocol.events import DownloadProgress, EngineFailed, ModelLoading, ModelsFound, ServerListed
from mlx_gemma4.protocol.memory_fit import MachineMemory
from mlx_gemma4.protocol.model_events import Drafter, FoundModel, OfferedModel
from mlx_gemma4.protocol.requests import Download, ListServer, Load, RemoveModel
from mlx_gemma4.protocol.server_events import ServedModel
from tests.unit.app.scripted import GIB, READY, USAGE, Rig

E4B = "mlx-community/gemma-4-e4b-it-4bit"
FOUND = FoundModel("/m/e2b", "a/e2b", "E2B", 4, 3_550_670_554, "prism", "a/e2b", 0, 4_200_000_000, True, True)
FOREIGN = replace(FOUND, path="/l/12b", size="12B", bits=8, nbytes=12_700_000_000, place="lmstudio", repository="b/12b")
FOREIGN = replace(FOREIGN, need_bytes=14_000_000_000)
DAMAGED = replace(FOUND, path="/l/bad", name="b/bad", size="", bits=0, repository="b/bad", problem="It is cut short.")
OFFERS = (
    OfferedModel("a/e2b", "Gemma 4 E2B", "E2B", 4, 3_550_670_554, 4_200_000_000, "Quick.", "Apache"),
    OfferedModel(E4B, "Gemma 4 E4B", "E4B", 4, 5_146_800_534, 6_060_000_000, "All-round.", "Apache", recommended=True),
    OfferedModel("a/31b", "Gemma 4 31B", "31B", 4, 18_420_000_000, 22_000_000_000, "Largest.", "Apache"),
)
MEMORY = MachineMemory(16 * GIB, 10 * GIB, 11 * GIB)
PLENTY = 120_000_000_000


@pytest.fixture
def window(qtbot: QtBot, shown: Theme) -> Iterator[MainWindow]:
    """The whole window over an engine that knows three models on the disk and offers three."""
    rig = Rig(models=ModelsFound((FOUND, FOREIGN, DAMAGED), OFFERS, MEMORY, PLENTY))
    rig.load = lambda request: [(0.0, ModelLoading(request.path)), (0.0, replace(READY, path=request.path))]
    rig.download = lambda request: [(0.0, DownloadProgress(2_573_400_267, 5_146_800_534, 25_000_000, "m"))]
    window = MainWindow(rig.session, rig.actions)
    window.rig = rig  # type: ignore[attr-defined]
    qtbot.addWidget(window)
    window.show()
    rig.actions.engine.start()
    qtbot.waitUntil(lambda: rig.session.models.memory is not None)
    yield window
    rig.close()


def rig_of(window: MainWindow) -> Rig:
    return window.rig  # type: ignore[attr-defined]


def opened(window: MainWindow, qtbot: QtBot) -> ModelSheet:
    sheet = window.findChild(ModelSheet)
    chip = window.findChild(ModelChip)
    assert isinstance(sheet, ModelSheet) and isinstance(chip, ModelChip) and not sheet.isVisible()
    qtbot.mouseClick(chip, Qt.MouseButton.LeftButton)
    assert sheet.isVisible()
    return sheet


def texts(widget: QWidget) -> list[str]:
    return [label.text() for label in widget.findChildren(QLabel) if label.isVisible()]


def button(widget: QWidget, name: str) -> QAbstractButton:
    (found,) = [item for item in widget.findChildren(QAbstractButton) if item.accessibleName() == name]
    return found


def sent(window: MainWindow, kind: type) -> list:
    return [request for request in rig_of(window).client.requests if isinstance(request, kind)]


def test_the_sheet_lists_what_is_here_and_what_fits_with_the_figures(window: MainWindow, qtbot: QtBot) -> None:
    sheet = opened(window, qtbot)
    shown = texts(sheet)
    assert "16 GB memory · 10.0 GB free for a model · 120 GB free on disk" in shown
    for title in ("Gemma 4 E2B · 4-bit", "Gemma 4 12B · 8-bit", "b/bad", "Tour model", "Gemma 4 E4B · 4-bit"):
        assert title in shown
    assert "12.7 GB · sees and hears · in LM Studio’s folder" in shown and "It is cut short." in shown
    assert "In use" in shown and "Best for this computer" in shown
    (large,) = [label for label in sheet.findChildren(QLabel) if label.text() == "Too large"]
    assert large.toolTip() == "Needs about 13.0 GB, 10.0 GB are free of 16 GB"
    assert sheet.geometry().right() < window.width() and sheet.geometry().bottom() <= window.height()


def test_a_model_that_only_fits_with_embeddings_on_the_disk_can_be_used_and_says_so(
    window: MainWindow, qtbot: QtBot
) -> None:
    sheet = opened(window, qtbot)
    models = rig_of(window).session.models
    models.found = (replace(FOREIGN, lean_bytes=6_000_000_000),)
    models.offered = (replace(OFFERS[2], lean_bytes=6_000_000_000),)
    labels = [label for label in sheet.findChildren(QLabel) if label.text() == "Fits, slower" and label.isVisible()]
    assert len(labels) == 2
    assert "With its embeddings read from the disk it needs 5.6 GB." in labels[0].toolTip()
    assert button(sheet, "Use: Gemma 4 12B · 8-bit").isVisible()
    models.found = (FOREIGN,)
    assert button(sheet, "Load anyway: Gemma 4 12B · 8-bit").isVisible()


def test_the_drafter_of_the_model_in_use_is_fetched_from_its_row_and_switched_there(
    window: MainWindow, qtbot: QtBot
) -> None:
    rig, sheet = rig_of(window), opened(window, qtbot)
    offered = replace(FOUND, drafter=Drafter("g/e2b-assistant", 156_000_000))
    foreign = replace(FOREIGN, drafter=Drafter("g/12b-assistant", 800_000_000))
    models = rig.session.models
    models.found, models.chosen = (offered, foreign), FOUND.path
    assert texts(sheet).count("Guess ahead") == 1  # for the model in use
    qtbot.mouseClick(button(sheet, "Download Drafter of Gemma 4 E2B"), Qt.MouseButton.LeftButton)
    fetched = [request for request in rig.client.requests if isinstance(request, Download)]
    assert [request.repository for request in fetched] == ["g/e2b-assistant"]
    models.found = (replace(offered, drafter=Drafter("g/e2b-assistant", 156_000_000, "/m/drafter")), foreign)
    switch = button(sheet, "Guess ahead: Gemma 4 E2B · 4-bit")
    assert switch.isChecked()
    qtbot.mouseClick(switch, Qt.MouseButton.LeftButton)
    assert models.undrafted == {FOUND.path}
    assert not button(sheet, "Guess ahead: Gemma 4 E2B · 4-bit").isChecked()


def test_the_model_in_use_says_that_its_embeddings_are_on_the_disk(window: MainWindow, qtbot: QtBot) -> None:
    sheet = opened(window, qtbot)
    rig_of(window).session.models.chosen = FOUND.path
    rig_of(window).session.engine.from_disk = True
    assert any(text.endswith("embeddings read from the disk") for text in texts(sheet))


def test_the_recommended_model_comes_first_and_what_is_too_large_on_request(window: MainWindow, qtbot: QtBot) -> None:
    sheet = opened(window, qtbot)
    offered = [item.accessibleName() for item in sheet.findChildren(QPushButton) if item.text() == "Download"]
    assert offered == ["Download Gemma 4 E4B · 4-bit"]
    (more,) = [item for item in sheet.findChildren(QPushButton) if "too large" in item.text()]
    qtbot.mouseClick(more, Qt.MouseButton.LeftButton)
    assert button(sheet, "Download Gemma 4 31B · 4-bit").isVisible()


def test_a_model_is_used_with_one_click_and_the_sheet_closes(window: MainWindow, qtbot: QtBot) -> None:
    sheet = opened(window, qtbot)
    qtbot.mouseClick(button(sheet, "Use: Gemma 4 E2B · 4-bit"), Qt.MouseButton.LeftButton)
    assert not sheet.isVisible()
    qtbot.waitUntil(lambda: rig_of(window).session.engine.loaded_path == FOUND.path)
    chip = window.findChild(ModelChip)
    assert chip is not None and chip.accessibleName() == "Model: Gemma 4 E2B · 4-bit"
    assert not sent(window, Load)[-1].anyway


def test_a_model_that_is_too_large_is_loaded_anyway_if_a_person_says_so(window: MainWindow, qtbot: QtBot) -> None:
    sheet = opened(window, qtbot)
    qtbot.mouseClick(button(sheet, "Load anyway: Gemma 4 12B · 8-bit"), Qt.MouseButton.LeftButton)
    assert sent(window, Load)[-1].anyway and sent(window, Load)[-1].path == FOREIGN.path


def test_only_models_of_our_own_folder_can_be_deleted_and_that_can_be_undone(window: MainWindow, qtbot: QtBot) -> None:
    sheet = opened(window, qtbot)
    assert not [item for item in sheet.findChildren(QAbstractButton) if "Delete Gemma 4 12B" in item.accessibleName()]
    rig = rig_of(window)
    full, rig.models = rig.models, ModelsFound((FOREIGN,), OFFERS, MEMORY, PLENTY)
    qtbot.mouseClick(button(sheet, "Delete Gemma 4 E2B · 4-bit"), Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: "Gemma 4 E2B · 4-bit was deleted." in texts(sheet))
    assert sent(window, RemoveModel)[0].path == FOUND.path
    rig.models = full
    (undo,) = [item for item in sheet.findChildren(QPushButton) if item.text() == "Undo" and item.isVisible()]
    qtbot.mouseClick(undo, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: rig.session.models.by_path(FOUND.path) is not None)
    qtbot.waitUntil(lambda: "Gemma 4 E2B · 4-bit was deleted." not in texts(sheet))


def test_a_download_is_shown_paused_resumed_and_cancelled(window: MainWindow, qtbot: QtBot) -> None:
    sheet = opened(window, qtbot)
    qtbot.mouseClick(button(sheet, "Download Gemma 4 E4B · 4-bit"), Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: "2.6 of 5.1 GB · 25 MB/s · 2 min left" in texts(sheet))
    row = sheet.findChild(DownloadRow)
    chip = window.findChild(ModelChip)
    assert row is not None and row.line.accessibleName() == "50 percent"
    assert chip is not None and chip.accessibleName().endswith("↓ 50 %")
    qtbot.mouseClick(row.go_on, Qt.MouseButton.LeftButton)
    assert "2.6 of 5.1 GB · paused" in texts(sheet) and row.go_on.accessibleName() == "Resume"
    assert chip.accessibleName() == "Model: Tour"
    qtbot.mouseClick(row.go_on, Qt.MouseButton.LeftButton)
    assert len(sent(window, Download)) == 2
    qtbot.mouseClick(row.cancel, Qt.MouseButton.LeftButton)
    assert sent(window, RemoveModel)[-1].path.endswith(f"{E4B}.download")
    assert not [item for item in sheet.findChildren(ProgressLine) if item.isVisible()]


def test_what_is_being_typed_into_the_token_field_stays_when_the_list_changes(window: MainWindow, qtbot: QtBot) -> None:
    rig = rig_of(window)
    rig.download = lambda request: [(0.0, EngineFailed("download.gated", "Only for some.", "Enter a token.", True))]
    sheet = opened(window, qtbot)
    qtbot.mouseClick(button(sheet, "Download Gemma 4 E4B · 4-bit"), Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: "Only for some. Enter a token." in texts(sheet))
    row = sheet.findChild(DownloadRow)
    assert row is not None and row.token_edit.isVisible()
    qtbot.keyClicks(row.token_edit, "hf_")
    rig.session.models.found = (FOUND,)
    qtbot.keyClicks(row.token_edit, "mine")
    assert row.token_edit.text() == "hf_mine" and row.token_edit.isVisible()
    qtbot.keyClick(row.token_edit, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: len(sent(window, Download)) == 2)
    assert sent(window, Download)[-1].token == "hf_mine"
    assert rig.session.models.downloads[0].status in (DownloadStatus.RUNNING, DownloadStatus.FAILED)


def test_the_licence_is_named_above_the_downloads_and_can_be_read_there(window: MainWindow, qtbot: QtBot) -> None:
    sheet = opened(window, qtbot)
    licence = sheet.findChild(Licence)
    assert licence is not None and licence.isVisible()
    place = licence.mapTo(sheet, licence.rect().topLeft()).y()
    download = button(sheet, "Download Gemma 4 E4B · 4-bit")
    assert place < download.mapTo(sheet, download.rect().topLeft()).y()
    qtbot.mouseClick(licence.button, Qt.MouseButton.LeftButton)
    text = licence.findChild(QPlainTextEdit)
    assert text is not None and "Apache License" in text.toPlainText() and text.isReadOnly()
    qtbot.mouseClick(licence.button, Qt.MouseButton.LeftButton)
    assert licence.findChild(QPlainTextEdit) is None


def test_the_keyboard_goes_back_to_where_it_was(window: MainWindow, qtbot: QtBot) -> None:
    before = window.focusWidget()
    sheet = opened(window, qtbot)
    assert window.focusWidget() is sheet
    qtbot.keyClick(sheet, Qt.Key.Key_Escape)
    assert before is not None and window.focusWidget() is before


def test_esc_and_a_click_beside_it_close_the_sheet(window: MainWindow, qtbot: QtBot) -> None:
    sheet = opened(window, qtbot)
    qtbot.keyClick(sheet, Qt.Key.Key_Escape)
    assert not sheet.isVisible()
    opened(window, qtbot)
    qtbot.mouseClick(sheet.findChildren(QLabel)[0], Qt.MouseButton.LeftButton)
    assert sheet.isVisible()
    beside = QPoint(window.centralWidget().width() - 30, window.centralWidget().height() // 2)
    target = window.centralWidget().childAt(beside)
    assert target is not None
    qtbot.mouseClick(target, Qt.MouseButton.LeftButton)
    assert not sheet.isVisible()


def test_tab_stays_in_the_sheet(window: MainWindow, qtbot: QtBot) -> None:
    sheet = opened(window, qtbot)
    for _ in range(20):
        qtbot.keyClick(window.focusWidget() or sheet, Qt.Key.Key_Tab)
        focused = window.focusWidget()
        assert focused is not None and sheet.isAncestorOf(focused)


def test_a_first_start_says_what_the_bundled_model_is_and_leads_to_the_right_one(
    window: MainWindow, qtbot: QtBot
) -> None:
    first = window.findChild(FirstModel)
    assert first is not None and first.isVisible() and TOUR_NOTE in texts(first)
    assert first.button.text() == "Use Gemma 4 E2B · 4-bit, which is on this computer"
    rig = rig_of(window)
    rig.session.models.found = ()
    assert first.button.text() == "Get Gemma 4 E4B · 4-bit (5.1 GB)…"
    qtbot.mouseClick(first.button, Qt.MouseButton.LeftButton)
    assert rig.session.models.is_open
    rig.actions.models.close_sheet()
    rig.actions.models.use(FOUND.path)
    qtbot.waitUntil(lambda: rig.session.engine.loaded_path == FOUND.path)
    assert not first.isVisible() and rig.session.models.chosen != TOUR


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "5 s left"), (31, "30 s left"), (58, "1 min left"), (200, "3 min left"), (5000, "1 h 23 min left")],
)
def test_time_left_is_no_more_exact_than_it_can_be(seconds: float, words: str) -> None:
    assert figures.time_left(seconds) == words


def test_sizes_are_written_as_people_read_them() -> None:
    assert [figures.size(size) for size in (430e6, 999.6e6, 3.55e9, 120e9)] == ["430 MB", "1.0 GB", "3.5 GB", "120 GB"]
    assert figures.part_of(1.2e9, 3.6e9) == "1.2 of 3.6 GB" and figures.part_of(12e6, 36e6) == "12 of 36 MB"


def test_memory_is_counted_as_the_mac_counts_it() -> None:
    said = [figures.memory_size(size) for size in (430 << 20, 1023 << 20, 3.5 * GIB, 120 * GIB)]
    assert said == ["430 MB", "1,023 MB", "3.5 GB", "120 GB"]
    assert [figures.built_in(size) for size in (24 * GIB, round(23.4 * GIB))] == ["24 GB", "23.4 GB"]


def served(window: MainWindow, qtbot: QtBot) -> ModelSheet:
    """The sheet with a server in it that was connected to by hand."""
    rig = rig_of(window)
    url = "http://localhost:1234/v1"
    models = (
        ServedModel("google/gemma-4-e4b-it", True, False, 8192),
        *(ServedModel(f"m{number}") for number in range(9)),
    )
    ready = replace(READY, path=f"{url}#{models[0].name}", name=models[0].name, bits=0, host="localhost:1234")
    loading = [(0.0, ModelLoading(ready.path)), (0.0, ready)]
    rig.serve = lambda request: [(0.0, ServerListed(url, models))] if isinstance(request, ListServer) else loading
    sheet = opened(window, qtbot)
    click(sheet, "Connect to a server…", qtbot)
    form = sheet.findChild(ServerForm)
    assert isinstance(form, ServerForm) and form.isVisible() and form.address.hasFocus()
    assert form.key.echoMode() is QLineEdit.EchoMode.Password and not form.connect_button.isEnabled()
    qtbot.keyClicks(form.address, "localhost:1234")
    assert "will go to localhost:1234" in form.words.text()
    qtbot.keyClicks(form.key, "sk-1")
    qtbot.keyClick(form.key, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: not form.isVisible())
    assert not form.key.text()
    return sheet


def click(sheet: ModelSheet, name: str, qtbot: QtBot) -> None:
    def found() -> list[QAbstractButton]:
        buttons = [button for button in sheet.findChildren(QAbstractButton) if button.isVisible()]
        return [button for button in buttons if name in (button.text(), button.accessibleName())]

    qtbot.waitUntil(lambda: bool(found()))
    qtbot.mouseClick(found()[0], Qt.MouseButton.LeftButton)


def test_a_server_is_connected_used_and_named(window: MainWindow, qtbot: QtBot) -> None:
    rig, sheet = rig_of(window), served(window, qtbot)
    texts = [label.text() for label in sheet.findChildren(QLabel) if label.isVisible()]
    assert "localhost:1234" in texts and "10 models · nearby" in texts and "sees · 8,192 tokens" in texts
    click(sheet, "4 more…", qtbot)
    click(sheet, "Use: google/gemma-4-e4b-it", qtbot)
    assert not sheet.isVisible()
    qtbot.waitUntil(lambda: rig.session.engine.host == "localhost:1234")
    chip, line = window.findChild(ModelChip), window.findChild(StatusLine)
    assert isinstance(chip, ModelChip) and isinstance(line, StatusLine)
    assert chip.accessibleName() == "Model: gemma-4-e4b-it on localhost:1234"
    assert any("Goes to localhost:1234" in label.text() for label in line.findChildren(QLabel))
    rig.session.engine.offline = True
    assert chip.accessibleName().endswith(", offline")


def test_a_server_that_wants_a_key_gets_one(window: MainWindow, qtbot: QtBot) -> None:
    rig, sheet = rig_of(window), served(window, qtbot)
    rig.serve = lambda request: [(0.0, EngineFailed("remote.key", "It asks for a key.", "", True))]
    rig.actions.servers.refresh()
    qtbot.waitUntil(lambda: rig.session.servers.items[0].wants_key)
    click(sheet, "Enter key…: localhost:1234", qtbot)
    form = sheet.findChild(ServerForm)
    assert isinstance(form, ServerForm) and form.address.text() == "http://localhost:1234/v1" and form.key.hasFocus()


def test_what_is_typed_survives_that_the_list_changes(window: MainWindow, qtbot: QtBot) -> None:
    rig, sheet = rig_of(window), served(window, qtbot)
    click(sheet, "Connect to a server…", qtbot)
    form = sheet.findChild(ServerForm)
    assert isinstance(form, ServerForm)
    qtbot.keyClicks(form.address, "half an addr")
    rig.session.models.memory = replace(MEMORY, available=9 * GIB)
    assert form.address.text() == "half an addr" and form.address.hasFocus() and form.isVisible()


def test_the_figures_of_an_answer_say_how_many_guesses_were_right() -> None:
    assert "guess" not in figures.in_full(USAGE)
    guessed = replace(USAGE, guessed_tokens=120, right_guesses=85)
    assert "71 % of 120 guesses right" in figures.in_full(guessed).splitlines()
    assert "0 % of 1 guess right" in figures.in_full(replace(USAGE, guessed_tokens=1)).splitlines()
