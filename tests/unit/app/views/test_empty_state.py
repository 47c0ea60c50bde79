"""The first screen: samples to click, and the truth about the model."""

import json
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from app.intake.samples import Sample, bundled_samples, listed_samples
from app.platform.bundled import bundled
from app.views.empty_state import FINDING, HEARING, READING, REBUILDING, SEEING, EmptyState
from app.views.sample_card import SampleCard
from app.views.theme import Theme


def shown_state(
    qtbot: QtBot, width: int = 860, height: int = 500, samples: Sequence[Sample] | None = None
) -> tuple[EmptyState, list[tuple[str, str]]]:
    asked: list[tuple[str, str]] = []
    state = EmptyState(
        on_sample=lambda path, question: asked.append((path, question)),
        on_page=lambda path: asked.append((path, "page")),
        samples=samples,
    )
    qtbot.addWidget(state)
    state.resize(width, height)
    state.show()
    qtbot.waitExposed(state)
    return state, asked


def test_a_click_on_a_card_asks_its_question_about_its_picture(qtbot: QtBot, shown: Theme) -> None:
    state, asked = shown_state(qtbot, samples=listed_samples())
    for card in state.findChildren(SampleCard):
        qtbot.mouseClick(card, Qt.MouseButton.LeftButton)
    *pictures, screenshot = listed_samples()
    assert asked == [*((sample.path, sample.question) for sample in pictures), (screenshot.path, "page")]
    assert len(asked) == 4
    assert all(Path(path).is_file() for path, _ in asked)


def test_what_the_bundled_model_has_not_learnt_is_not_offered(qtbot: QtBot, shown: Theme) -> None:
    learnt = json.loads((bundled("tour") / "jobs.json").read_text())
    offered = bundled_samples()
    assert {sample.job for sample in offered} <= set(learnt)
    assert [sample for sample in listed_samples() if sample.job in learnt] == list(offered)
    state, _ = shown_state(qtbot)
    assert len(state.findChildren(SampleCard)) == len(offered) >= 3
    said = {label.text() for label in state.findChildren(QLabel)}
    assert set(REBUILDING if "page" in learnt else FINDING) <= said
    everything, _ = shown_state(qtbot, samples=listed_samples())
    assert set(REBUILDING) <= {label.text() for label in everything.findChildren(QLabel)}


def test_a_card_can_be_pressed_by_keyboard_and_read_aloud(qtbot: QtBot, shown: Theme) -> None:
    state, asked = shown_state(qtbot)
    card = state.findChildren(SampleCard)[1]
    assert card.focusPolicy() & Qt.FocusPolicy.TabFocus
    assert bundled_samples()[1].question in card.accessibleName()
    qtbot.keyClick(card, Qt.Key.Key_Space)
    assert len(asked) == 1


def test_cards_are_not_cut_in_a_small_window_with_text_twice_as_large(qtbot: QtBot, shown: Theme) -> None:
    shown.set_text_scale(2)
    state, _ = shown_state(qtbot, 430, 300)
    page = state.widget()
    assert page.width() == state.viewport().width()
    for card in state.findChildren(SampleCard):
        assert page.rect().contains(card.geometry())
        assert card.height() >= card.heightForWidth(card.width())


def test_a_card_shows_its_picture(qtbot: QtBot, shown: Theme, tmp_path: Path) -> None:
    picture = QImage(300, 300, QImage.Format.Format_RGB32)
    picture.fill(QColor("#009E73"))
    picture.save(str(tmp_path / "green.png"))
    card = SampleCard(str(tmp_path / "green.png"), "What is green?")
    qtbot.addWidget(card)
    card.resize(card.sizeHint())
    assert card.grab().toImage().pixelColor(card.width() // 2, 40) == QColor("#009E73")


def test_a_tall_picture_is_shown_whole_on_its_own_ground(qtbot: QtBot, shown: Theme, tmp_path: Path) -> None:
    picture = QImage(100, 400, QImage.Format.Format_RGB32)
    picture.fill(QColor("#808080"))
    for y in (*range(40), *range(360, 400)):  # both ends, which a cut to the middle would lose
        for x in range(20, 80):
            picture.setPixelColor(x, y, QColor("#FF0000"))
    picture.save(str(tmp_path / "tall.png"))
    card = SampleCard(str(tmp_path / "tall.png"), "What is red?")
    qtbot.addWidget(card)
    card.resize(card.sizeHint())
    image = card.grab().toImage()
    assert [image.pixelColor(card.width() // 2, y) for y in (8, 144)] == [QColor("#FF0000")] * 2
    assert image.pixelColor(30, 70) == QColor("#808080")


def test_samples_can_be_given(qtbot: QtBot, shown: Theme) -> None:
    state = EmptyState(lambda path, question: None, lambda path: None, samples=[Sample("none.png", "What?")])
    qtbot.addWidget(state)
    assert len(state.findChildren(SampleCard)) == 1


def test_a_model_that_has_learnt_more_is_offered_more(qtbot: QtBot, shown: Theme) -> None:
    state, asked = shown_state(qtbot, width=948)

    def said() -> set[str]:
        return {label.text() for label in state.findChildren(QLabel)}

    def cards() -> list[SampleCard]:
        return [card for card in state.findChildren(SampleCard) if card.isVisible()]

    for hears, words in ((True, HEARING), (False, SEEING)):
        state.offer(True, hears)
        qtbot.waitUntil(lambda: len(cards()) == len(listed_samples()))
        assert set(words) <= said()
        qtbot.waitUntil(lambda: all(card.height() >= card.heightForWidth(card.width()) for card in cards()))
    qtbot.mouseClick(cards()[-1], Qt.MouseButton.LeftButton)
    assert asked == [(listed_samples()[-1].path, "page")]
    state.offer(False, False)
    qtbot.waitUntil(lambda: not cards())
    assert set(READING) <= said()
    state.offer_learnt()
    qtbot.waitUntil(lambda: len(cards()) == len(bundled_samples()))
