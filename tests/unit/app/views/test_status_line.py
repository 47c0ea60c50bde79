"""What the window says of the engine."""

from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from app.state.engine_status import EngineState, EngineStatus
from app.views.status_line import StatusLine
from app.views.theme import Theme


def test_it_says_what_the_engine_does_and_an_errand_only_while_it_is_run(qtbot: QtBot, shown: Theme) -> None:
    engine = EngineStatus()
    line = StatusLine(engine)
    qtbot.addWidget(line)
    label = line.findChild(QLabel)
    assert isinstance(label, QLabel)
    engine.model_name, engine.state = "Tour model", EngineState.READY
    assert label.text() == "Tour model · Ready"
    engine.state = EngineState.BUSY
    assert label.text() == "Tour model · Answering…"
    engine.errand = "Looking for logos and photos…"
    assert label.text() == "Tour model · Looking for logos and photos…"
    engine.state = EngineState.READY
    assert label.text() == "Tour model · Ready"
    engine.errand = ""
    engine.state = EngineState.BUSY
    assert label.text() == "Tour model · Answering…"
