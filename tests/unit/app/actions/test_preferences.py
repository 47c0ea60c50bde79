"""Choosing the key, the menu bar and the login item."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from app.actions.preferences import SHOW, PreferenceActions
from app.state.notices import Notices
from app.state.preferences import DEFAULT_HOTKEY, Preferences


class ScriptedHotKey:
    """A system in which some keys are taken."""

    def __init__(self, *taken: str) -> None:
        self.taken = taken
        self.held = ""
        self.pressed: Callable[[], None] = lambda: None

    def claim(self, keys: str, pressed: Callable[[], None]) -> str:
        self.held = ""
        if keys in self.taken:
            return f"{keys} is taken."
        self.held, self.pressed = keys, pressed
        return ""

    def release(self) -> None:
        self.held = ""


class ScriptedLoginItem:
    """A system that may refuse."""

    is_on = False
    refusal = ""

    def set_on(self, on: bool) -> str:
        if not self.refusal:
            self.is_on = on
        return self.refusal


class Rig:
    """The actions on a system whose keys are taken or not."""

    def __init__(self, *taken: str) -> None:
        self.preferences, self.notices = Preferences(), Notices()
        self.hotkey, self.login = ScriptedHotKey(*taken), ScriptedLoginItem()
        self.actions = PreferenceActions(self.preferences, self.notices, self.hotkey, self.login)
        self.count = 0

    def press(self) -> None:
        self.count += 1


def test_the_chosen_key_is_claimed_and_does_what_it_shall() -> None:
    rig = Rig()
    rig.actions.claim_hotkey(rig.press)
    assert rig.hotkey.held == DEFAULT_HOTKEY and not rig.notices.items
    rig.hotkey.pressed()
    assert rig.count == 1


def test_a_taken_key_is_said_with_the_way_to_another_and_that_ends_it() -> None:
    rig = Rig(DEFAULT_HOTKEY)
    rig.actions.claim_hotkey(rig.press)
    (notice,) = rig.notices.items
    assert "is taken." in notice.text and notice.action_id == SHOW
    assert rig.actions.set_hotkey("Ctrl+Alt+K") == ""
    assert not rig.notices.items
    assert rig.hotkey.held == rig.preferences.hotkey == "Ctrl+Alt+K"


def test_a_new_key_that_is_taken_leaves_the_old_one_in_force() -> None:
    rig = Rig("Ctrl+Alt+K")
    rig.actions.claim_hotkey(rig.press)
    assert "taken" in rig.actions.set_hotkey("Ctrl+Alt+K")
    assert rig.hotkey.held == rig.preferences.hotkey == DEFAULT_HOTKEY
    rig.hotkey.pressed()
    assert rig.count == 1


def test_no_key_is_a_choice_as_well() -> None:
    rig = Rig()
    rig.actions.claim_hotkey(rig.press)
    assert rig.actions.set_hotkey("") == ""
    assert rig.hotkey.held == rig.preferences.hotkey == ""
    again = Rig()
    again.preferences.hotkey = ""
    again.actions.claim_hotkey(again.press)
    assert again.hotkey.held == "" and not again.notices.items


def test_the_key_can_be_let_go_of_to_be_pressed_and_is_given_back_at_the_end() -> None:
    for release in (PreferenceActions.pause_hotkey, PreferenceActions.close):
        rig = Rig()
        rig.actions.claim_hotkey(rig.press)
        release(rig.actions)
        assert rig.hotkey.held == "" and rig.preferences.hotkey == DEFAULT_HOTKEY


@pytest.mark.parametrize("refusal", ["", "The Mac says no."])
def test_login_is_what_the_system_says(refusal: str) -> None:
    rig = Rig()
    rig.login.refusal = refusal
    assert rig.actions.set_opens_at_login(True) == refusal
    assert rig.actions.opens_at_login is (not refusal)
