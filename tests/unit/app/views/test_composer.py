"""Writing and sending, by keyboard and pointer."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from PySide6.QtCore import QMimeData, Qt, QUrl
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QLabel, QPushButton
from pytestqt.qtbot import QtBot

from app.state.attachments import Attachment, AttachmentStatus
from app.state.engine_status import EngineState
from app.state.estimate import Cost
from app.state.turn import TurnStatus
from app.views.composer.attachment_row import AttachmentChip
from app.views.composer.composer import Composer, SendButton
from app.views.composer.cost_label import CostLabel, Obstacle
from app.views.composer.hearing_note import HearingNote
from app.views.composer.resolution_button import ResolutionButton
from app.views.theme import Theme
from mlx_gemma4.protocol.events import MediaProbed, TextDelta
from tests.unit.app.scripted import GIB, Rig


@pytest.fixture
def composer(rig: Rig, qtbot: QtBot, shown: Theme) -> Iterator[Composer]:
    """On the screen, with an engine that is ready."""
    composer = Composer(rig.session, rig.actions)
    qtbot.addWidget(composer)
    composer.resize(600, 120)
    composer.show()
    rig.actions.engine.start()
    qtbot.waitUntil(lambda: rig.session.engine.state is EngineState.READY)
    return composer


def button(composer: Composer) -> SendButton:
    found = composer.findChild(SendButton)
    assert isinstance(found, SendButton)
    return found


def test_return_sends_and_shift_return_breaks_the_line(composer: Composer, rig: Rig, qtbot: QtBot) -> None:
    qtbot.keyClicks(composer.field, "Where")
    qtbot.keyClick(composer.field, Qt.Key.Key_Return, Qt.KeyboardModifier.ShiftModifier)
    qtbot.keyClicks(composer.field, "is it?")
    assert rig.session.draft.text == "Where\nis it?"
    qtbot.keyClick(composer.field, Qt.Key.Key_Return)
    assert [turn.question for turn in rig.session.conversation.turns] == ["Where\nis it?"]
    assert composer.field.toPlainText() == ""


def test_the_field_grows_to_eight_lines_and_then_scrolls(composer: Composer, qtbot: QtBot) -> None:
    heights = []
    for lines in (1, 2, 8, 9, 30):
        composer.field.setPlainText("\n".join("line" for _ in range(lines)))
        heights.append(composer.field.height())
    assert heights[0] < heights[1] < heights[2] == heights[3] == heights[4]


def test_send_and_stop_are_one_button(composer: Composer, rig: Rig, qtbot: QtBot) -> None:
    rig.answer = lambda _: [(0.0, TextDelta("Once"))]
    send = button(composer)
    assert not send.isEnabled() and send.accessibleName() == "Send"
    qtbot.keyClicks(composer.field, "A story!")
    qtbot.mouseClick(send, Qt.MouseButton.LeftButton)
    turn = rig.session.conversation.turns[0]
    qtbot.waitUntil(lambda: turn.status is TurnStatus.ANSWERING)
    assert send.isEnabled() and send.accessibleName() == "Stop"
    qtbot.mouseClick(send, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: turn.status is TurnStatus.STOPPED)
    assert send.accessibleName() == "Send"


@pytest.mark.parametrize(
    ("probed", "detail"),
    [
        (MediaProbed("clip", 640, 480, 2_000, "", "", seconds=72.2), "1:12 · 2,000 tok"),
        (MediaProbed("sound", 0, 0, 310, "", "", seconds=12.4), "0:12 · 310 tok"),
        (MediaProbed("document", 595, 842, 266, "", "", pages=1), "1 page · 266 tok"),
    ],
)
def test_a_chip_gives_the_measure_of_its_kind(composer: Composer, rig: Rig, probed: MediaProbed, detail: str) -> None:
    rig.session.attachments.add(Attachment("/a.bin", "probe-1"))
    rig.session.apply(replace(probed, request_id="probe-1"))
    (chip,) = composer.findChildren(AttachmentChip)
    assert chip.accessibleName() == f"a.bin, {detail}"


def test_chips_say_what_a_picture_costs_and_what_is_wrong_with_a_file(
    composer: Composer, rig: Rig, qtbot: QtBot, picture: str
) -> None:
    damaged = picture.replace("blue", "damaged")
    QUrl.fromLocalFile(damaged)
    with open(damaged, "wb"):
        pass
    rig.actions.attachments.add_files([picture, damaged])
    qtbot.waitUntil(lambda: all(item.status is not AttachmentStatus.PROBING for item in rig.session.attachments.items))
    good, bad = composer.findChildren(AttachmentChip)
    assert good.accessibleName() == "blue.png, 640 × 480 · 130 tok"
    assert bad.accessibleName() == "damaged.png, Can't be used"
    (cost,) = composer.findChildren(CostLabel)
    qtbot.waitUntil(lambda: cost.text() == "150 tok")  # all of the question
    words = [label.text() for label in composer.findChildren(QLabel) if label.isVisible()]
    assert "The picture is damaged. Save it again." in words
    qtbot.keyClick(bad, Qt.Key.Key_Delete)
    words = [label.text() for label in composer.findChildren(QLabel) if label.isVisible()]
    assert rig.session.attachments.count == 1 and "The picture is damaged. Save it again." not in words


def test_the_placeholder_is_the_question_that_will_be_asked(composer: Composer, rig: Rig, picture: str) -> None:
    rig.actions.attachments.add_files([picture])
    assert composer.field.placeholderText() == "What is in this picture?"
    rig.actions.attachments.remove(rig.session.attachments.items[0])
    assert composer.field.placeholderText() == "Drop a picture or clip, or ask…"


def test_files_and_words_can_be_pasted_into_the_field(composer: Composer, rig: Rig, qtbot: QtBot, picture: str) -> None:
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(picture)])
    QGuiApplication.clipboard().setMimeData(mime)
    composer.field.paste()
    assert rig.session.attachments.count == 1 and composer.field.toPlainText() == ""
    QGuiApplication.clipboard().setText("<b>bold</b>")
    composer.field.paste()
    assert composer.field.toPlainText() == "<b>bold</b>"


def test_while_the_model_loads_the_composer_says_so_and_takes_words(rig: Rig, qtbot: QtBot, shown: Theme) -> None:
    rig.loads = False
    composer = Composer(rig.session, rig.actions)
    qtbot.addWidget(composer)
    composer.show()
    rig.actions.engine.start()
    qtbot.waitUntil(lambda: rig.session.engine.state is EngineState.LOADING)
    assert any(label.text() == "Loading the model…" for label in composer.findChildren(QLabel))
    qtbot.keyClicks(composer.field, "Hello")
    assert button(composer).isEnabled()


def test_the_cost_of_the_question_stands_beside_send(composer: Composer, rig: Rig) -> None:
    (label,) = composer.findChildren(CostLabel)
    rig.session.engine.state = EngineState.READY
    rig.session.estimate.cost = Cost(1_039, 264, 752, 8_192, 2.2)
    assert label.text() == "1,039 tok · ~2 s"
    for figure in ("1,039", "264", "752", "8,192", "~2 s"):
        assert figure in label.toolTip()
    rig.session.estimate.cost = Cost(1_039)
    assert label.text() == "1,039 tok"
    rig.session.engine.state = EngineState.LOADING
    rig.session.estimate.cost = None
    assert label.text() == "Loading the model…"


def test_what_is_in_the_way_is_said_with_figures_and_a_way_out(composer: Composer, rig: Rig) -> None:
    (obstacle,) = composer.findChildren(Obstacle)
    words, button = obstacle.findChildren(QLabel)[0], obstacle.findChildren(QPushButton)[0]
    assert obstacle.isHidden()
    rig.session.estimate.cost = Cost(
        9_000, most=32_000, need_bytes=round(1.4 * GIB), free_bytes=900 << 20, obstacle="no room"
    )
    assert not obstacle.isHidden() and not button.isHidden()
    assert "1.4 GB" in words.text() and "900 MB" in words.text() and "Shorten it" in words.text()
    rig.session.estimate.cost = Cost(9_000, most=8_192, obstacle="too long")
    assert "9,000" in words.text() and "8,192" in words.text()
    assert button.isHidden()
    rig.session.estimate.cost = Cost(900)
    assert obstacle.isHidden()


def test_a_picture_has_a_menu_of_resolutions_and_a_sound_none(
    composer: Composer, rig: Rig, qtbot: QtBot, picture: str
) -> None:
    rig.session.attachments.add(Attachment("/a.bin", "probe-1", "sound"))
    rig.session.apply(MediaProbed("sound", 0, 0, 310, "", "", seconds=12.4, request_id="probe-1"))
    rig.actions.attachments.add_files([picture])
    item = rig.session.attachments.items[1]
    qtbot.waitUntil(lambda: item.status is AttachmentStatus.READY)
    without, offered = composer.findChildren(ResolutionButton)
    assert without.isHidden() and not offered.isHidden()
    offered.menu.aboutToShow.emit()
    choices = offered.menu.actions()
    assert [choice.text().split(" · ")[0] for choice in choices] == ["Low", "Medium", "Standard", "High", "Very high"]
    assert [choice.isChecked() for choice in choices] == [False, False, True, False, False]
    choices[4].trigger()
    assert item.budget == 1120
    assert choices[4].text().endswith(f"{item.soft_tokens:,} tokens")


@pytest.mark.parametrize(
    ("file", "says"),
    [
        (MediaProbed("clip", 640, 480, 2_000, "", "", seconds=7.0, has_sound=True), "the sound is left out"),
        (MediaProbed("sound", 0, 0, 310, "", "", seconds=12.4), "take the recording out"),
        (MediaProbed("clip", 640, 480, 2_000, "", "", seconds=7.0), ""),
    ],
)
def test_what_a_model_will_not_hear_is_said_before_send(
    composer: Composer, rig: Rig, picture: str, qtbot: QtBot, file: MediaProbed, says: str
) -> None:
    note = composer.findChild(HearingNote)
    assert isinstance(note, HearingNote) and not note.isVisible()
    rig.probed = file
    rig.actions.attachments.add_files([picture])
    qtbot.waitUntil(lambda: rig.session.attachments.items[0].status is AttachmentStatus.READY)
    assert note.isVisible() == bool(says) and says in note.text()
    rig.session.engine.hears = True
    assert not note.isVisible()
    rig.session.engine.hears = False
    rig.session.begin_new()
    assert not note.isVisible()
