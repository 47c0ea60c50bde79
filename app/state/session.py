"""All state together, and the one place where events of the engine change it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import assert_never

from app.state.attachments import Attachment, Attachments, AttachmentStatus
from app.state.conversation import Conversation
from app.state.draft import Draft
from app.state.engine_status import EngineState, EngineStatus
from app.state.estimate import Estimate
from app.state.hearing import WAITS, hear
from app.state.library import Library, Search
from app.state.listening import Listening
from app.state.models import Models
from app.state.notices import Notice, Notices
from app.state.presets import Presets
from app.state.recording import Recording
from app.state.servers import Servers
from app.state.stage import Stage
from app.state.tools import CallStatus, ToolAnswered, ToolCall
from app.state.turn import FoundBox, Turn, TurnError, TurnStatus
from app.words import tr
from mlx_gemma4.protocol.care import AskEstimated, ModelUnloaded
from mlx_gemma4.protocol.events import (
    BoxFound,
    CodeBlock,
    DownloadFinished,
    DownloadProgress,
    EngineFailed,
    Event,
    FitEstimated,
    MediaHeard,
    MediaProbed,
    MediaShown,
    ModelLoading,
    ModelReady,
    ModelsFound,
    PagesCompared,
    PromptProgress,
    Remark,
    ServerListed,
    TextDelta,
    ThoughtDelta,
    ToolCallRequested,
    TranscriptSegment,
    TurnFinished,
    Unparsed,
    UsageReport,
)
from mlx_gemma4.protocol.json_values import Json

RESTART_ENGINE = "engine.restart"
ENGINE_SUBJECT = "engine"
FILES_SUBJECT = "files"
GONE_CODE = "engine.gone"
"""Of the failures of all requests that were open when the engine's process ended."""
NO_ROOM_CODE = "memory.load"
"""Of a model that does not fit into the memory that is free."""
OFFLINE_CODES = tuple(f"remote.{what}" for what in ("refused", "unknown_host", "unreachable", "cut", "slow", "silent"))
"""Of answers that a server does not give because it is not there."""


class Session:
    """Owns what a window shows."""

    def __init__(self, engine: EngineStatus | None = None) -> None:
        """A conversation with nothing in it; `engine` is that of another session that shares it."""
        self.engine = engine or EngineStatus()
        self._shares_engine = engine is not None
        self.models = Models()
        self.servers = Servers()
        self.conversation = Conversation()
        self.draft = Draft()
        self.attachments = Attachments()
        self.estimate = Estimate()
        self.stage = Stage()
        self.listening = Listening()
        self.recording = Recording()
        self.notices = Notices()
        self.presets = Presets()
        self.library = Library()
        self.search = Search()
        self._remarked: tuple[Turn | None, tuple[str, ...]] = None, ()

    def apply(self, event: Event) -> None:
        """Change the state by what the engine says; what belongs to nothing on the screen any more is ignored."""
        match event:
            case ModelLoading() | ModelReady() | ModelUnloaded():
                self._model_changed(event)
            case MediaProbed():
                self._probed(event)
            case MediaShown() | MediaHeard() | AskEstimated() | PagesCompared() | ServerListed():
                pass  # heard by who asked for it
            case ModelsFound() | FitEstimated() | DownloadProgress() | DownloadFinished():
                pass  # likewise
            case EngineFailed():
                self._failed(event)
            case (
                Remark()
                | PromptProgress()
                | TextDelta()
                | ThoughtDelta()
                | ToolCallRequested()
                | BoxFound()
                | TranscriptSegment()
                | CodeBlock()
                | Unparsed()
                | UsageReport()
                | TurnFinished()
            ):
                turn = self.conversation.by_request(event.request_id)
                if turn is not None and not turn.status.is_final:
                    self._continue(turn, event)
            case _:
                assert_never(event)
        if isinstance(event, TurnFinished | EngineFailed) and event.request_id == self.engine.ask_id:
            self._engine_is_free(event)

    def engine_exited(self) -> None:
        """The engine's process has ended by itself; its requests have failed already, and what was written stays."""
        self.engine.state = EngineState.GONE
        self.engine.loaded_path = ""
        self._fail_waiting(tr("The engine stopped before it could answer."))
        text = tr("The engine stopped. Nothing you wrote is lost.")
        self.notices.show(Notice("problem", text, ENGINE_SUBJECT, tr("Restart"), RESTART_ENGINE))

    def abandon(self, turn: Turn) -> None:
        """Stop waiting for this answer, without asking the engine."""
        self._end(turn, TurnStatus.STOPPED)

    def give_up(self, turn: Turn, error: TurnError) -> None:
        """End an answer that will not come to anything."""
        turn.error = error
        self._end(turn, TurnStatus.FAILED)

    def take_up_calls(self, turn: Turn) -> None:
        """Go on with an answer that ended before its calls were answered."""
        assert self.conversation.running is None
        turn.error = turn.finish_reason = None
        turn.wait_for_tools()
        self.conversation.running = turn
        turn.status = TurnStatus.CALLING

    def answer_call(
        self, turn: Turn, call: ToolCall, status: CallStatus, response: Json, files: tuple[Attachment, ...] = ()
    ) -> None:
        """A tool has answered, or the person has for it; ignored where nobody waits for it any more."""
        if turn.status is not TurnStatus.CALLING or call.status.is_final:
            return
        known = {file.key: file for file in files}
        turn.files = (*turn.files, *(file for file in files if file not in turn.files))
        event = ToolAnswered(call.number, status.value, response, tuple(known))
        hear(turn, event, known)
        turn.heard.emit(turn, event)

    def begin_new(self) -> None:
        """Begin a new conversation; what the engine still says about the old one is ignored."""
        self.stage.clear()
        self.conversation.clear()
        for attachment in list(self.attachments.items):
            self.attachments.remove(attachment)
        self.draft.text = ""

    def adopt(self, other: Session) -> None:
        """Go on with another session's conversation, question and files behind one's own; it begins anew then.

        At most one of the two is being answered.
        """
        turns, running = list(other.conversation.turns), other.conversation.running
        files, text = other.attachments.take_all(), other.draft.text
        other.begin_new()
        self.conversation.adopt(turns, running)
        for attachment in files[: self.attachments.room]:
            self.attachments.add(attachment)
        if text:
            self.draft.text = f"{self.draft.text}\n{text}".strip()
        shown = next((turn for turn in reversed(turns) if turn.pictures), None)
        if shown is not None:
            self.stage.show(shown)

    def all_attachments(self) -> Iterator[Attachment]:
        """Those of the question being written and of all turns."""
        yield from self.attachments.items
        for turn in self.conversation.all_turns:
            yield from turn.attachments
            for call in turn.calls:
                yield from call.files

    def _model_changed(self, event: ModelLoading | ModelReady | ModelUnloaded) -> None:
        if isinstance(event, ModelReady):
            self.notices.dismiss(ENGINE_SUBJECT)
        if self._shares_engine:
            return  # the other session has heard it too, and may have asked something already
        if isinstance(event, ModelLoading):
            self.engine.model_path = event.path
            self.engine.state = EngineState.LOADING
        elif isinstance(event, ModelUnloaded):
            self.engine.loaded_path = ""
            self.engine.state = EngineState.UNLOADED
        else:
            self.engine.model_name = event.name
            self.engine.model_bits = event.bits
            self.engine.loaded_path = event.path
            self.engine.sees, self.engine.hears = event.sees, event.hears
            self.engine.chats = event.chats
            self.engine.drafts, self.engine.from_disk = event.drafts, event.from_disk
            self.engine.host, self.engine.offline = event.host, False
            self.engine.max_soft_tokens = event.max_soft_tokens
            self.engine.state = EngineState.READY

    def _remark(self, turn: Turn, text: str) -> None:
        """Say what the engine remarks, beside what it has remarked on the same turn."""
        about, said = self._remarked
        said = (*said, text) if about is turn else (text,)
        self._remarked = turn, said
        self.notices.show(Notice("info", " ".join(said), FILES_SUBJECT))

    def _continue(self, turn: Turn, event: Event) -> None:
        """The next event of a running answer; after Stop only its end counts, and what was heard before it."""
        ends = isinstance(event, UsageReport | TurnFinished | TranscriptSegment)
        if turn.status is TurnStatus.STOPPING and not ends:
            return
        if not isinstance(event, TurnFinished | Remark):
            self.engine.offline = False  # somebody speaks
        hear(turn, event)
        match event:
            case Remark(text):
                self._remark(turn, with_names(text, turn.files))
            case BoxFound():
                self._box_found(turn, turn.boxes[-1])
            case UsageReport():
                self.engine.usage = event
            case _:
                pass
        turn.heard.emit(turn, event)
        if isinstance(event, TurnFinished) and turn.open_calls and event.reason in WAITS:
            turn.status = TurnStatus.CALLING
        elif isinstance(event, TurnFinished):
            self._end(turn, TurnStatus.STOPPED if event.reason == "stopped" else TurnStatus.DONE)

    def _box_found(self, turn: Turn, found: FoundBox) -> None:
        """The first box is where the person shall look; after that they look where they like."""
        stage = self.stage
        elsewhere = found.media_index != stage.media_index or found.sheet not in (None, stage.sheet)
        if stage.turn is not turn or (len(turn.boxes) == 1 and elsewhere):
            stage.show(turn, found.media_index, found.sheet)

    def _end(self, turn: Turn, status: TurnStatus) -> None:
        turn.finish(status)
        self.conversation.running = None

    def _engine_is_free(self, event: TurnFinished | EngineFailed) -> None:
        """The answer is over, whether anybody still wanted it or not; the next question may go out."""
        self.engine.ask_id = ""
        gone = isinstance(event, EngineFailed) and event.code == GONE_CODE
        if self.engine.state is EngineState.BUSY and not gone:
            self.engine.state = EngineState.READY

    def _probed(self, event: MediaProbed) -> None:
        for attachment in self._attachments_of(event.request_id):
            attachment.kind = event.kind
            attachment.width, attachment.height = event.width, event.height
            attachment.soft_tokens = event.soft_tokens
            attachment.seconds, attachment.pages, attachment.moments = event.seconds, event.pages, event.moments
            attachment.has_sound = event.has_sound
            attachment.display, attachment.thumbnail = event.display, event.thumbnail
            attachment.status = AttachmentStatus.READY

    def _failed(self, event: EngineFailed) -> None:
        turn = self.conversation.by_request(event.request_id)
        attachments = self._attachments_of(event.request_id)
        if turn is not None:
            self._turn_failed(turn, event)
        elif event.code == GONE_CODE:
            pass  # the exit itself is announced next; files are looked at again by the next engine
        elif attachments:
            for attachment in attachments:
                attachment.refuse(with_names(event.message, [attachment]), event.hint)
        elif event.request_id != self.engine.load_id:
            pass  # heard by who asked for it
        elif event.code == NO_ROOM_CODE and self.engine.loaded_path:
            self.engine.model_path = self.engine.loaded_path  # it was not given up for one that does not fit
            self.engine.state = EngineState.READY
        else:
            self.engine.loaded_path = ""
            self._give_up(f"{event.message} {event.hint}".strip(), tr("Try again"))

    def _turn_failed(self, turn: Turn, event: EngineFailed) -> None:
        if turn.status.is_final:
            return
        if event.code == GONE_CODE:
            turn.error = TurnError(tr("The engine stopped before this answer was complete."), code=event.code)
        else:
            message = with_names(event.message, turn.files)
            lost = [item for item in turn.files if item.path in event.message and item not in turn.attachments]
            for earlier in lost:  # it would spoil every later question as well
                earlier.refuse(message, event.hint)
            self.engine.offline = event.code in OFFLINE_CODES
            turn.error = TurnError(message, tr("Ask again to go on without it.") if lost else event.hint, event.code)
        self._end(turn, TurnStatus.FAILED)
        if not event.recoverable and event.code != GONE_CODE:
            self._give_up(tr("The engine can't go on. Nothing you wrote is lost."), tr("Restart"))

    def _give_up(self, text: str, button: str) -> None:
        """The engine runs, but it will answer nothing."""
        self.engine.state = EngineState.FAILED
        self._fail_waiting(tr("There is no model to answer this."))
        self.notices.show(Notice("problem", text, ENGINE_SUBJECT, button, RESTART_ENGINE))

    def _fail_waiting(self, message: str) -> None:
        """A question that has not even been sent will not be."""
        waiting = self.conversation.running
        if waiting is not None and not waiting.request_id:
            waiting.error = TurnError(message)
            self._end(waiting, TurnStatus.FAILED)

    def _attachments_of(self, request_id: str) -> list[Attachment]:
        return [item for item in self.all_attachments() if item.request_id and item.request_id == request_id]


def with_names(message: str, attachments: Iterable[Attachment]) -> str:
    """The sentence with names for paths: people know their files by what stands under them."""
    for attachment in attachments:
        message = message.replace(attachment.path, f"“{attachment.name}”")
    return message
