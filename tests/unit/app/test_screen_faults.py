"""The judge of screens finds what is wrong, and says nothing of what is right."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from app.views.icon_button import IconButton
from app.views.theme import Theme
from app.words import PSEUDO, VARIABLE, pseudo
from tests.unit.app.screen_faults import english, faults_of


@pytest.fixture
def around(qtbot: QtBot, shown: Theme) -> QWidget:
    widget = QWidget()
    qtbot.addWidget(widget)
    widget.resize(400, 100)
    return widget


@pytest.mark.parametrize("said", ["Open", "⟦Öpéñ~~⟧ file", "⟦Thé picture~~⟧", "Open (Ctrl+O)"])
def test_english_is_found(said: str) -> None:
    assert english(said, ())


@pytest.mark.parametrize("said", ["", "⟦Öpéñ~~⟧", "⟦Öpéñ blue.png~~⟧", "⟦Öpéñ~~⟧ (Ctrl+Shift+O)", "100 %", "12:30"])
def test_data_keys_and_figures_are_not(said: str) -> None:
    assert not english(said, ("blue.png",))


def test_what_nobody_translated_is_found_wherever_it_is(around: QWidget, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, PSEUDO)
    QPushButton(pseudo("Fine"), around)
    field = QLineEdit(around)
    field.setAccessibleName("Forgotten name")
    field.setPlaceholderText("Forgotten hint")
    field.setToolTip("Forgotten tip")
    around.show()
    found = "\n".join(faults_of(around, ("python",)))
    assert all(word in found for word in ("Forgotten name", "Forgotten hint", "Forgotten tip"))
    assert "Fîñé" not in found


def test_controls_without_a_name_are_found(around: QWidget) -> None:
    IconButton("close", "Close", around)
    IconButton("close", "", around)
    around.show()
    assert [fault for fault in faults_of(around, ()) if "no name" in fault] == ["no name: IconButton in QWidget"]


def test_words_that_are_cut_off_and_controls_on_each_other_are_found(around: QWidget) -> None:
    row = QHBoxLayout(around)
    long, other = QLabel("A sentence that is longer", around), QPushButton("Press me", around)
    row.addWidget(long)
    row.addWidget(other)
    around.show()
    assert faults_of(around, ()) == []
    long.setGeometry(0, 0, 40, 20)
    other.setGeometry(20, 0, 30, 20)
    found = "\n".join(faults_of(around, ()))
    assert "cut off: 'A sentence" in found and "cut off: 'Press me' (button)" in found and "on each other" in found
