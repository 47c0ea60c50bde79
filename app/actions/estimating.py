"""Keeps what the question being written would cost up to date."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, QTimer

from app.actions.conversation import ConversationActions
from app.engine_link.bridge import EngineBridge
from app.engine_link.client import new_request_id
from app.state.attachments import Attachment, AttachmentStatus
from app.state.estimate import Cost
from app.state.pace import Timing, seconds_to_first_word
from app.state.session import Session
from app.state.turn import Turn
from app.store.timings import Timings
from mlx_gemma4.protocol.care import AskEstimated, EstimateAsk, MediaCost, ModelUnloaded
from mlx_gemma4.protocol.cost import FRAMES_PER_CLIP
from mlx_gemma4.protocol.events import Event, ModelLoading, UsageReport
from mlx_gemma4.protocol.memory_fit import Fit, judge_more

DELAY_MS = 150
"""Words that are typed within this time are estimated together."""
MOST_READ = 64
"""Turns of which it is remembered how much was read: more than the engine keeps."""


class EstimateActions(QObject):
    """Asks the engine when words, files or the conversation change, and learns from every answer how fast it is."""

    def __init__(self, session: Session, engine: EngineBridge, conversation: ConversationActions, home: Path) -> None:
        super().__init__()
        self._session, self._engine, self._conversation = session, engine, conversation
        self._timings = Timings(home)
        self._read: dict[int, int] = {}  # by a turn's key: tokens that the engine has read when it was answered
        self._asked: EstimateAsk | None = None
        self._files: list[Attachment] = []
        self._soon = QTimer(self, singleShot=True, interval=DELAY_MS)
        self._soon.timeout.connect(self._ask)
        self._followed: list[Attachment] = []
        session.attachments.attachment_added.connect(self._on_added)
        session.attachments.attachment_removed.connect(self._on_removed)
        for signal in (
            session.draft.text_changed,
            session.attachments.usable_changed,
            session.conversation.count_changed,
            session.conversation.running_changed,
            session.engine.state_changed,
        ):
            signal.connect(self._on_changed)
        engine.event_received.connect(self._on_event)

    def _on_added(self, attachment: Attachment) -> None:
        attachment.status_changed.connect(self._on_changed)
        attachment.soft_tokens_changed.connect(self._on_changed)
        self._on_changed()

    def _on_removed(self, attachment: Attachment) -> None:
        attachment.status_changed.disconnect(self._on_changed)
        attachment.soft_tokens_changed.disconnect(self._on_changed)
        self._on_changed()

    def _on_changed(self, *_: object) -> None:
        if not self._soon.isActive():
            self._soon.start()

    def _ask(self) -> None:
        """Have the engine count, instead of what it was counting; without a model, count files alone."""
        session = self._session
        if self._asked is not None:
            self._engine.stop(self._asked.id)
            self._asked = None
        files = [item for item in session.attachments.items if item.status is AttachmentStatus.READY]
        text = session.draft.text.strip()
        if not text and not files:
            session.estimate.cost = None
            return
        if not session.engine.can_answer:
            own = sum(item.soft_tokens for item in files)
            session.estimate.cost = Cost(own, own) if own else None
            return
        ask, self._files = self._conversation.draft_request(tuple(session.attachments.items))
        self._asked = EstimateAsk(
            new_request_id("estimate"),
            ask.messages,
            tuple(map(cost_of, self._files)),
            ask.max_tokens,
            ask.thinking,
            ask.tools,
            ask.chat_format,
            self._read_before(),
        )
        self._engine.send(self._asked)

    def _read_before(self) -> int:
        turns = self._session.conversation.turns
        return next((self._read[turn.key] for turn in reversed(turns) if turn.key in self._read), 0)

    def _on_event(self, event: Event) -> None:
        if isinstance(event, AskEstimated):
            self._on_estimated(event)
        elif isinstance(event, UsageReport):
            turn = self._session.conversation.by_request(event.request_id)
            if turn is not None:
                self._learn(turn, event)
        elif isinstance(event, ModelLoading | ModelUnloaded):
            self._read.clear()

    def _on_estimated(self, event: AskEstimated) -> None:
        asked = self._asked
        if asked is None or event.request_id != asked.id:
            return
        self._asked = None
        session = self._session
        read = min(asked.read_tokens, event.prompt_tokens)
        own = [item for item in self._files if item in session.attachments.items]
        timings = self._timings.of(session.engine.loaded_path)
        room = judge_more(event.need_bytes, event.memory) is not Fit.TOO_LARGE
        session.estimate.cost = Cost(
            tokens=event.prompt_tokens,
            files=sum(item.soft_tokens for item in own),
            read=read,
            most=event.most_tokens,
            seconds=seconds_to_first_word(timings, max(event.prompt_tokens - read, 1), files=bool(own)),
            need_bytes=event.need_bytes,
            free_bytes=event.memory.available,
            total_bytes=event.memory.total,
            obstacle="too long" if event.prompt_tokens >= event.most_tokens else "" if room else "no room",
        )

    def _learn(self, turn: Turn, usage: UsageReport) -> None:
        """How fast that was; an answer with thoughts is not read again as it was written."""
        while len(self._read) >= MOST_READ:
            del self._read[next(iter(self._read))]
        self._read[turn.key] = usage.prompt_tokens + (0 if turn.thought else usage.completion_tokens)
        fresh = usage.prompt_tokens - usage.reused_tokens
        model = self._session.engine.loaded_path
        if model and fresh > 0 and usage.completion_tokens:
            self._timings.add(model, Timing(fresh, usage.time_to_first_token, bool(turn.attachments)))


def cost_of(attachment: Attachment) -> MediaCost:
    """What the engine has said of a file."""
    match attachment.kind:
        case "document":
            return MediaCost("document", attachment.soft_tokens, max(attachment.pages, 1))
        case "clip":
            return MediaCost("clip", attachment.soft_tokens, FRAMES_PER_CLIP)
        case "sound":
            return MediaCost("sound", attachment.soft_tokens)
        case _:
            return MediaCost("picture", attachment.soft_tokens)
