"""Whom Prism has contacted, what it keeps, and that all of it can be deleted."""

from __future__ import annotations

from fnmatch import fnmatch
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from app.actions import models, recording
from app.actions.contacts import ContactLog, hub_host
from app.actions.hub_token import HubToken
from app.actions.privacy import PrivacyActions
from app.state.contacts import Contact, Contacts, Purpose
from app.store import contacts, files, left_off, preferences, presets, schema, servers, timings
from app.store.contacts import FILE, ContactStore
from app.store.kept import KEPT, delete_everything
from app.views.preferences.privacy_page import PrivacyPage
from app.views.theme import Theme
from mlx_gemma4.protocol.events import DownloadProgress, TextDelta, TurnFinished
from mlx_gemma4.protocol.requests import ListServer
from tests.unit.app.scripted import Rig


def test_contacts_are_counted_and_kept(tmp_path: Path) -> None:
    contacts = Contacts()
    store = ContactStore(contacts, tmp_path)
    contacts.note("a.org", Purpose.UPDATES, 10.0)
    contacts.note("b.org", Purpose.DOWNLOAD, 20.0)
    contacts.note("a.org", Purpose.UPDATES, 30.0)
    contacts.note("", Purpose.UPDATES, 40.0)
    again = Contacts()
    ContactStore(again, tmp_path)
    assert again.items == (
        Contact("a.org", "updates", 10.0, 30.0, 2),
        Contact("b.org", "download", 20.0, 20.0),
    )
    del store


@pytest.mark.parametrize("text", ["", "{}", '[{"address": 3}, 7, {"address": "a"}]'])
def test_a_damaged_list_counts_as_none(tmp_path: Path, text: str) -> None:
    (tmp_path / FILE).write_text(text)
    contacts = Contacts()
    ContactStore(contacts, tmp_path)
    assert contacts.items == ()


def test_what_is_sent_to_the_engine_tells_who_is_contacted(
    rig: Rig, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    contacts = Contacts()
    ContactLog(contacts, rig.bridge, rig.actions.help)
    rig.answer = lambda ask: [(0.0, TextDelta("a")), (0.0, TurnFinished("end_of_turn"))]
    rig.actions.engine.start()
    qtbot.waitUntil(lambda: rig.session.engine.can_answer)
    rig.actions.conversation.ask("What?")
    qtbot.waitUntil(lambda: rig.session.conversation.idle)
    assert contacts.items == (), "a question stays here"
    rig.download = lambda request: [(0.0, DownloadProgress(1, 2, 0.0, "a", host="cdn.example.org"))] * 3
    rig.actions.models.download("mlx-community/x")
    qtbot.waitUntil(lambda: len(contacts.items) == 2)
    assert {(item.address, item.times) for item in contacts.items} == {(hub_host(), 1), ("cdn.example.org", 1)}
    rig.bridge.send(ListServer("list-1", "localhost:1234", ""))
    assert contacts.items[0].address == "localhost:1234" and contacts.items[0].purpose == Purpose.SERVER_MODELS
    rig.bridge.send(ListServer("list-2", "no address at all", ""))
    assert len(contacts.items) == 3
    rig.actions.help.asked.emit("updates.example.org")
    assert contacts.items[0].purpose == Purpose.UPDATES
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9000")
    assert hub_host() == "127.0.0.1:9000"


def test_everything_goes_and_nothing_else(tmp_path: Path) -> None:
    for name in (
        "conversations.sqlite",
        "conversations.sqlite-wal",
        "preferences.json",
        "window.json",
        FILE,
        "mine.txt",
    ):
        (tmp_path / name).write_text("x")
    for name in ("files", "models/a/b", "photos"):
        (tmp_path / name).mkdir(parents=True)
        (tmp_path / name / "x").write_text("x")
    assert delete_everything(tmp_path) == []
    assert sorted(path.name for path in tmp_path.iterdir()) == ["mine.txt", "photos"]


def test_deleting_is_asked_about_and_done_when_nothing_uses_it(tmp_path: Path, qtbot: QtBot, shown: Theme) -> None:
    (tmp_path / "preferences.json").write_text("{}")
    secrets = {"token": "x"}
    token = HubToken(lambda name: "", lambda name, value: bool(secrets.clear()) or True)
    privacy = PrivacyActions(Contacts(), tmp_path, token)
    page = PrivacyPage(privacy)
    qtbot.addWidget(page)
    page.show()
    qtbot.mouseClick(page.delete, Qt.MouseButton.LeftButton)
    assert page.question.isVisible() and privacy.close() == [] and (tmp_path / "preferences.json").exists()
    with qtbot.waitSignal(privacy.quit_wanted):
        qtbot.mouseClick(page.really, Qt.MouseButton.LeftButton)
    assert (tmp_path / "preferences.json").exists(), "it is still in use"
    privacy.close()
    assert not (tmp_path / "preferences.json").exists()
    qtbot.waitUntil(lambda: not secrets)


def test_the_page_says_who_was_contacted_and_what_is_kept(tmp_path: Path, qtbot: QtBot, shown: Theme) -> None:
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "x").write_bytes(b"x" * 2_000_000)
    contacts = Contacts()
    page = PrivacyPage(PrivacyActions(contacts, tmp_path, HubToken(lambda name: "", lambda name, value: True)))
    qtbot.addWidget(page)
    page.show()
    words = lambda: [label.text() for label in page.findChildren(QLabel) if label.isVisible()]  # noqa: E731
    qtbot.waitUntil(lambda: {"Prism has contacted nobody so far.", "2 MB"} <= set(words()))
    assert all(kept.title in words() for kept in KEPT)
    contacts.note("huggingface.co", Purpose.DOWNLOAD, 1.7e9)
    contacts.note("x.org", Purpose.DOWNLOAD, 1.7e9)
    qtbot.waitUntil(lambda: "huggingface.co" in words())
    assert any("to download a model · once" in word for word in words())
    contacts.items = (Contact("new.org", "something-new", 1.0, 1.0), *contacts.items)
    qtbot.waitUntil(lambda: any("something-new" in word for word in words()))


def test_whatever_is_written_into_the_folder_is_known_to_the_page() -> None:
    names = (
        *(store.FILE for store in (contacts, left_off, preferences, presets, servers, timings)),
        *(left_off.FOLDER, files.FOLDER, models.FOLDER, recording.FOLDER),
        schema.NAME,
    )
    for name in names:
        assert any(fnmatch(name, pattern) for kept in KEPT for pattern in kept.patterns), name
