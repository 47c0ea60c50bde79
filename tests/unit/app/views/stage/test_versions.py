"""The strip of versions, the line about the one that is shown, and the button that makes the next."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QWidget
from pytestqt.qtbot import QtBot

from app.state.page import PageVersion, VersionStatus
from app.views.theme import Theme
from tests.unit.app.views.stage.pages import OTHER_PAGE, PAGE, PageScene, compared, page_scene, ready
from tests.unit.app.views.stage.pointing import wheel

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def scene(qtbot: QtBot, shown: Theme, tmp_path: Path) -> PageScene:
    """Three versions: the second best of them the last, made from the first."""
    scene = page_scene(tmp_path)
    qtbot.addWidget(scene.view)
    scene.view.resize(640, 760)
    scene.view.show()
    first = scene.add("first", fidelity=0.81)
    scene.add("fix 1", OTHER_PAGE, fidelity=0.94, made_from=first)
    scene.add("edit 1", fidelity=0.92, made_from=first)
    return scene


def said(widget: QWidget) -> set[str]:
    """The words that can be read."""
    return {label.text() for label in widget.findChildren(QLabel) if label.isVisible() and label.text()}


def test_every_version_has_a_card_with_its_figure(scene: PageScene) -> None:
    names = [card.accessibleName() for card in scene.page.strip.cards]
    assert names == ["First, 81 % alike", "Fix 1, 94 % alike, the best so far", "Edited 1, 92 % alike, made from First"]


def test_a_card_shows_its_version(scene: PageScene, qtbot: QtBot) -> None:
    first, fixed, _ = scene.page.strip.cards
    for card, colour in ((first, PAGE), (fixed, OTHER_PAGE)):
        qtbot.waitUntil(lambda card=card, colour=colour: card.grab().toImage().pixelColor(40, 20) == colour)


def test_only_a_version_that_was_not_made_from_the_one_before_is_a_branch(scene: PageScene) -> None:
    assert [card.branched for card in scene.page.strip.cards] == [False, False, True]


def test_a_click_shows_a_version(scene: PageScene, qtbot: QtBot) -> None:
    qtbot.mouseClick(scene.page.strip.cards[0], LEFT)
    assert scene.actions.calls == [("show", "first")]
    assert [card.isChecked() for card in scene.page.strip.cards] == [True, False, False]


def test_arrow_keys_walk_through_versions_and_end_at_the_ends(scene: PageScene, qtbot: QtBot) -> None:
    scene.page.strip.cards[-1].setFocus()
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Left, Qt.Key.Key_Left, Qt.Key.Key_Left, Qt.Key.Key_End, Qt.Key.Key_Home):
        qtbot.keyClick(scene.page.strip, key)
    assert [call[1] for call in scene.actions.calls] == ["fix 1", "first", "edit 1", "first"]


def test_the_strip_is_one_stop_for_tab(scene: PageScene) -> None:
    stops = [card.version.title for card in scene.page.strip.cards if card.focusPolicy() & Qt.FocusPolicy.TabFocus]
    assert stops == ["edit 1"]


def test_any_wheel_turns_the_strip_sideways(scene: PageScene, qtbot: QtBot) -> None:
    for number in range(2, 12):
        scene.add(f"fix {number}")
    bar = scene.page.strip.horizontalScrollBar()
    qtbot.waitUntil(lambda: bar.value() == bar.maximum() > 0)  # the newest is in view
    end = bar.value()
    wheel(scene.page.strip.viewport(), scene.page.strip.rect().center().toPointF(), 120)
    assert bar.value() == end - 60


def test_what_is_not_the_same_is_never_called_so(scene: PageScene) -> None:
    for fidelity, figure in ((0.998, "99 % alike"), (1.0, "100 % alike"), (0.29, "29 % alike")):
        assert scene.project.current is not None
        scene.project.current.fidelity = compared(fidelity)
        assert figure in said(scene.page.line) and figure in scene.page.strip.cards[-1].accessibleName()


def test_the_line_says_how_alike_the_version_is_and_what_that_is_made_of(scene: PageScene) -> None:
    assert "92 % alike" in said(scene.page.line)
    assert "Layout 90 %, position 80 %, colour 70 %, edges 60 %" in {
        label.toolTip() for label in scene.page.line.findChildren(QLabel)
    }


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"status": VersionStatus.WRITING}, "Writing…"),
        ({"status": VersionStatus.FAILED}, "There is no page in this answer."),
        ({"status": VersionStatus.CUT_OFF}, "The answer broke off. This is what there is of the page."),
        ({"rendering": None}, "Drawing the page…"),
        ({"fidelity": None}, "Comparing page and screenshot…"),
        ({"problem": "The picture of the page could not be written."}, "The picture of the page could not be written."),
    ],
)
def test_the_line_says_what_is_going_on(scene: PageScene, change: dict[str, Any], sentence: str) -> None:
    for name, value in change.items():
        setattr(scene.project.current, name, value)
    assert sentence in said(scene.page.line)


def test_a_page_that_was_cut_off_says_so(scene: PageScene) -> None:
    version = ready("long")
    notice = "The page is endless: its first part is shown."
    version.rendering = replace(scene.rendering(), notice=notice)
    scene.project.add(version)
    assert notice in said(scene.page.line)


def test_faults_are_counted_and_unfold(scene: PageScene, qtbot: QtBot) -> None:
    assert not scene.page.line.faults.isVisible()
    assert scene.project.current is not None
    scene.project.current.faults = ("The heading is too small.", "A card is missing.")
    assert scene.page.line.faults.text() == "2 faults listed"
    qtbot.mouseClick(scene.page.line.faults, LEFT)
    assert "–  The heading is too small.\n–  A card is missing." in said(scene.page.line)
    assert "– A card is missing." in scene.page.strip.cards[-1].toolTip()
    qtbot.mouseClick(scene.page.line.faults, LEFT)
    assert not any("A card" in words for words in said(scene.page.line))


def test_the_button_fixes_in_as_many_rounds_as_were_chosen(scene: PageScene, qtbot: QtBot) -> None:
    rounds = scene.page.rounds
    qtbot.mouseClick(rounds.button, LEFT)
    rounds.menu.actions()[2].trigger()
    qtbot.mouseClick(rounds.button, LEFT)
    assert scene.actions.calls == [("fix_rounds", 1), ("fix_rounds", 3)]
    assert "up to 3 rounds" in said(rounds)


def test_while_rounds_run_the_button_stops_and_says_which_runs(scene: PageScene, qtbot: QtBot) -> None:
    rounds = scene.page.rounds
    scene.stop.enabled = True
    assert rounds.button.text() == "Fix what differs"  # what runs is another answer
    scene.project.rounds, scene.project.round = 3, 2
    assert (rounds.button.text(), said(rounds)) == ("Stop", {"Round 2 of 3"})
    assert not rounds.more.isVisible()
    qtbot.mouseClick(rounds.button, LEFT)
    assert scene.actions.calls == [("stop",)]
    scene.project.rounds, scene.stop.enabled = 0, False
    assert rounds.button.text() == "Fix what differs"


def test_while_a_first_page_is_written_the_button_stops_it_and_then_fixes(scene: PageScene) -> None:
    scene.stop.enabled = True
    version = PageVersion("first")
    scene.project.add(version)
    assert scene.page.rounds.button.text() == "Stop"
    scene.stop.enabled = False
    version.status, version.fidelity = VersionStatus.READY, compared(0.5)
    assert scene.page.rounds.button.text() == "Fix what differs"


def test_the_button_can_be_pressed_only_when_there_is_something_to_fix(scene: PageScene) -> None:
    scene.actions.fix.enabled = False  # type: ignore[attr-defined]
    assert not scene.page.rounds.button.isEnabled() and not scene.page.rounds.more.isEnabled()
