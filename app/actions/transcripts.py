"""Having recordings written down, one after the other, and working on what comes out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

from app.actions.action import Action
from app.actions.conversation import ConversationActions
from app.actions.engine import EngineActions
from app.engine_link.bridge import EngineBridge
from app.engine_link.client import new_request_id
from app.state.attachments import Attachment, AttachmentStatus
from app.state.engine_status import EngineState
from app.state.notices import Notice
from app.state.session import GONE_CODE, Session
from app.state.transcript import Transcript
from app.state.turn import Turn, TurnStatus
from app.words import tr
from mlx_gemma4.protocol.events import EngineFailed, Event, TranscriptSegment, TurnFinished
from mlx_gemma4.protocol.requests import Transcribe
from mlx_gemma4.protocol.transcripts import WRITERS

SUBJECT = "transcript"
QUESTION = tr("Write this recording down.")
_AT_THE_END = 0.05  # seconds; what is left of a recording that is shorter holds no word


@dataclass(eq=False)
class _Again:
    """A piece that is heard again, from when to when; `request_id` is empty until there is a model to hear it."""

    turn: Turn
    piece: int
    stretch: tuple[float, float]
    request_id: str = ""
    heard: list[TranscriptSegment] = field(default_factory=list[TranscriptSegment])


class TranscriptActions:
    """Acts on transcripts: turns of the conversation, of which several may wait."""

    def __init__(
        self,
        session: Session,
        engine: EngineBridge,
        engine_actions: EngineActions,
        conversation: ConversationActions,
        choose_target: Callable[[str], str],
    ) -> None:
        """`choose_target` asks the person for a file to write, suggesting a name."""
        self._session, self._engine, self._engine_actions = session, engine, engine_actions
        self._conversation = conversation
        self._choose_target = choose_target
        self._waiting: list[Turn] = []
        self._again: _Again | None = None
        self.write_down = Action("transcripts.write_down", tr("Write It Down"), self._write_down, "Ctrl+T")
        self.export = Action("transcripts.export", tr("Export Transcript…"), self._export, "Ctrl+Alt+E")
        engine.event_received.connect(self._on_event)
        session.conversation.running_changed.connect(self._on_running_changed)
        session.conversation.goes_on_changed.connect(self._on_goes_on_changed)
        session.attachments.count_changed.connect(self._update)
        session.attachments.usable_changed.connect(self._update)
        session.attachments.attachment_added.connect(self._on_attachment_added)
        session.engine.hears_changed.connect(self._update)
        session.engine.state_changed.connect(self._on_engine_state_changed)
        session.stage.written_changed.connect(self._update)
        session.conversation.cleared.connect(self._on_cleared)
        self._update()

    def write_files(self, files: list[Attachment]) -> None:
        """Have these written down, one after the other; each becomes a question of its own."""
        conversation = self._session.conversation
        if not files or not conversation.idle:
            return
        if not conversation.turns:
            conversation.title = Path(files[0].name).stem
        turns = [Turn(QUESTION, (file,), None, Transcript()) for file in files]
        conversation.adopt(turns, None)
        self._begin(turns)

    def can_go_on(self, turn: Turn) -> bool:
        """Whether this transcript breaks off before the recording does, and nothing else is being answered."""
        conversation = self._session.conversation
        if turn.transcript is None or not turn.status.is_final or not conversation.shows(turn):
            return False
        left = turn.attachments[0].seconds - turn.transcript.end
        return conversation.idle and turn.status is not TurnStatus.DONE and left > _AT_THE_END

    def go_on(self, turn: Turn) -> None:
        """Write down the rest, or try again from the beginning where there is nothing yet."""
        if self.can_go_on(turn):
            self._begin([turn])

    def go_on_with_all(self) -> None:
        """Write down everything in this conversation that has broken off or was not begun."""
        turns = [turn for turn in self._session.conversation.turns if self.can_go_on(turn)]
        if turns:
            self._begin(turns)

    def cancel(self, turn: Turn) -> None:
        """Leave a recording out that waits, or end one that is being written down; others go on."""
        if turn in self._waiting:
            self._waiting.remove(turn)
            turn.finish(TurnStatus.STOPPED)
        elif turn is self._session.conversation.running and turn.request_id:
            turn.status = TurnStatus.STOPPING
            self._engine.stop(turn.request_id)

    def edit(self, turn: Turn, line: int, text: str) -> None:
        """Correct what stands in a line; without words it is taken out."""
        transcript = turn.transcript
        assert transcript is not None
        text = " ".join(text.split())
        before = transcript.lines[line]
        if text != before.text:
            turn.revise([replace(before, text=text, translation=None)])

    def redo(self, turn: Turn, line: int) -> None:
        """Have the piece heard again that this line is in; what comes takes the place of all its lines.

        A model that sleeps is loaded first.
        """
        transcript = turn.transcript
        if transcript is None or self._again is not None:
            return
        piece = transcript.redoing = transcript.lines[line].piece
        self._again = _Again(turn, piece, transcript.piece_of(line))
        self._engine_actions.be_ready()
        self._hear_again()

    def _hear_again(self) -> None:
        """As soon as there is a model that can."""
        again = self._again
        if again is None or again.request_id or not self._session.engine.can_answer:
            return
        again.request_id = new_request_id("redo")
        path, (start, end) = again.turn.attachments[0].path, again.stretch
        self._engine.send(Transcribe(again.request_id, path, start=start, end=end, first_piece=again.piece))

    def _write_down(self) -> None:
        if self._can_write_down:
            self.write_files(self._session.attachments.take_all())

    def _begin(self, turns: list[Turn]) -> None:
        for turn in turns:
            if turn.status.is_final:
                turn.error = turn.finish_reason = None
                turn.request_id = ""
                turn.status = TurnStatus.WAITING
        self._waiting += turns
        self._session.conversation.goes_on = True
        self._next()

    def _next(self) -> None:
        """Begin with the first that waits; the last one ends the row."""
        conversation = self._session.conversation
        if self._waiting and conversation.running is None:
            turn = self._waiting.pop(0)
            if not self._waiting:
                conversation.goes_on = False
            self._conversation.begin(turn)

    def _on_running_changed(self, running: Turn | None) -> None:
        if running is None and self._waiting:
            self._next()
        self._update()

    def _on_goes_on_changed(self, goes_on: bool) -> None:
        """Stop ends the whole row."""
        if not goes_on and self._session.conversation.running is not None:
            self._drop_waiting()

    def _drop_waiting(self) -> None:
        waiting, self._waiting = self._waiting, []
        for turn in waiting:
            turn.finish(TurnStatus.STOPPED)

    def _on_cleared(self) -> None:
        self._waiting.clear()

    def _on_attachment_added(self, attachment: Attachment) -> None:
        for changed in (attachment.kind_changed, attachment.has_sound_changed):
            changed.connect(self._update)

    def _on_engine_state_changed(self, state: EngineState) -> None:
        if state in (EngineState.FAILED, EngineState.GONE) and self._again is not None and not self._again.request_id:
            self._end_again(self._again.turn)  # its own notice says why
        self._hear_again()

    def _on_event(self, event: Event) -> None:
        again = self._again
        if again is None or not again.request_id or event.request_id != again.request_id:
            return
        match event:
            case TranscriptSegment():
                again.heard.append(replace(event, piece=again.piece))
            case TurnFinished(reason):
                self._end_again(again.turn)
                if again.heard and reason != "stopped":
                    again.turn.revise(again.heard)
            case EngineFailed(code=code, message=message, hint=hint):
                self._end_again(again.turn)
                if code != GONE_CODE:
                    self._session.notices.show(Notice("problem", f"{message} {hint}".strip(), SUBJECT))

    def _end_again(self, turn: Turn) -> None:
        assert turn.transcript is not None
        turn.transcript.redoing = self._again = None

    def _export(self) -> None:
        turn = self._session.stage.written
        if turn is None or turn.transcript is None:
            return
        target = self._choose_target(f"{Path(turn.attachments[0].name).stem}.srt")
        if target:
            self.export_to(turn, Path(target))

    def export_to(self, turn: Turn, target: Path) -> None:
        """Write a transcript in the format that the file's ending names."""
        assert turn.transcript is not None
        kind = target.suffix.lower().removeprefix(".")
        if kind not in WRITERS:
            text = tr("Choose a name that ends in .srt, .vtt, .txt or .json.")
            self._session.notices.show(Notice("problem", text, SUBJECT))
            return
        try:
            with target.open("w", encoding="utf-8", newline="\n") as file:
                writer = WRITERS[kind](file)
                for line in turn.transcript.lines:
                    writer.write(line)
                writer.close()
        except OSError as error:
            reason = error.strerror or str(error)
            text = tr("{name} cannot be written: {reason}.", name=target.name, reason=reason)
            self._session.notices.show(Notice("problem", text, SUBJECT))
        else:
            text = tr("The transcript was written to {name}.", name=target.name)
            self._session.notices.show(Notice("info", text, SUBJECT))

    @property
    def _can_write_down(self) -> bool:
        items = [item for item in self._session.attachments.items if item.status is not AttachmentStatus.REFUSED]
        able = self._session.engine.hears and self._session.conversation.idle
        return able and bool(items) and all(item.is_heard for item in items)

    def _update(self, *_: object) -> None:
        self.write_down.enabled = self._can_write_down
        self.export.enabled = self._session.stage.written is not None
