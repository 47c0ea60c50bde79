"""Tabs, the bar, the field for a change, and what becomes of it when the stage is narrow or has large text."""

import gc
import weakref
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtWidgets import QAbstractButton, QApplication, QLabel, QMenu, QWidget
from pytestqt.qtbot import QtBot

from app.state.page import PageElement
from app.views.reading_order import focus_stops
from app.views.stage.subject_card import element_name
from app.views.theme import Theme
from tests.unit.app.views.stage.pages import BUTTON, LOWEST, PageScene, page_scene

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def scene(qtbot: QtBot, shown: Theme, tmp_path: Path) -> PageScene:
    """One version."""
    scene = page_scene(tmp_path)
    qtbot.addWidget(scene.view)
    scene.view.resize(580, 760)
    scene.view.show()
    scene.add("first", fidelity=0.8)
    canvas = scene.page.canvas
    qtbot.waitUntil(lambda: not canvas.pictures.page.is_empty and not canvas.pictures.screenshot.is_empty)
    return scene


def named(widget: QWidget, name: str) -> QAbstractButton:
    return next(button for button in widget.findChildren(QAbstractButton) if button.accessibleName() == name)


def test_tabs_are_there_with_a_page_and_go_to_either_side(scene: PageScene, qtbot: QtBot) -> None:
    assert scene.page.isVisible() and not scene.view.canvas.isVisible()
    picture, page = scene.view.tabs.segments[:2]
    qtbot.mouseClick(picture, LEFT)
    assert scene.stage.tab == "picture"
    assert scene.view.canvas.isVisible() and not scene.page.isVisible()
    qtbot.mouseClick(page, LEFT)
    assert scene.page.isVisible()
    scene.stage.page = None
    assert not scene.view.tabs.isVisible() and scene.view.canvas.isVisible()


def test_zooming_concerns_the_side_that_is_seen(scene: PageScene, qtbot: QtBot) -> None:
    scene.stage.tab = "picture"
    qtbot.waitUntil(lambda: scene.view.canvas.has_picture)
    for tab, fitted in (("page", (False, True)), ("picture", (False, False))):
        scene.stage.tab = tab  # type: ignore[assignment]
        scene.stage.zoom("in")
        assert (scene.page.canvas.viewport.is_fitted, scene.view.canvas.viewport.is_fitted) == fitted


def test_modes_are_chosen_by_click_and_by_arrow_keys(scene: PageScene, qtbot: QtBot) -> None:
    modes = scene.page.bar.modes
    qtbot.mouseClick(modes.segments[2], LEFT)
    assert (scene.project.mode, modes.current) == ("difference", "difference")
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Right, Qt.Key.Key_Left):
        qtbot.keyClick(modes.segments[0], key)
    assert scene.project.mode == "difference"
    assert [bool(segment.focusPolicy()) for segment in modes.segments] == [False, False, True, False]


def test_at_a_phones_width_the_page_is_alone_and_comparing_goes_back(scene: PageScene, qtbot: QtBot) -> None:
    bar = scene.page.bar
    qtbot.mouseClick(bar.widths.segments[2], LEFT)
    assert (scene.project.width, bar.modes.current) == ("phone", "page")
    qtbot.mouseClick(bar.modes.segments[1], LEFT)
    assert (scene.project.width, scene.project.mode, bar.widths.current) == ("screenshot", "blink", "screenshot")


def test_the_row_copies_saves_opens_and_shows_code(scene: PageScene, qtbot: QtBot) -> None:
    bar = scene.page.bar
    for button in (bar.code, bar.copy):
        qtbot.mouseClick(button, LEFT)
    for entry in bar.menu.actions():
        entry.trigger()
    assert [call[0] for call in scene.actions.calls] == [
        "toggle_code", "copy_html", "save", "open_in_browser", "scripts"
    ]  # fmt: skip


@pytest.mark.qt_log_ignore("This plugin does not support", extend=True)
def test_menus_open_where_their_buttons_are(scene: PageScene, qtbot: QtBot) -> None:
    for button, menu in ((scene.page.bar.more, scene.page.bar.menu), (scene.page.rounds.more, scene.page.rounds.menu)):
        qtbot.mouseClick(button, LEFT)
        assert menu.isVisible()
        menu.close()


def test_what_cannot_be_done_now_cannot_be_chosen(scene: PageScene) -> None:
    scene.actions.save.enabled = False  # type: ignore[attr-defined]
    assert [entry.isEnabled() for entry in scene.page.bar.menu.actions() if not entry.isSeparator()] == [
        False, True, True
    ]  # fmt: skip


def test_a_clicked_element_can_be_changed_in_words(scene: PageScene, qtbot: QtBot) -> None:
    scene.view.activateWindow()
    qtbot.mouseClick(scene.page.canvas, LEFT, pos=scene.point(290, 150).toPoint())
    card = scene.page.subject
    assert card.isVisible() and card.field.accessibleName() == "Change this button"
    qtbot.waitUntil(card.field.hasFocus)
    qtbot.keyClicks(card.field, "  Make it green ")
    qtbot.keyClick(card.field, Qt.Key.Key_Return)
    assert scene.actions.calls == [("select", "button"), ("ask_change", "Make it green")]
    assert card.field.text() == ""


def test_escape_in_the_field_leaves_and_gives_the_keyboard_back(scene: PageScene, qtbot: QtBot) -> None:
    scene.view.activateWindow()
    qtbot.mouseClick(scene.page.canvas, LEFT, pos=scene.point(290, 150).toPoint())
    qtbot.waitUntil(scene.page.subject.field.hasFocus)
    qtbot.keyClick(scene.page.subject.field, Qt.Key.Key_Escape)
    assert scene.project.subject is None and not scene.page.subject.isVisible()
    assert scene.page.canvas.hasFocus()


def test_walking_by_keys_stays_on_the_page_until_return(scene: PageScene, qtbot: QtBot) -> None:
    scene.view.activateWindow()
    canvas = scene.page.canvas
    canvas.setFocus()
    qtbot.waitUntil(canvas.hasFocus)
    qtbot.keyClick(canvas, Qt.Key.Key_Down)
    assert scene.project.subject is not None and canvas.hasFocus()
    qtbot.keyClick(canvas, Qt.Key.Key_Return)
    assert scene.page.subject.field.hasFocus()


def test_nothing_is_asked_while_an_answer_is_written_or_without_words(scene: PageScene, qtbot: QtBot) -> None:
    scene.project.subject = BUTTON
    field = scene.page.subject.field
    qtbot.keyClick(field, Qt.Key.Key_Return)
    scene.stop.enabled = True
    qtbot.keyClicks(field, "larger")
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert scene.actions.calls == [] and field.text() == "larger"
    scene.stop.enabled = False
    qtbot.mouseClick(named(scene.page.subject, "Ask for this change"), LEFT)
    assert scene.actions.calls == [("ask_change", "larger")]


def test_the_field_lies_over_the_pages_lower_edge(scene: PageScene, qtbot: QtBot) -> None:
    before = scene.page.canvas.geometry()
    scene.project.subject = BUTTON
    card, canvas = scene.page.subject, scene.page.canvas
    for width in (580, 430):
        scene.view.resize(width, 760)
        QApplication.processEvents()
        assert canvas.rect().contains(card.geometry())
        assert card.geometry().bottom() > canvas.height() - 30
    scene.view.resize(580, 760)
    QApplication.processEvents()
    assert canvas.geometry() == before  # nothing moved for it


def test_the_field_says_what_it_is_for_also_where_there_is_little_room(scene: PageScene, shown: Theme) -> None:
    scene.project.subject = BUTTON
    name = next(label for label in scene.page.subject.findChildren(QLabel))
    QApplication.processEvents()
    assert name.isVisible() and name.width() >= name.sizeHint().width()
    shown.set_text_scale(2)
    scene.view.resize(470, 760)
    QApplication.processEvents()
    assert not name.isVisible()
    assert scene.page.subject.field.placeholderText() == "Change this button…"
    assert scene.page.subject.field.width() >= 200


def test_what_is_selected_stays_in_view_above_the_field_when_the_code_opens(scene: PageScene) -> None:
    scene.view.resize(580, 620)
    scene.project.subject = BUTTON
    scene.project.code_shown = True
    QApplication.processEvents()
    for element in (BUTTON, LOWEST):
        scene.project.subject = element
        x, y, width, height = element.box
        lower_edge = scene.point(x + width / 2, y + height)
        assert scene.page.canvas.room().contains(lower_edge)
        assert lower_edge.y() <= scene.page.subject.y()
    scene.project.subject = None
    assert scene.point(0, 300).y() >= scene.page.canvas.room().bottom() - 1  # and back to where it ends


@pytest.mark.parametrize(("tag", "name"), [("h3", "heading"), ("a", "link"), ("custom-x", "<custom-x>")])
def test_elements_are_called_what_people_call_them(tag: str, name: str) -> None:
    assert element_name(tag) == name


def test_the_code_stands_below_in_a_narrow_stage_and_beside_in_a_wide_one(scene: PageScene) -> None:
    scene.project.code_shown = True
    for width, below in ((580, True), (1100, False)):
        scene.view.resize(width, 760)
        QApplication.processEvents()
        canvas, code = scene.page.canvas.geometry(), scene.page.code.geometry()
        assert (code.top() > canvas.bottom(), code.left() > canvas.right()) == (below, not below)
        assert code.width() * code.height() > 60_000


def test_tab_goes_from_the_tabs_to_the_button_in_reading_order(scene: PageScene) -> None:
    names = [stop.accessibleName() or getattr(stop, "text", str)() for stop in focus_stops(scene.view)]
    assert names == [
        "Page", "Zoom out", "Zoom in", "Fit picture", "Swipe", "As wide as the screenshot", "Toggle_code", "Copy_html",
        "More", "Screenshot and page", "First, 80 % alike", "Fix what differs", "Choose how many rounds",
    ]  # fmt: skip


@pytest.mark.parametrize("scale", [1, 2])
def test_everything_fits_whatever_the_size_of_text(scene: PageScene, shown: Theme, scale: float) -> None:
    shown.set_text_scale(scale)
    QApplication.processEvents()
    scene.view.resize(
        scene.view.minimumSizeHint().expandedTo(scene.view.size().boundedTo(scene.view.minimumSizeHint()))
    )
    QApplication.processEvents()
    assert scene.view.width() <= 520
    for button in scene.page.findChildren(QAbstractButton):
        if button.isVisible() and not any(isinstance(above, QMenu) for above in parents(button)):
            assert button.width() >= button.minimumSizeHint().width() and button.height() >= 24, button.accessibleName()


def parents(widget: QWidget) -> list[QWidget]:
    above = widget.parentWidget()
    return [above, *parents(above)] if above is not None else []


def test_another_page_takes_the_place_of_this_one(scene: PageScene, qtbot: QtBot, tmp_path: Path) -> None:
    other = page_scene(tmp_path).project
    old, version = scene.project, scene.project.current
    scene.stage.page = other
    assert scene.page.strip.cards == []
    assert version is not None
    old.subject, version.problem, old.rounds = PageElement("p", "<p>", (0, 0, 1, 1)), "Something.", 2
    assert not scene.page.subject.isVisible() and scene.page.rounds.button.text() == "Fix what differs"


def test_a_closed_stage_leaves_nothing_behind(scene: PageScene, qtbot: QtBot) -> None:
    project, version = scene.project, scene.project.current
    parts = (scene.view, scene.page, scene.page.canvas, scene.page.code, scene.page.strip.cards[0])
    gone = [weakref.ref(part) for part in parts]
    scene.view.close()
    scene.view.deleteLater()
    del scene.view, scene.page, parts
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    gc.collect()
    assert [part() for part in gone] == [None] * 5
    assert version is not None
    project.mode, version.html, project.subject = "blink", "<p>", BUTTON  # nothing of the view is left to hear it
