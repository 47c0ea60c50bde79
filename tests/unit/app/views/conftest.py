"""Widgets that several files of tests look at."""

from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from app.views.conversation.conversation_view import ConversationView
from app.views.theme import Theme
from tests.unit.app.scripted import Rig


@pytest.fixture
def view(rig: Rig, qtbot: QtBot, shown: Theme) -> ConversationView:
    """On the screen, without a question."""
    view = ConversationView(rig.session, rig.actions.conversation)
    qtbot.addWidget(view)
    view.resize(640, 480)
    view.show()
    return view
