"""Recording from the microphone; nothing that was heard is ever lost, also not by a crash."""

from __future__ import annotations

import itertools
import time
from pathlib import Path
from typing import Literal

from PySide6.QtCore import QTimer

from app.actions.action import Action
from app.actions.attachments import AttachmentActions
from app.actions.conversation import ConversationActions
from app.actions.models import ModelActions
from app.actions.transcripts import TranscriptActions
from app.platform.microphone import Microphone, Permission
from app.platform.wave_files import repair
from app.state.clock import clock
from app.state.notices import Notice
from app.state.session import Session
from app.words import tr

SUBJECT = "recording"
FOLDER = "recordings"
_UNFINISHED = ".part"
_INTERVAL_MS = 50
_SHORTEST = 0.3  # seconds; what is shorter was a slip of the hand
REASON = tr("Prism records only while you say so, and what it hears stays on this computer.")


class RecordingActions:
    """Begins and ends a recording; the file lies in the folder that everything is kept in."""

    def __init__(
        self,
        session: Session,
        attachments: AttachmentActions,
        conversation: ConversationActions,
        transcripts: TranscriptActions,
        models: ModelActions,
        microphone: Microphone | None,
        home: Path,
    ) -> None:
        """`microphone` None says why there is nothing to record with."""
        self._session, self._state = session, session.recording
        self._attachments, self._conversation, self._transcripts = attachments, conversation, transcripts
        self._models = models
        self._microphone = microphone
        self._folder = home / FOLDER
        self._file = Path()
        self._thrown_away: Path | None = None
        self._found: list[Path] = []
        self._timer = QTimer(interval=_INTERVAL_MS)
        self._timer.timeout.connect(self._on_interval)
        self.record = Action("recording.record", tr("Record"), self._toggle, "Ctrl+Shift+R")
        self.record.checked = False
        self.allow = Action("recording.allow", tr("Allow microphone…"), self._allow)
        self.undo = Action("recording.undo", tr("Undo"), self._undo)
        self.add_found = Action("recording.add_found", tr("Add to the question"), self._add_found)
        self.rescues = (self.allow, self.undo, self.add_found)

    def keep(self) -> None:
        """End it; it goes with the question that is being written."""
        self._keep()

    def send(self) -> None:
        """End it and ask at once: what is written in the field, or else to write it down."""
        self.keep()
        session = self._session
        if not session.conversation.idle or not session.attachments.usable:
            return
        if session.draft.text.strip():
            self._conversation.send.trigger()
        else:
            self._transcripts.write_down.trigger()

    def discard(self) -> None:
        """End it and put it away; that can be undone until the app ends."""
        file = self._end()
        if file is None:
            return
        self._forget_thrown_away()
        self._thrown_away = file.rename(file.with_suffix(".discarded"))
        button = self.undo.title, self.undo.id
        self._session.notices.show(Notice("info", tr("The recording was thrown away."), SUBJECT, *button))

    def recover(self) -> None:
        """After a start: complete what a crash has cut off, and offer it."""
        if not self._folder.is_dir():
            return
        for file in self._folder.glob("*.discarded"):
            file.unlink(missing_ok=True)
        seconds = 0.0
        for file in sorted(self._folder.glob(f"*{_UNFINISHED}")):
            try:
                length = repair(file)
                if length < _SHORTEST:
                    file.unlink()
                else:
                    self._found.append(file.rename(file.with_suffix("")))
                    seconds += length
            except OSError:
                continue  # it stays as it is, for the next start
        if self._found:
            text = tr(
                "Prism ended while it recorded. What it heard until then, {length}, is kept.", length=clock(seconds)
            )
            button = self.add_found.title, self.add_found.id
            self._session.notices.show(Notice("info", text, SUBJECT, *button))

    def close(self) -> None:
        """The window closes: what is being recorded is complete."""
        self._end()
        self._forget_thrown_away()

    def _toggle(self) -> None:
        if self._state.is_on:
            self.keep()
            return
        microphone = self._microphone
        if microphone is None:
            self._say("problem", tr("Nothing can be recorded here: install pulseaudio-utils."))
        elif not self._session.engine.hears:
            button = tr("Choose a model…"), self._models.show.id
            self._say("info", tr("This model can't hear: use one that does, such as Gemma 4 E2B."), *button)
        elif microphone.permission is Permission.GRANTED:
            self._begin(microphone)
        elif microphone.permission is Permission.UNKNOWN:
            self._say("info", REASON, self.allow.title, self.allow.id)
        else:
            text = tr(
                "Prism may not use the microphone. Allow it under Microphone in the settings. {reason}", reason=REASON
            )
            self._say("info", text, tr("Open Settings"), self.allow.id)

    def _begin(self, microphone: Microphone) -> None:
        self._session.notices.dismiss(SUBJECT)
        self._file = self._new_file()
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            self._say("problem", tr("The recording cannot be written: {reason}.", reason=error.strerror or str(error)))
            return
        self._state.seconds = self._state.level = self._state.loudest = 0.0
        self._state.is_on = True
        self.record.checked = True
        self._timer.start()
        microphone.start(self._unfinished, self._on_failed)

    def _keep(self) -> bool:
        file = self._end()
        if file is not None:
            self._attachments.add_files([str(file)])
        return file is not None

    def _new_file(self) -> Path:
        """Named by the time, and never like one that is there: clocks are set back."""
        name = time.strftime("Recording %Y-%m-%d %H.%M.%S")
        taken = {file.name.removesuffix(_UNFINISHED).rpartition(".")[0] for file in self._folder.glob(f"{name}*")}
        names = itertools.chain([name], (f"{name} {number}" for number in itertools.count(2)))
        return self._folder / f"{next(each for each in names if each not in taken)}.wav"

    @property
    def _unfinished(self) -> Path:
        return self._file.with_name(self._file.name + _UNFINISHED)

    def _end(self) -> Path | None:
        """Stop; the file, unless there is nothing in it."""
        if not self._state.is_on or self._microphone is None:
            return None
        seconds = self._microphone.seconds
        self._timer.stop()
        self._microphone.stop()
        self._state.is_on = False
        self.record.checked = False
        if not self._unfinished.exists():
            return None
        if max(seconds, 0.0) < _SHORTEST:
            self._unfinished.unlink()
            return None
        return self._unfinished.rename(self._file)

    def _on_interval(self) -> None:
        assert self._microphone is not None
        state = self._state
        state.level = self._microphone.level
        state.loudest = max(state.loudest, state.level)
        state.seconds = self._microphone.seconds

    def _on_failed(self, sentence: str) -> None:
        """It broke off by itself; what there is of it goes with the question."""
        kept = tr("What was heard until then is kept.") if self._keep() else ""
        self._say("problem", f"{sentence} {kept}".strip())

    def _allow(self) -> None:
        if self._microphone is not None:
            self._microphone.ask_permission(self._on_allowed)

    def _on_allowed(self, granted: bool) -> None:
        self._session.notices.dismiss(SUBJECT)
        if granted and not self._state.is_on:
            self._toggle()

    def _undo(self) -> None:
        file, self._thrown_away = self._thrown_away, None
        if file is not None:
            self._attachments.add_files([str(file.rename(file.with_suffix(".wav")))])

    def _add_found(self) -> None:
        files, self._found = self._found, []
        self._attachments.add_files([str(file) for file in files])

    def _forget_thrown_away(self) -> None:
        if self._thrown_away is not None:
            self._thrown_away.unlink(missing_ok=True)
            self._thrown_away = None

    def _say(self, kind: Literal["info", "problem"], text: str, *button: str) -> None:
        self._session.notices.show(Notice(kind, text, SUBJECT, *button))
