"""Files come and go."""

from pathlib import Path

from PySide6.QtCore import QMimeData, QUrl
from PySide6.QtGui import QGuiApplication, QImage
from pytestqt.qtbot import QtBot

from app.state.attachments import MOST_FILES, AttachmentStatus
from mlx_gemma4.protocol.requests import Stop
from tests.unit.app.scripted import Rig


def dragged(*paths: Path | str) -> QMimeData:
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    return mime


def texts(rig: Rig) -> list[str]:
    return [notice.text for notice in rig.session.notices.items]


def test_a_dropped_picture_is_looked_at(rig: Rig, qtbot: QtBot, picture: str) -> None:
    rig.actions.engine.start()
    rig.actions.attachments.add_from(dragged(picture))
    (attachment,) = rig.session.attachments.items
    qtbot.waitUntil(lambda: attachment.status is AttachmentStatus.READY)
    assert (attachment.soft_tokens, attachment.name) == (130, "blue.png") and texts(rig) == []


def test_a_damaged_picture_says_so_itself(rig: Rig, qtbot: QtBot, tmp_path: Path) -> None:
    (tmp_path / "damaged.png").touch()
    rig.actions.engine.start()
    rig.actions.attachments.add_from(dragged(tmp_path / "damaged.png"))
    (attachment,) = rig.session.attachments.items
    qtbot.waitUntil(lambda: attachment.status is AttachmentStatus.REFUSED)
    assert attachment.error == "The picture is damaged." and texts(rig) == []


def test_forty_files_at_once_are_eight_and_one_notice(rig: Rig, tmp_path: Path) -> None:
    files = [tmp_path / f"{number}.png" for number in range(40)]
    for file in files:
        file.touch()
    promise, welcome, _ = rig.actions.attachments.promise(dragged(*files))
    assert promise == "Ask about the first 8 of these 40 pictures" and welcome
    rig.actions.attachments.add_from(dragged(*files))
    assert rig.session.attachments.count == MOST_FILES
    assert texts(rig) == ["A question takes 8 pictures: the first 8 of 40 were added."]


def test_folders_links_and_vanished_files_get_one_sentence_each(rig: Rig, tmp_path: Path) -> None:
    link = QMimeData()
    link.setUrls([QUrl("https://example.org/star.png")])
    for mime, words in (
        (dragged(tmp_path), "is a folder"),
        (dragged(tmp_path / "gone.png"), "not there any more"),
        (link, "doesn't open links"),
    ):
        promise, welcome, _ = rig.actions.attachments.promise(mime)
        assert words in promise and not welcome
        rig.actions.attachments.add_from(mime)
        (text,) = texts(rig)
        assert words in text
    assert rig.session.attachments.items == []


def test_the_next_good_drop_takes_the_last_complaint_away(rig: Rig, tmp_path: Path, picture: str) -> None:
    rig.actions.attachments.add_from(dragged(tmp_path))
    rig.actions.attachments.add_from(dragged(picture))
    assert texts(rig) == []


def test_a_file_that_is_taken_out_is_not_looked_at_any_longer(rig: Rig, picture: str) -> None:
    rig.actions.attachments.add_files([picture])
    (attachment,) = rig.session.attachments.items
    rig.actions.engine.start()
    rig.actions.attachments.remove(attachment)
    assert rig.session.attachments.items == []
    assert any(isinstance(r, Stop) and r.request_id == attachment.request_id for r in rig.client.requests)


def test_files_are_chosen_in_a_dialog(rig: Rig, picture: str) -> None:
    rig.actions.attachments.open.trigger()
    assert rig.session.attachments.items == []
    rig.chosen = [picture]
    rig.actions.attachments.open.trigger()
    assert rig.session.attachments.count == 1


def test_pictures_and_words_are_pasted(rig: Rig) -> None:
    image = QImage(8, 6, QImage.Format.Format_RGB32)
    image.fill(0xFF8800)
    QGuiApplication.clipboard().setImage(image)
    rig.actions.attachments.paste.trigger()
    (attachment,) = rig.session.attachments.items
    assert QImage(attachment.path).size() == image.size()
    QGuiApplication.clipboard().setText("What is this?")
    rig.actions.attachments.paste.trigger()
    assert rig.session.draft.text == "What is this?"
    rig.actions.attachments.close()
    assert not Path(attachment.path).exists()


def test_what_the_model_has_no_sense_for_is_refused_in_words(rig: Rig, qtbot: QtBot, tmp_path: Path) -> None:
    for name in ("talk.wav", "clip.mov"):
        (tmp_path / name).touch()
    rig.actions.engine.start()  # the scripted model sees and does not hear
    qtbot.waitUntil(lambda: not rig.session.engine.hears)
    rig.actions.attachments.add_from(dragged(tmp_path / "talk.wav", tmp_path / "clip.mov"))
    assert [item.name for item in rig.session.attachments.items] == ["clip.mov"]
    assert rig.session.attachments.items[0].kind == "clip" and "can't hear" in texts(rig)[0]
