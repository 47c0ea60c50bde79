"""Every action has a place, a name and keys of its own."""

from PySide6.QtGui import QKeySequence

from app.actions.action import Action
from app.state.attachments import Attachment
from app.state.turn import Turn
from tests.unit.app.scripted import Rig


def all_actions(rig: Rig) -> list[Action]:
    return [action for _, actions in rig.actions.menus for action in actions if action is not None]


def test_no_two_actions_share_an_id_or_a_key(rig: Rig) -> None:
    actions = all_actions(rig)
    keys = [QKeySequence(key).toString() for action in actions for key in action.shortcuts]
    assert all(keys) and len(set(keys)) == len(keys)
    assert len({action.id for action in actions}) == len(actions)


def test_every_action_that_is_neither_repair_nor_help_has_keys(rig: Rig) -> None:
    repairs = {
        "engine.restart",
        "models.load_anyway",
        "models.use_downloaded",
        "models.try_again",
        "presets.undo",
    }  # on the buttons of notices
    bare = {action.id for action in all_actions(rig) if not action.shortcuts}
    assert {action for action in bare if not action.startswith("help.")} == repairs


def test_the_stage_can_be_opened_once_there_is_something_on_it(rig: Rig) -> None:
    view, stage = rig.actions.view, rig.session.stage
    view.toggle_stage.trigger()
    assert not stage.is_open and not view.toggle_stage.enabled and not view.zoom_in.enabled
    stage.show(Turn("Where?", (Attachment("/a.png"),)))
    assert view.toggle_stage.checked and view.zoom_in.enabled
    wanted: list[str] = []
    stage.zoom_wanted.connect(wanted.append)
    for action in (view.zoom_in, view.zoom_out, view.fit, view.actual_size):
        action.trigger()
    assert wanted == ["in", "out", "fit", "actual"]
    view.toggle_stage.trigger()
    assert not stage.is_open and view.toggle_stage.enabled and not view.zoom_in.enabled
