"""About Prism shows the version and all licences."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QLabel, QPlainTextEdit
from pytestqt.qtbot import QtBot

from app.platform import bundled as place
from app.views.about import About
from app.views.main_window import MainWindow
from app.views.theme import Theme
from mlx_gemma4.protocol.version import VERSION
from tests.unit.app.scripted import Rig


def text_of(about: About) -> str:
    found = about.findChild(QPlainTextEdit)
    assert found is not None
    return found.toPlainText()


def test_it_opens_from_the_menu_once(rig: Rig, qtbot: QtBot, shown: Theme) -> None:
    window = MainWindow(rig.session, rig.actions)
    qtbot.addWidget(window)
    action = window.findChild(QAction, "help.about")
    assert action is not None and action.menuRole() is QAction.MenuRole.AboutRole
    action.trigger()
    action.trigger()
    (about,) = window.findChildren(About)
    assert about.isVisible()
    assert f"Prism {VERSION}" in [label.text() for label in about.findChildren(QLabel)]


def test_in_a_bundle_it_shows_what_was_collected(
    qtbot: QtBot, shown: Theme, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "licences.txt").write_text("mlx 0.32.4: MIT\n")
    monkeypatch.setattr(place, "_PLACES", (tmp_path, *place._PLACES))
    about = About()
    qtbot.addWidget(about)
    assert text_of(about) == "mlx 0.32.4: MIT\n"


def test_in_a_checkout_it_says_where_licences_are(qtbot: QtBot, shown: Theme) -> None:
    about = About()
    qtbot.addWidget(about)
    assert "Apache License 2.0" in text_of(about) and "Prism.app has them all" in text_of(about)
