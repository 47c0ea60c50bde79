"""Pages copied, saved, and opened in a browser."""

from pathlib import Path

import pytest
from PySide6.QtGui import QDesktopServices, QGuiApplication
from pytestqt.qtbot import QtBot

from tests.unit.app.actions.pages import HTML, answers, made, ready
from tests.unit.app.scripted import Rig


@pytest.fixture
def rig(rig: Rig, qtbot: QtBot) -> Rig:
    """The model is there, and writes pages."""
    rig.answer = answers
    ready(rig, qtbot)
    return rig


def test_a_page_is_copied_as_it_was_written(rig: Rig, qtbot: QtBot, picture: str) -> None:
    made(rig, qtbot, picture)
    rig.actions.page.copy_html.trigger()
    assert QGuiApplication.clipboard().text() == HTML


def test_the_safe_page_is_saved_in_one_file(rig: Rig, qtbot: QtBot, picture: str, tmp_path: Path) -> None:
    version = made(rig, qtbot, picture)[1]
    rig.actions.page.save.trigger()  # the person changes their mind
    rig.target = str(tmp_path / "saved.html")
    rig.actions.page.save.trigger()
    assert Path(rig.target).read_text() == version.safe_html
    rig.target = str(tmp_path / "nowhere" / "saved.html")
    rig.actions.page.save.trigger()
    assert [notice.text for notice in rig.session.notices.items] == [
        "The page cannot be saved: No such file or directory."
    ]


def test_the_browser_gets_the_safe_page_and_scripts_only_when_asked_for(
    rig: Rig, qtbot: QtBot, picture: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []

    def open_url(url: object) -> bool:
        opened.append(Path(url.toLocalFile()).read_text())  # type: ignore[attr-defined]
        return len(opened) < 3

    monkeypatch.setattr(QDesktopServices, "openUrl", open_url)
    project, version = made(rig, qtbot, picture)
    rig.actions.page.open_in_browser.trigger()
    rig.actions.page.open_with_scripts(project, version)
    assert opened == [version.safe_html, HTML] and version.safe_html != HTML
    rig.actions.page.open_in_browser.trigger()
    assert [notice.text for notice in rig.session.notices.items] == ["No browser could be opened."]
