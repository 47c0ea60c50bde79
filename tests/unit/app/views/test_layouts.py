"""Segments, cards, rows and lines that give way: where things go when there is little room."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from app.views.card_layout import CardLayout
from app.views.elided_label import ElidedLabel
from app.views.flow_layout import FlowLayout
from app.views.sample_card import SampleCard
from app.views.segmented import Choice, Segmented
from app.views.theme import Theme


def inside(qtbot: QtBot, layout: CardLayout | FlowLayout, width: int) -> QWidget:
    widget = QWidget()
    qtbot.addWidget(widget)
    widget.setLayout(layout)
    widget.resize(width, 900)
    widget.show()
    return widget


@pytest.mark.parametrize(("width", "rows"), [(1000, [4]), (500, [4]), (430, [2, 2]), (200, [1, 1, 1, 1])])
def test_cards_stand_in_rows_of_as_many(qtbot: QtBot, shown: Theme, width: int, rows: list[int]) -> None:
    layout = CardLayout(16)
    cards = [SampleCard("none.png", "What is in this picture?") for _ in range(4)]
    for card in cards:
        layout.addWidget(card)
    widget = inside(qtbot, layout, width)
    tops = [card.y() for card in cards]
    assert [tops.count(top) for top in sorted(set(tops))] == rows
    assert {card.width() for card in cards} == {min(224, (width - 16 * (rows[0] - 1)) // rows[0])}
    assert cards[0].x() == pytest.approx(widget.width() - cards[rows[0] - 1].geometry().right() - 1, abs=1)
    assert all(widget.rect().contains(card.geometry()) for card in cards)


def test_the_last_of_a_row_can_stand_at_its_end_and_all_are_level(qtbot: QtBot) -> None:
    layout = FlowLayout(spacing=8, last_at_end=True)
    items = [QWidget() for _ in range(3)]
    for item, (width, height) in zip(items, ((100, 32), (80, 32), (60, 28)), strict=True):
        item.setFixedSize(width, height)
        layout.addWidget(item)
    widget = inside(qtbot, layout, 300)
    assert items[2].geometry().right() == 299
    assert {item.geometry().center().y() for item in items} == {15}
    widget.resize(200, 900)
    assert (items[2].y(), items[2].geometry().right(), layout.heightForWidth(200)) == (40, 199, 68)


def test_a_line_gives_way_in_its_middle_and_says_all_when_asked(qtbot: QtBot, shown: Theme) -> None:
    label = ElidedLabel()
    qtbot.addWidget(label)
    label.setText("a rather long name of a screenshot.png")
    label.resize(label.sizeHint())
    label.grab()
    assert label.toolTip() == ""
    label.resize(80, label.height())
    label.grab()
    assert label.toolTip() == label.text()
    assert label.minimumSizeHint().width() < 40


def test_a_segment_that_is_clicked_waits_for_the_state(qtbot: QtBot, shown: Theme) -> None:
    segmented = Segmented("Which", [Choice("a", "Apple"), Choice("b", "Bread", "page", "With butter")])
    qtbot.addWidget(segmented)
    wanted: list[str] = []
    segmented.chosen.connect(wanted.append)
    qtbot.mouseClick(segmented.segments[1], Qt.MouseButton.LeftButton)
    qtbot.mouseClick(segmented.segments[0], Qt.MouseButton.LeftButton)
    assert (wanted, segmented.current) == (["b"], "a")
    assert [segment.isChecked() for segment in segmented.segments] == [True, False]
    assert segmented.segments[1].accessibleName() == "Bread" and segmented.segments[1].toolTip() == "With butter"


def test_choosing_another_moves_nothing(qtbot: QtBot, shown: Theme) -> None:
    segmented = Segmented("Which", [Choice("a", "Apple"), Choice("b", "Bread")])
    qtbot.addWidget(segmented)
    before = segmented.sizeHint()
    segmented.set_current("b")
    assert segmented.sizeHint() == before
