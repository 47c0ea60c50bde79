"""The preferences' file: only changes are in it, and nothing in it can do harm."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from app.state.preferences import DEFAULT_HOTKEY, Preferences
from app.store.preferences import FILE, PreferenceStore


def opened(folder: Path) -> tuple[Preferences, PreferenceStore]:
    preferences = Preferences()
    return preferences, PreferenceStore(preferences, folder)


def test_what_is_chosen_is_there_the_next_time(tmp_path: Path) -> None:
    preferences, _store = opened(tmp_path)
    assert not (tmp_path / FILE).exists()
    preferences.hotkey = "Ctrl+Alt+K"
    preferences.menu_bar_only = True
    again, _store = opened(tmp_path)
    assert (again.hotkey, again.menu_bar_only) == ("Ctrl+Alt+K", True)


def test_what_is_as_it_was_is_not_in_the_file(tmp_path: Path) -> None:
    preferences, _store = opened(tmp_path)
    preferences.menu_bar_only = True
    preferences.hotkey = ""
    preferences.menu_bar_only = False
    assert json.loads((tmp_path / FILE).read_text()) == {"hotkey": ""}


def test_what_another_version_has_written_stays(tmp_path: Path) -> None:
    (tmp_path / FILE).write_text('{"theme": "dark", "hotkey": "F5+nonsense", "menu_bar_only": "yes", "text_size": "7"}')
    preferences, _store = opened(tmp_path)
    assert preferences.menu_bar_only is False, "of another type than ours"
    assert preferences.text_size == "100", "none of the options"
    assert preferences.hotkey == "F5+nonsense", "whether it can be had is for the system to say"
    preferences.hotkey = DEFAULT_HOTKEY
    assert json.loads((tmp_path / FILE).read_text()) == {"theme": "dark"}
    assert preferences.opens_at_login is False, "which the system keeps"


@pytest.mark.parametrize("text", ["", "{", "[1]", "\x00\xff", '"hotkey"'])
def test_a_damaged_file_counts_as_none(tmp_path: Path, text: str) -> None:
    (tmp_path / FILE).write_text(text)
    preferences, _store = opened(tmp_path)
    assert preferences.hotkey == DEFAULT_HOTKEY
    assert (tmp_path / FILE).read_text() == text, "it may be worth saving"
    preferences.menu_bar_only = True
    assert json.loads((tmp_path / FILE).read_text()) == {"menu_bar_only": True}
