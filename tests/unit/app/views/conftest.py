"""Widgets that several files of tests look at."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.state.engine_status import EngineState
from app.views.conversation.conversation_view import ConversationView
from app.views.main_window import MainWindow
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


@pytest.fixture
def window(rig: Rig, qtbot: QtBot, shown: Theme) -> Iterator[MainWindow]:
    """On the screen, with an engine that is ready."""
    window = MainWindow(rig.session, rig.actions)
    window.show()
    rig.actions.engine.start()
    qtbot.waitUntil(lambda: rig.session.engine.state is EngineState.READY)
    yield window
    window.close()
    window.deleteLater()
    QApplication.sendPostedEvents(window, QEvent.Type.DeferredDelete)
