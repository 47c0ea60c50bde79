"""The list of conversations, and finding words in them."""

from __future__ import annotations

import sqlite3

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QLineEdit
from pytestqt.qtbot import QtBot

from app.state.dates import grouped
from app.state.library import Entry
from app.store.schema import NAME
from app.views.main_window import MainWindow
from app.views.search.hit_list import HitList, pieces
from app.views.search.search_panel import SearchPanel
from app.views.sidebar.sidebar import ConversationList
from app.views.theme import Theme
from mlx_gemma4.protocol.events import TextDelta, TurnFinished
from tests.unit.app.scripted import Rig
from tests.unit.app.store.keeping import Keeping

DAY = 86_400.0


def titles(rig: Rig) -> list[str]:
    """The list, from the top."""
    return [entry.title for entry in rig.session.library.entries]


@pytest.fixture
def three(keeping: Keeping) -> Rig:
    """Three conversations; the last is on the screen."""
    rig = keeping.begin(
        lambda ask: [(0.0, TextDelta(f"Answer {len(ask.messages)}")), (0.0, TurnFinished("end_of_turn"))]
    )
    for title in ("Apples", "Bears", "Clouds"):
        rig.actions.conversation.new.trigger()
        keeping.ask(rig, f"{title} in winter?")
    return rig


def window_of(rig: Rig, qtbot: QtBot) -> MainWindow:
    """On the screen."""
    window = MainWindow(rig.session, rig.actions)
    qtbot.addWidget(window)
    window.show()
    window.activateWindow()
    return window


def test_the_list_has_every_conversation_with_the_newest_first(three: Rig, keeping: Keeping) -> None:
    expected = ["Clouds in winter?", "Bears in winter?", "Apples in winter?"]
    assert titles(three) == expected and three.session.library.current == three.session.conversation.key
    rig = keeping.again(three)
    assert titles(rig) == expected
    assert rig.session.conversation.turns[0].question == "Clouds in winter?"
    oldest = rig.session.library.entries[2].key
    keeping.open(rig, oldest)
    keeping.ask(rig, "And in summer?")
    assert titles(rig)[0] == "Apples in winter?"
    assert len(rig.session.conversation.turns) == 2


def test_a_name_a_pin_and_a_deletion_are_kept(three: Rig, keeping: Keeping) -> None:
    apples, bears = three.session.library.entries[2], three.session.library.entries[1]
    three.actions.library.rename(apples.key, "  Only \n apples ")
    three.actions.library.rename(bears.key, "   ")
    three.actions.library.pin(apples.key, True)
    three.actions.library.delete(bears.key)
    assert titles(three) == ["Clouds in winter?", "Only apples"]
    rig = keeping.again(three)
    assert titles(rig) == ["Clouds in winter?", "Only apples"]
    assert rig.session.library.entries[1].pinned
    with sqlite3.connect(keeping.folder / NAME) as connection:
        assert connection.execute("SELECT count(*) FROM turns").fetchone() == (2,)
        assert connection.execute("SELECT count(*) FROM bodies").fetchone() == (2,)


def test_a_deletion_can_be_undone(three: Rig, keeping: Keeping) -> None:
    bears = three.session.library.entries[1]
    three.actions.library.delete(bears.key)
    (notice,) = three.session.notices.items
    assert notice.text == "“Bears in winter?” was deleted."
    three.actions.run(notice.action_id)
    assert titles(three)[1] == "Bears in winter?" and three.session.notices.items == ()
    rig = keeping.again(three)
    assert titles(rig)[1] == "Bears in winter?"


def test_deleting_the_one_on_the_screen_leaves_an_empty_one(three: Rig) -> None:
    three.actions.library.delete(three.session.conversation.key)
    assert three.session.conversation.turns == [] and three.session.library.current is None
    three.actions.library.undelete.trigger()
    assert len(titles(three)) == 3


def test_words_are_found_in_titles_questions_and_answers(three: Rig, keeping: Keeping) -> None:
    search = three.session.search

    def find(words: str) -> list[tuple[str, bool]]:
        three.actions.library.search(words)
        keeping.wait(lambda: search.found_for == words)
        return [(hit.entry.title, hit.turn is None) for hit in search.hits]

    assert find("app") == [("Apples in winter?", True), ("Apples in winter?", False)]
    assert find("winter ANSW")[0] == ("Clouds in winter?", False)
    assert find("winter answ ") == []
    assert find('" OR * NEAR( -x') == []
    three.actions.library.search("")
    assert search.hits == ()
    three.actions.library.delete(three.session.library.entries[2].key)
    assert find("apples") == []


def test_a_hit_opens_its_conversation_at_its_turn_on_its_branch(three: Rig, keeping: Keeping) -> None:
    first = three.session.conversation.turns[0]
    three.actions.conversation.edit_turn(first, "Something else?")
    keeping.wait(lambda: three.session.conversation.idle)
    three.actions.conversation.new.trigger()
    three.actions.library.search("clouds")
    keeping.wait(lambda: bool(three.session.search.hits))
    hit = next(hit for hit in three.session.search.hits if hit.turn is not None)
    wanted: list = []
    three.actions.library.turn_wanted.connect(wanted.append)
    three.actions.library.open(hit.entry.key, hit.turn)
    keeping.wait(lambda: bool(wanted))
    assert three.session.conversation.turns == wanted and wanted[0].question == "Clouds in winter?"


def test_entries_stand_under_the_day_of_their_last_change() -> None:
    noon = 1_700_000_000.0
    entries = [
        Entry(1, "pinned", "words", 0, noon - 400 * DAY, pinned=True),
        *(Entry(n, "x", "words", 0, noon - days * DAY) for n, days in enumerate((0, 1, 3, 20, 100, 400), 2)),
    ]
    headings = [heading for heading, _ in grouped(entries, noon)]
    assert headings == ["Pinned", "Today", "Yesterday", "Previous 7 days", "Previous 30 days", "August", "2022"]


def test_the_sidebar_opens_renames_and_deletes_by_keyboard(
    three: Rig, keeping: Keeping, qtbot: QtBot, shown: Theme
) -> None:
    window = window_of(three, qtbot)
    listed = window.findChild(ConversationList)
    assert isinstance(listed, ConversationList) and listed.isVisible()
    listed.setFocus()
    newest, middle, _ = three.session.library.entries
    qtbot.keyClick(listed, Qt.Key.Key_Down)
    keeping.wait(lambda: three.session.library.current == middle.key)
    qtbot.keyClick(listed, Qt.Key.Key_F2)
    field = listed.findChild(QLineEdit)
    assert isinstance(field, QLineEdit) and field.text() == middle.title
    three.session.library.current = None  # as while another conversation comes onto the screen
    assert listed.findChild(QLineEdit) is field and field.isVisible()
    three.session.library.current = middle.key
    qtbot.keyClicks(field, "Brown bears")
    qtbot.keyClick(field, Qt.Key.Key_Return)
    keeping.wait(lambda: titles(three)[1] == "Brown bears")
    assert three.session.conversation.title == "Brown bears"
    qtbot.wait(5)
    listed.setFocus()
    qtbot.keyClick(listed, Qt.Key.Key_Delete)
    assert titles(three) == [newest.title, "Apples in winter?"]
    row = listed.visualRect(listed.model().index(1, 0)).center()
    qtbot.mouseClick(listed.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(row))
    keeping.wait(lambda: three.session.library.current == newest.key)


def test_the_sidebar_comes_and_goes(three: Rig, qtbot: QtBot, shown: Theme) -> None:
    window = window_of(three, qtbot)
    listed = window.findChild(ConversationList)
    assert isinstance(listed, ConversationList) and listed.isVisible()
    three.actions.library.toggle_list.trigger()
    assert not listed.isVisible() and not three.actions.library.toggle_list.checked
    three.actions.library.toggle_list.trigger()
    assert listed.isVisible()


def test_the_search_panel_finds_while_one_types_and_opens_with_return(
    three: Rig, keeping: Keeping, qtbot: QtBot, shown: Theme
) -> None:
    window = window_of(three, qtbot)
    panel, hits = window.findChild(SearchPanel), window.findChild(HitList)
    assert isinstance(panel, SearchPanel) and isinstance(hits, HitList) and not panel.isVisible()
    three.actions.library.find.trigger()
    qtbot.waitUntil(panel.field.hasFocus)
    qtbot.keyClicks(panel.field, "bea")
    keeping.wait(lambda: three.session.search.found_for == "bea" and hits.isVisible())
    qtbot.keyClick(panel.field, Qt.Key.Key_Down)
    assert hits.currentIndex().row() == 1
    qtbot.keyClick(panel.field, Qt.Key.Key_Return)
    keeping.wait(lambda: three.session.conversation.turns[0].question == "Bears in winter?")
    assert not panel.isVisible()
    three.actions.library.find.trigger()
    qtbot.keyClicks(panel.field, "zebra")
    keeping.wait(lambda: three.session.search.found_for == "zebra")
    assert not hits.isVisible()
    qtbot.keyClick(panel.field, Qt.Key.Key_Escape)
    assert not panel.isVisible()


def test_a_snippet_says_what_was_found() -> None:
    assert pieces("a \x02b\x03 c \x02d\x03") == [("a ", False), ("b", True), (" c ", False), ("d", True)]
    assert pieces("plain") == [("plain", False)]
