"""An app that keeps its conversations in a folder, over a scripted engine; it can be ended and begun again."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from pytestqt.qtbot import QtBot

from app.state.engine_status import EngineState
from app.store.store import Store
from tests.unit.app.scripted import ONE_BOX, Answers, Rig


class Keeping:
    """Makes rigs over one folder.

    Attributes:
        folder: that everything is kept in.
    """

    def __init__(self, folder: Path, qtbot: QtBot) -> None:
        self.folder = folder
        self._qtbot = qtbot
        self._rigs: list[Rig] = []

    def begin(self, answer: Answers = lambda ask: ONE_BOX) -> Rig:
        """Start the app; returns when the list is there, the engine is ready, and what was open last is open again."""
        rig = Rig(answer=answer, store=Store(self.folder))
        self._rigs.append(rig)
        assert rig.store is not None
        began: list[object] = []
        rig.store.began.connect(began.append)
        rig.store.noticed.connect(began.append)
        rig.actions.library.start()
        rig.actions.engine.start()
        self.wait(lambda: rig.session.engine.state is EngineState.READY and bool(began))
        self.wait(lambda: rig.session.library.opening is None)
        return rig

    def ask(self, rig: Rig, question: str, *files: str) -> None:
        """Ask, and wait until the answer is over."""
        if files:
            rig.actions.attachments.add_files(list(files))
            self.wait(lambda: all(item.width for item in rig.session.attachments.items))
        rig.actions.conversation.ask(question)
        self.wait(lambda: rig.session.conversation.idle)

    def open(self, rig: Rig, key: int) -> None:
        """Open a conversation of the list."""
        rig.actions.library.open(key)
        self.wait(lambda: rig.session.library.current == key)

    def end(self, rig: Rig) -> None:
        """Close the app as a person would."""
        rig.close()
        self._rigs.remove(rig)

    def again(self, rig: Rig, answer: Answers = lambda ask: ONE_BOX) -> Rig:
        """Close it and start another."""
        self.end(rig)
        return self.begin(answer)

    def wait(self, condition: Callable[[], bool]) -> None:
        """Let the event loop run until this is so."""
        self._qtbot.waitUntil(condition, timeout=10_000)

    def close(self) -> None:
        """End what is still running."""
        for rig in self._rigs:
            rig.close()
