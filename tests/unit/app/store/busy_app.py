"""A window whose person never rests, and a ledger of what has been on its screen: `python -m … HOME LEDGER SEED`.

To be killed. Every line of the ledger has a moment and what was seen then, written before anything else happens.
"""

from __future__ import annotations

import json
import random
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

from app.engine_link.scripted_client import Timed
from app.state.library import Entry
from app.store.store import Store
from app.views.main_window import MainWindow
from mlx_gemma4.protocol.events import BoxFound, TextDelta, ThoughtDelta, TurnFinished
from mlx_gemma4.protocol.requests import Ask
from tests.unit.app.scripted import USAGE, Rig

LOOK_MS, ACT_MS = 40, 180
EVENTS_PER_SECOND = 200


class BusyPerson:
    """Does something every fifth of a second, whatever can be done just then."""

    def __init__(self, rig: Rig, ledger: IO[str], picture: str, seed: int) -> None:
        self._rig, self._ledger, self._picture = rig, ledger, picture
        self._random = random.Random(seed)
        self._looking = QTimer(interval=LOOK_MS)
        self._looking.timeout.connect(self._look)
        self._acting = QTimer(interval=ACT_MS)
        self._acting.timeout.connect(self._act)
        self._looking.start()
        self._acting.start()

    def _note(self, **facts: object) -> None:
        self._ledger.write(json.dumps({"at": time.monotonic(), **facts}) + "\n")
        self._ledger.flush()

    def _look(self) -> None:
        conversation = self._rig.session.conversation
        turns = [
            [
                turn.key,
                turn.question,
                turn.thought,
                turn.text,
                len(turn.boxes),
                [file.name for file in turn.attachments],
            ]
            for turn in conversation.turns
        ]
        if turns:
            self._note(conversation=conversation.key, title=conversation.title, turns=turns)

    def _act(self) -> None:
        actions, conversation = self._rig.actions, self._rig.session.conversation
        if not conversation.idle:
            if self._random.random() < 0.1:
                actions.conversation.stop.trigger()
            return
        entries = self._rig.session.library.entries
        other = self._random.choice(entries) if entries else None
        chance = self._random.random()
        if other is None or not conversation.turns or chance < 0.4:
            if self._random.random() < 0.3:
                actions.attachments.add_files([self._picture])
            actions.conversation.ask(f"Question {self._random.random()}?")
        elif chance < 0.55:
            actions.conversation.retry_turn(self._random.choice(conversation.turns))
        elif chance < 0.65:
            actions.conversation.edit_turn(self._random.choice(conversation.turns), f"Else {self._random.random()}?")
        elif chance < 0.75:
            actions.conversation.new.trigger()
        else:
            self._manage(other, chance)

    def _manage(self, other: Entry, chance: float) -> None:
        library = self._rig.actions.library
        if chance < 0.88:
            library.open(other.key)
        elif chance < 0.93:
            title = f"Name {self._random.random()}"
            library.rename(other.key, title)
            self._note(conversation=other.key, title=title, turns=[])
        elif chance < 0.96:
            library.pin(other.key, not other.pinned)
        else:
            self._note(deleted=other.key)
            library.delete(other.key)


def answer(_: Ask) -> Iterator[Timed]:
    """Half a second of thoughts, words and boxes, or five seconds: long enough to be killed in the middle of."""
    seconds = random.choice((0.5, 5.0))
    yield 0.0, ThoughtDelta("Let me see. ")
    for number in range(round(EVENTS_PER_SECOND * seconds)):
        moment = number / EVENTS_PER_SECOND
        yield moment, TextDelta(f"word{number}{random.random()} ")
        if number == 40:
            yield moment, TextDelta('\n```json\n[{"box_2d": [1, 2, 3, 4], "label": "star"}]\n```\n')
            yield moment, BoxFound((1, 2, 3, 4), "star")
    yield seconds, USAGE
    yield seconds, TurnFinished("end_of_turn")


def main(home: str, ledger: str, picture: str, seed: str) -> int:
    """Run until killed."""
    app = QApplication([])
    rig = Rig(answer=answer, store=Store(Path(home)))
    window = MainWindow(rig.session, rig.actions)
    window.show()
    rig.actions.library.start()
    rig.actions.engine.start()
    with open(ledger, "a", encoding="utf-8") as file:
        person = BusyPerson(rig, file, picture, int(seed))
        code = app.exec()
        del person
    return code


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
