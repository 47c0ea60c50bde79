"""The diary says what happened, in order, on a clock that can be compared."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtWidgets import QLineEdit, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from app.diary import VARIABLE, Diary, keep_diary
from app.engine_link.bridge import EngineBridge
from app.engine_link.scripted_client import ScriptedClient
from app.state.attachments import Attachment
from app.state.library import Entry
from app.state.notices import Notice
from app.state.page import PageProject, PageVersion, Rendering, VersionStatus
from app.state.session import Session
from app.state.turn import Turn, TurnStatus
from mlx_gemma4.protocol.events import ModelLoading
from tests.unit.app.scripted import compared


@pytest.fixture
def session(qapp: object) -> Session:
    return Session()


@pytest.fixture
def bridge(qapp: object) -> EngineBridge:
    return EngineBridge(ScriptedClient())


def lines(file: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in file.read_text().splitlines()]


def test_events_notices_and_refusals_are_written_down_as_they_happen(
    bridge: EngineBridge, session: Session, tmp_path: Path
) -> None:
    file = tmp_path / "diary.jsonl"
    diary = Diary(str(file), bridge, session)
    before = time.monotonic()
    bridge.event_received.emit(ModelLoading("tour"))
    session.notices.show(Notice("info", "Too many pictures.", "files"))
    attachment = Attachment("half.png")
    session.attachments.add(attachment)
    attachment.refuse("It is cut off.", "Save it again.")
    turn = Turn("What is it?")
    session.conversation.add(turn)
    turn.status = TurnStatus.STOPPING
    bridge.engine_exited.emit(-9)
    entries = lines(file)
    assert all(before <= entry["at"] <= time.monotonic() for entry in entries)  # type: ignore[operator]
    kinds = ["ModelLoading", "notices", "attached", "refused", "asked", "answer stopping", "engine exited"]
    assert [entry["what"] for entry in entries] == kinds
    assert entries[1]["texts"] == ["Too many pictures."]
    assert entries[3]["text"] == "It is cut off. Save it again."
    assert entries[6]["code"] == -9
    assert diary.parent() is bridge


def test_versions_of_pages_are_written_down(bridge: EngineBridge, session: Session, tmp_path: Path) -> None:
    file = tmp_path / "diary.jsonl"
    Diary(str(file), bridge, session)
    shot = Attachment("shot.png")
    project, version = PageProject(shot), PageVersion("first")
    session.stage.add_page(project)
    project.add(version)
    turn = Turn("Make page", (shot,))
    turn.version = version
    session.stage.show(turn)
    version.rendering = Rendering("1.png", 640, 480)
    version.status, version.problem = VersionStatus.CUT_OFF, "Stopped."
    version.fidelity = compared(0.25)
    project.add(PageVersion("fix 1", version))
    project.remark = "Stopped in round 1."
    entries = [{key: value for key, value in entry.items() if key != "at"} for entry in lines(file)]
    assert entries[0] == {"what": "page version", "title": "first"}
    assert entries[1] == {"what": "page rendered", "title": "first", "fidelity": None, "picture": "1.png", "text": ""}
    assert [entry["what"] for entry in entries[2:4]] == ["page cut off", "page measured"]
    assert entries[3]["fidelity"] == 0.25 and entries[3]["text"] == "Stopped."
    assert entries[4:] == [
        {"what": "page version", "title": "fix 1"},
        {"what": "page shown", "title": "fix 1"},
        {"what": "page remark", "text": "Stopped in round 1."},
    ]
    session.stage.clear()
    session.stage.add_page(project)
    session.stage.show(turn)
    assert len(lines(file)) == len(entries)  # a page that comes back is followed once


def test_without_the_variable_nothing_is_written(
    bridge: EngineBridge, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    assert keep_diary(bridge, session) is None


def test_what_has_the_keyboard_is_written_down_by_its_name(
    qtbot: QtBot, bridge: EngineBridge, session: Session, tmp_path: Path
) -> None:
    window, file = QWidget(), tmp_path / "diary.jsonl"
    field, button = QLineEdit("secret", window), QPushButton("Send", window)
    field.setAccessibleName("Key")
    qtbot.addWidget(window)
    Diary(str(file), bridge, session)
    window.show()
    window.activateWindow()
    for control in (field, button):
        control.setFocus()
        qtbot.waitUntil(control.hasFocus)
    assert [entry["name"] for entry in lines(file)][-2:] == ["Key", "Send"]
    assert {entry["what"] for entry in lines(file)} == {"keyboard"}


def test_the_list_of_conversations_is_written_down_as_it_changes(
    bridge: EngineBridge, session: Session, tmp_path: Path
) -> None:
    file = tmp_path / "diary.jsonl"
    Diary(str(file), bridge, session)
    one, two = Entry(1, "One", "words", 0.0, 1.0), Entry(2, "Two", "words", 0.0, 2.0)
    session.library.entries = (two, one)
    session.library.put(replace(one, pinned=True, changed=3.0))
    session.library.remove(2)
    seen = [(entry["what"], entry["key"], entry.get("title"), entry.get("pinned")) for entry in lines(file)]
    assert seen == [
        ("listed", 2, "Two", False),
        ("listed", 1, "One", False),
        ("listed", 1, "One", True),
        ("unlisted", 2, None, None),
    ]
