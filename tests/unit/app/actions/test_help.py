"""Help: updates when asked for, diagnostics without a word of a conversation, About."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest
from PySide6.QtGui import QDesktopServices

from app.actions.help import HelpActions
from app.platform.log import VARIABLE
from app.platform.updates import Release, UpdateCheck
from app.state.attachments import Attachment
from app.state.turn import Turn, TurnStatus
from tests.unit.app.scripted import Rig

SECRETS = ("my salary", "forty thousand", "payslip", "/private/ann")


class Told(UpdateCheck):
    """Knows the answer already."""

    def __init__(self, release: Release) -> None:
        super().__init__("https://a.example")
        self._release = release

    def start(self) -> None:
        self.finished.emit(self._release)


def help_actions(rig: Rig, target: str = "", release: Release | None = None) -> HelpActions:
    return HelpActions(rig.session, lambda name: target, Told(release or Release("")))


def notices(rig: Rig) -> list[str]:
    return [notice.text for notice in rig.session.notices.items]


def test_a_newer_version_can_be_opened(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: opened.append(url.toString()))
    actions = help_actions(rig, release=Release("Prism 9 is there.", "https://a.example/get"))
    actions.open_download_page.trigger()
    assert opened == []
    actions.check_for_updates.trigger()
    (notice,) = rig.session.notices.items
    assert (notice.text, notice.action_id) == ("Prism 9 is there.", actions.open_download_page.id)
    actions.open_download_page.trigger()
    assert opened == ["https://a.example/get"]


def test_without_a_newer_one_there_is_nothing_to_open(rig: Rig) -> None:
    actions = help_actions(rig, release=Release("You have the newest."))
    actions.check_for_updates.trigger()
    (notice,) = rig.session.notices.items
    assert notice.action_id == "" and not actions.open_download_page.enabled


def test_diagnostics_hold_nothing_that_was_said(rig: Rig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, str(tmp_path))
    (tmp_path / "prism.log").write_text("The engine ended with -9.\n/private/ann/payslip.png is damaged\n")
    turn = Turn("What is my salary?", (Attachment("/private/ann/payslip.png"),))
    turn.append_text("It is forty thousand.")
    rig.session.conversation.add(turn)
    turn.finish(TurnStatus.DONE)
    rig.session.draft.text = "my salary again"
    target = tmp_path / "out.zip"
    help_actions(rig, str(target)).save_diagnostics.trigger()
    with zipfile.ZipFile(target) as archive:
        text = "\n".join(archive.read(name).decode() for name in archive.namelist())
    assert "turns: 1" in text and "files attached: picture" in text and "engine: starting" in text
    assert "The engine ended with -9." in text
    assert not [secret for secret in SECRETS if secret in text]
    assert "no conversation" in notices(rig)[0]


def test_saving_can_be_called_off_and_can_fail(rig: Rig, tmp_path: Path) -> None:
    help_actions(rig).save_diagnostics.trigger()
    assert notices(rig) == []
    help_actions(rig, str(tmp_path / "nowhere" / "a.zip")).save_diagnostics.trigger()
    (notice,) = rig.session.notices.items
    assert notice.level == "problem" and "No such file or directory" in notice.text


def test_help_stands_in_the_menus_and_sends_nothing_by_itself(rig: Rig) -> None:
    titles = [action.title for name, actions in rig.actions.menus for action in actions if action and name == "Help"]
    assert titles == ["Check for Updates", "Open Download Page", "Save Diagnostics…", "About Prism"]
    wanted: list[int] = []
    rig.actions.help.about_wanted.connect(lambda: wanted.append(1))
    rig.actions.run("help.about")
    assert wanted == [1]
