"""A part is cut out, asked about alone, kept, and asked about again; what fails is said."""

from __future__ import annotations

import pytest
from PySide6.QtGui import QColor, QImage
from pytestqt.qtbot import QtBot

from app.actions.regions import on_pixels
from app.state.attachments import AttachmentStatus
from app.state.engine_status import EngineState
from app.state.sheets import Sheet
from app.state.turn import Turn
from mlx_gemma4.protocol.events import BoxFound, EngineFailed, MediaProbed, MediaShown, TextDelta, TurnFinished
from mlx_gemma4.protocol.parts import ImagePart, TextPart
from mlx_gemma4.protocol.requests import ShowMedia
from tests.unit.app.scripted import DAMAGED, Rig
from tests.unit.app.store.keeping import Keeping

RED = "#CC2222"


@pytest.fixture
def quarters(tmp_path: object, qapp: object) -> str:
    """640 × 480, the lower right quarter red."""
    image = QImage(640, 480, QImage.Format.Format_RGB32)
    image.fill(QColor("#FFFFFF"))
    for y in range(240, 480):
        for x in range(320, 640, 8):
            image.setPixelColor(x, y, QColor(RED))
    file = f"{tmp_path}/quarters.png"
    image.save(file)
    return file


def begin(rig: Rig, qtbot: QtBot, file: str) -> Turn:
    """Asks about the whole picture, which is on the stage then."""
    rig.actions.engine.start()
    qtbot.waitUntil(lambda: rig.session.engine.state is EngineState.READY)
    rig.actions.attachments.add_files([file])
    qtbot.waitUntil(lambda: bool(rig.session.attachments.items[0].width))
    rig.actions.conversation.ask("Where?")
    qtbot.waitUntil(lambda: rig.session.conversation.idle)
    return rig.session.conversation.turns[-1]


def ask_about_the_lower_right(rig: Rig, qtbot: QtBot, question: str = "What is this?") -> Turn:
    """Draws and asks."""
    count = rig.session.conversation.count
    rig.actions.regions.draw.trigger()
    rig.session.stage.region = (500.0, 500.0, 1000.0, 1000.0)
    rig.actions.regions.ask(question)
    qtbot.waitUntil(lambda: rig.session.conversation.count == count + 1 and rig.session.conversation.idle)
    return rig.session.conversation.turns[-1]


def test_the_model_sees_the_part_alone_and_its_boxes_lie_on_the_whole(rig: Rig, qtbot: QtBot, quarters: str) -> None:
    whole = begin(rig, qtbot, quarters).attachments[0]
    turn = ask_about_the_lower_right(rig, qtbot)
    (message,) = rig.asks()[-1].messages
    image, words = message.parts
    assert isinstance(image, ImagePart) and words == TextPart("What is this?")
    cut = QImage(image.path)
    assert (cut.width(), cut.height()) == (320, 240) and cut.pixelColor(0, 0) == QColor(RED)
    (found,) = turn.boxes  # (10, 20, 300, 400) on the part
    assert found.box == (505.0, 510.0, 650.0, 700.0)
    stage = rig.session.stage
    assert stage.picture is whole and stage.boxes() == [found] and not stage.is_drawing and stage.region is None
    assert turn.attachments[0].name == "Part of quarters.png" and turn.attachments[0].thumbnail


def test_the_next_question_has_the_part_before_it(rig: Rig, qtbot: QtBot, quarters: str) -> None:
    begin(rig, qtbot, quarters)
    ask_about_the_lower_right(rig, qtbot)
    rig.answer = lambda ask: [(0.0, BoxFound((10, 20, 300, 400), "star", 1)), (0.0, TurnFinished("end_of_turn"))]
    rig.actions.conversation.ask("And?")
    qtbot.waitUntil(lambda: len(rig.asks()) == 3 and rig.session.conversation.idle)
    pictures = [
        part.path for message in rig.asks()[-1].messages for part in message.parts if isinstance(part, ImagePart)
    ]
    assert len(pictures) == 2 and pictures[0] == quarters
    assert rig.session.conversation.turns[-1].boxes[0].box == (505.0, 510.0, 650.0, 700.0)


def test_it_can_be_asked_again_and_without_words(rig: Rig, qtbot: QtBot, quarters: str) -> None:
    begin(rig, qtbot, quarters)
    turn = ask_about_the_lower_right(rig, qtbot, "  ")
    assert turn.question == "What is in this picture?"
    rig.actions.conversation.retry_turn(turn)
    qtbot.waitUntil(lambda: len(rig.asks()) == 3 and rig.session.conversation.idle)
    assert rig.asks()[-1].messages == rig.asks()[-2].messages


def test_a_part_of_a_page_is_cut_from_that_page(rig: Rig, qtbot: QtBot, picture: str) -> None:
    rig.probed = MediaProbed("document", 300, 400, 260, picture, picture, pages=3)
    rig.shown = lambda request: MediaShown(300, 400, picture, picture)
    begin(rig, qtbot, picture.replace(".png", ".png"))
    stage = rig.session.stage
    rig.actions.sheets.later.trigger()
    qtbot.waitUntil(lambda: stage.image is not None and stage.image.status is AttachmentStatus.READY)
    turn = ask_about_the_lower_right(rig, qtbot)
    shown = [request for request in rig.client.requests if isinstance(request, ShowMedia)]
    assert [(request.page, request.box is None) for request in shown] == [(2, True), (2, False)]
    assert turn.boxes[0].sheet == 1 and stage.sheet == 1


def test_a_part_that_cannot_be_cut_is_said_and_stays_drawn(rig: Rig, qtbot: QtBot, quarters: str) -> None:
    begin(rig, qtbot, quarters)
    rig.shown = lambda request: EngineFailed("media.damaged", f"{request.path} is damaged.", "Save it again.", True)
    rig.actions.regions.draw.trigger()
    rig.session.stage.region = (0.0, 0.0, 500.0, 500.0)
    rig.actions.regions.ask("What?")
    qtbot.waitUntil(lambda: bool(rig.session.notices.items))
    assert rig.session.notices.items[-1].text == "“quarters.png” is damaged. Save it again."
    assert rig.session.stage.region is not None and rig.actions.regions.can_ask


def test_another_picture_ends_the_drawing(rig: Rig, qtbot: QtBot, quarters: str) -> None:
    turn = begin(rig, qtbot, quarters)
    rig.actions.regions.draw.trigger()
    assert rig.actions.regions.draw.checked and not rig.actions.regions.can_ask
    rig.session.stage.clear()
    assert not rig.session.stage.is_drawing and not rig.actions.regions.draw.enabled
    rig.session.stage.show(turn)
    assert rig.actions.regions.draw.enabled


def test_edges_lie_on_whole_pixels() -> None:
    assert on_pixels((0.4, 333.3, 0.5, 666.6), 3, 100) == (0.0, 1000 / 3, 10.0, 2000 / 3)
    assert on_pixels((1.0, 2.0, 3.0, 4.0), 0, 0) == (1.0, 2.0, 3.0, 4.0)


def test_it_is_there_after_a_restart_with_its_box_and_colours(
    keeping_parts: Keeping, qtbot: QtBot, quarters: str
) -> None:
    rig = keeping_parts.begin()
    begin(rig, qtbot, quarters)
    ask_about_the_lower_right(rig, qtbot)
    whole = rig.session.conversation.turns[0].attachments[0]
    whole.colours = (("star", 4),)
    rig = keeping_parts.again(rig)
    keeping_parts.wait(lambda: rig.session.conversation.count == 2)
    first, second = rig.session.conversation.turns
    region = second.attachments[0].region
    assert region is not None and region.of is first.attachments[0] and region.box == (500.0, 500.0, 1000.0, 1000.0)
    assert second.boxes[0].box == (505.0, 510.0, 650.0, 700.0)
    assert first.attachments[0].colours == (("star", 4),)
    assert rig.session.stage.picture is first.attachments[0]
    first.attachments[0].colours = (("star", 5),)
    rig.actions.conversation.retry_turn(second)
    keeping_parts.wait(lambda: rig.session.conversation.idle)
    cut = rig.asks()[-1].messages[0].parts[0]
    assert isinstance(cut, ImagePart) and QImage(cut.path).width() == 320
    rig = keeping_parts.again(rig)
    keeping_parts.wait(lambda: rig.session.conversation.count == 2)
    assert rig.session.conversation.turns[0].attachments[0].colours == (("star", 5),)


def test_a_page_that_cannot_be_shown_says_why_and_one_that_a_lost_engine_owed_is_asked_for_again(
    rig: Rig, qtbot: QtBot, picture: str
) -> None:
    rig.probed = MediaProbed("document", 300, 400, 260, picture, picture, pages=3)
    rig.shown = lambda request: DAMAGED if request.page == 3 else EngineFailed("engine.gone", "Gone.", "", True)
    begin(rig, qtbot, picture)
    stage = rig.session.stage
    stage.sheet = 2
    page = stage.image
    assert isinstance(page, Sheet)
    qtbot.waitUntil(lambda: page.status is AttachmentStatus.REFUSED)
    assert page.error == "The picture is damaged."
    stage.sheet = 1
    page = stage.image
    assert isinstance(page, Sheet)
    qtbot.waitUntil(lambda: not page.request_id)
    rig.shown = lambda request: MediaShown(300, 400, picture, picture)
    rig.actions.engine.start_again()
    qtbot.waitUntil(lambda: page.status is AttachmentStatus.READY)


def test_boxes_of_a_clip_come_to_the_moment_that_is_named(rig: Rig, qtbot: QtBot, picture: str) -> None:
    rig.probed = MediaProbed("clip", 640, 480, 70, picture, picture, 6.0, 0, (0.0, 2.5, 5.0))
    rig.answer = lambda ask: [
        (0.0, TextDelta('At 00:05:\n[{"box_2d": [1, 2, 3, 4], "label": "x"}]')),
        (0.0, BoxFound((1, 2, 3, 4), "x", 0, None, 5.0)),
        (0.0, TurnFinished("end_of_turn")),
    ]
    begin(rig, qtbot, picture)
    stage = rig.session.stage
    assert stage.sheet == 2 and len(stage.boxes()) == 1
    shown = [request for request in rig.client.requests if isinstance(request, ShowMedia)]
    assert [request.seconds for request in shown if request.longest == 4096] == [5.0]


@pytest.fixture
def keeping_parts(tmp_path: object, qtbot: QtBot) -> object:
    from pathlib import Path

    keeping = Keeping(Path(str(tmp_path)) / "kept", qtbot)
    yield keeping
    keeping.close()
