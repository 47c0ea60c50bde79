"""Small pictures keep the proportions that they should, whenever the engine tells them."""

import pytest
from pytestqt.qtbot import QtBot

from app.state.attachments import Attachment, AttachmentStatus
from app.views.theme import Theme
from app.views.thumbnail import Thumbnail


@pytest.mark.parametrize(
    ("size", "shown_size"),
    [((900, 900), (100, 100)), ((640, 480), (133, 100)), ((480, 800), (60, 100)), ((3000, 300), (175, 33))],
)
def test_one_picture_is_shown_whole_once_its_size_is_known(
    qtbot: QtBot, shown: Theme, size: tuple[int, int], shown_size: tuple[int, int]
) -> None:
    picture = Attachment("late.png")
    thumbnail = Thumbnail(picture, 100, whole=True)
    qtbot.addWidget(thumbnail)
    assert (thumbnail.width(), thumbnail.height()) == (100, 100)
    picture.width, picture.height = size
    picture.status = AttachmentStatus.READY
    assert (thumbnail.width(), thumbnail.height()) == shown_size


def test_several_pictures_are_squares(qtbot: QtBot, shown: Theme) -> None:
    picture = Attachment("late.png")
    thumbnail = Thumbnail(picture, 72)
    qtbot.addWidget(thumbnail)
    picture.width, picture.height = 640, 480
    picture.status = AttachmentStatus.READY
    assert (thumbnail.width(), thumbnail.height()) == (72, 72)
