"""A transcript's beginning in the conversation."""

from __future__ import annotations

from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from app.state.attachments import Attachment
from app.state.transcript import Transcript
from app.state.turn import Turn
from app.views.conversation.conversation_view import ConversationView
from app.views.conversation.transcript_card import TranscriptCard
from mlx_gemma4.protocol.events import TranscriptSegment
from tests.unit.app.scripted import Rig


def test_a_word_that_is_wider_than_the_card_takes_no_room_from_the_others(
    rig: Rig, view: ConversationView, qtbot: QtBot
) -> None:
    view.resize(480, 480)
    turn = Turn("Write it down.", (Attachment("talk.wav"),), None, Transcript())
    rig.session.conversation.add(turn)
    qtbot.waitUntil(lambda: bool(view.findChildren(TranscriptCard)))
    (card,) = view.findChildren(TranscriptCard)
    words = [*["some words of a usual length and more"] * 3, "m" * 60, *["and more of them than fit"] * 2]
    for second, text in enumerate(words):
        turn.write_down(TranscriptSegment(second, second + 1, text))
    (label,) = (each for each in card.findChildren(QLabel) if "usual" in each.text())
    qtbot.waitUntil(lambda: label.height() >= label.heightForWidth(label.width()) > 60)
