"""One question and its answer."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from itertools import islice

from app.state.answer_blocks import AnswerBlock, AnswerSplitter
from app.state.attachments import Attachment, Place
from app.state.keys import new_key
from app.state.light_signal import LightSignal
from app.state.observable import LightObservable, Property
from app.state.page import PageAsk, PageVersion
from app.state.tools import ToolCall
from app.state.transcript import Transcript
from mlx_gemma4.protocol.events import FinishReason, TranscriptSegment, UsageReport
from mlx_gemma4.protocol.json_values import JsonObject
from mlx_gemma4.protocol.parts import Message


class TurnStatus(StrEnum):
    """How far an answer has come."""

    WAITING = "waiting"  # for the model, or for its turn
    READING = "reading"
    ANSWERING = "answering"
    CALLING = "calling"  # the model waits for tools; the engine is free meanwhile
    STOPPING = "stopping"  # the person has had enough; the engine has not confirmed yet
    DONE = "done"
    STOPPED = "stopped"
    FAILED = "failed"

    @property
    def is_final(self) -> bool:
        """Whether nothing more will come."""
        return self in (TurnStatus.DONE, TurnStatus.STOPPED, TurnStatus.FAILED)


@dataclass(frozen=True)
class FoundBox:
    """A box that the model has put on a picture.

    Attributes:
        number: counts the boxes of one turn from 0.
        box: on the whole picture, also where the model saw a part of it.
        media_index: which of the turn's `pictures`.
        colour: which of the box colours; boxes of one label on one picture share it, unless people choose others.
        sheet: which of the picture's pages or frames, counted from 0; None if the model has not said.
    """

    number: int
    box: Place
    label: str
    media_index: int
    colour: int
    sheet: int | None = 0


@dataclass(frozen=True)
class TurnError:
    """Why an answer failed."""

    message: str
    hint: str = ""
    code: str = ""


class Turn(LightObservable):
    """A question with its files, and the answer as it comes.

    Signals besides those of the properties: `block_added(AnswerBlock)`, `call_added(ToolCall)`, `box_found(FoundBox)`,
    and `restarted(Turn)` when the answer is thrown away to be given again; `heard(Turn, Said)` after each event of the
    running answer that has been added to it; `settled(Turn)` when it is over; `repeated(Turn)` with the turn that is
    asked beside this one; `revised(Turn, list[Event])` when a part of the finished answer was put otherwise by these
    events.

    Attributes:
        key: of this turn and no other, for keeping it.
        before: the turn that this one follows; None for a first question. Several turns may follow one.
        place: how many turns there are before this one.
        attachments: the files of this question.
        files: all files of the conversation up to this question, and those that tools have brought.
        calls: of tools, in the order in which the model made them.
        progress: how much of the question the model has read, 0 to 1.
        finish_reason: why the model wrote no more; None until it says so.
        completes: the question is the beginning of a text, and the answer goes on with it (base models).
        thought_seconds: how long the model thought; 0 while that is not known.
        resuming: the answer is gone on with, behind what there is of it.
        broken_boxes: how many boxes the model began and did not write well.
        version: of a page, that this answer writes; None for ordinary questions.
        page_ask: how that page is asked for, instead of by the conversation; None for ordinary questions.
        transcript: of the one file of a question that wants it written down; None for ordinary questions.
        told: what the model is told of it by later questions; None until they have been asked.
    """

    status = Property[TurnStatus](TurnStatus.WAITING)
    progress = Property(0.0)
    thought = Property("")
    usage = Property[UsageReport | None](None)
    error = Property[TurnError | None](None)
    finish_reason = Property[FinishReason | None](None)
    broken_boxes = Property(0)
    version = Property[PageVersion | None](None)
    completes = Property(False)
    thought_seconds = Property(0.0)
    text_appended = LightSignal()
    block_added = LightSignal()
    call_added = LightSignal()
    box_found = LightSignal()
    restarted = LightSignal()
    resumed = LightSignal()
    heard = LightSignal()
    settled = LightSignal()
    repeated = LightSignal()
    revised = LightSignal()

    def __init__(
        self,
        question: str,
        attachments: tuple[Attachment, ...] = (),
        page_ask: PageAsk | None = None,
        transcript: Transcript | None = None,
    ) -> None:
        self.key = new_key()
        self.before: Turn | None = None
        self.place = 0
        self.question = question
        self.page_ask = page_ask
        self.transcript = transcript
        self.attachments = attachments
        self.files = attachments
        self.request_id = ""
        self.resuming = False
        self.reported_seconds = 0.0  # of thinking, as the engine measured it
        self.thinking_since: float | None = None
        self.text = ""
        self.boxes: tuple[FoundBox, ...] = ()
        self.calls: tuple[ToolCall, ...] = ()
        self.told: tuple[Message, ...] | None = None
        self._splitter: AnswerSplitter | None = None
        self._thoughts_ended: tuple[int, ...] = ()  # where those of each round with calls did

    @property
    def blocks(self) -> list[AnswerBlock]:
        """The answer in pieces that are shown in different ways; together they are its text.

        Nobody keeps those of an answer that is over, unless calls stand between them: they are made when they are seen.
        """
        if self._splitter is not None:
            return self._splitter.blocks
        splitter = self._split()
        splitter.finish()
        return splitter.blocks

    @property
    def parts(self) -> list[AnswerBlock | ToolCall]:
        """Blocks and calls in the order in which the model wrote them."""
        parts: list[AnswerBlock | ToolCall] = list(self.blocks)
        for call in reversed(self.calls):
            parts.insert(call.place, call)
        return parts

    @property
    def open_calls(self) -> list[ToolCall]:
        """Those that have not been answered."""
        return [call for call in self.calls if not call.status.is_final]

    @property
    def rounds(self) -> list[tuple[str, list[ToolCall]]]:
        """What was thought before each time that the model waited for tools, and its calls then."""
        starts = [0, *self._thoughts_ended]
        return [
            (self.thought[starts[number] : end], [call for call in self.calls if call.round == number])
            for number, end in enumerate(self._thoughts_ended)
        ]

    @property
    def pictures(self) -> tuple[Attachment, ...]:
        """What is seen, clips and documents included, as `FoundBox.media_index` counts it; of parts, the whole."""
        return tuple(dict.fromkeys(file.whole for file in self.files if file.is_seen))

    @property
    def is_about_parts(self) -> bool:
        """Whether it asks about parts of pictures and nothing else."""
        return bool(self.attachments) and all(file.region is not None for file in self.attachments)

    @property
    def labels(self) -> list[str]:
        """The labels of all boxes, each once, in order of appearance."""
        return list(dict.fromkeys(found.label for found in self.boxes))

    def append_text(self, text: str) -> None:
        """More of the answer."""
        splitter = self._open()
        self.text += text
        self.told = None
        self.text_appended.emit(text)
        self._announce(splitter.feed(text))

    def write_down(self, segment: TranscriptSegment) -> None:
        """What is said in a stretch of a recording."""
        if self.transcript is not None:
            self.transcript.put(segment)
            self.text = self.transcript.text
        elif segment.text:
            self.append_text(f"{segment.text}\n")

    def revise(self, segments: list[TranscriptSegment]) -> None:
        """Stretches of the transcript are to be read otherwise: corrected by hand, or heard again."""
        for segment in segments:
            self.write_down(segment)
        self.revised.emit(self, segments)

    def again(self, question: str) -> Turn:
        """A question of the same kind about the same files, without an answer."""
        transcript = None if self.transcript is None else Transcript()
        return Turn(question, self.attachments, self.page_ask, transcript)

    def add_box(
        self, box: Place, label: str, media_index: int, number: int | None = None, seconds: float | None = None
    ) -> None:
        """A box has closed in the text; the last four as in a BoxFound."""
        labels = self.labels
        colour = labels.index(label) if label in labels else len(labels)
        seen = [file for file in self.files if file.is_seen]
        index, sheet = media_index, 0
        if index < len(seen):
            file = seen[index]
            index, colour = self.pictures.index(file.whole), file.whole.usual_colour(label)
            sheet = file.sheet_at(number, seconds) if file.region is None else file.region.sheet
            box = box if file.region is None else file.region.whole_place(box)
        found = FoundBox(len(self.boxes), box, label, index, colour, sheet)
        self.boxes = (*self.boxes, found)
        for block in self.blocks:
            if len(block.boxes) < block.expected_boxes:
                block.boxes = (*block.boxes, found.number)
                break
        self.box_found.emit(found)

    def resume(self) -> None:
        """Go on where the answer ended; its blocks are made anew, as the last of them may be open again."""
        self.request_id, self.resuming = "", True
        self.error = self.finish_reason = None
        self.progress = 0.0
        self._splitter = None
        self._open()
        self.resumed.emit()
        self.status = TurnStatus.WAITING

    def add_call(self, name: str, arguments: JsonObject) -> None:
        """The model wants a tool called; what it writes next stands below that."""
        self._announce(self._open().pause())
        call = ToolCall(len(self.calls), len(self._thoughts_ended), len(self.blocks), name, arguments)
        self.calls = (*self.calls, call)
        self.call_added.emit(call)

    def wait_for_tools(self) -> None:
        """The model goes on once its calls have been answered."""
        if self.calls and self.calls[-1].round == len(self._thoughts_ended):
            self._thoughts_ended = (*self._thoughts_ended, len(self.thought))

    def finish(self, status: TurnStatus) -> None:
        """Nothing more comes."""
        if self._splitter is not None:
            self._announce(self._splitter.finish())
            self._splitter = self._splitter if self.calls else None
        self.status = status
        self.settled.emit(self)

    def restart(self) -> None:
        """Throw the answer away, to ask again."""
        self.text, self.boxes, self._splitter = "", (), None
        self.calls, self._thoughts_ended = (), ()
        self.thought, self.progress, self.broken_boxes = "", 0.0, 0
        self.thought_seconds = self.reported_seconds = 0.0
        self.resuming, self.told = False, None
        self.usage = self.error = self.finish_reason = None
        if self.transcript is not None:
            self.transcript.clear()
        self.restarted.emit(self)
        self.status = TurnStatus.WAITING

    def _open(self) -> AnswerSplitter:
        """What cuts the words that come next, behind those that there are."""
        if self._splitter is None:
            self._splitter = self._split()
        return self._splitter

    def _split(self) -> AnswerSplitter:
        """The text in blocks, as far as it goes; a transcript has none."""
        splitter = AnswerSplitter()
        splitter.feed("" if self.transcript is not None else self.text)
        numbers = iter(range(len(self.boxes)))
        for block in splitter.blocks:
            block.boxes = tuple(islice(numbers, block.expected_boxes))
        return splitter

    def _announce(self, blocks: list[AnswerBlock]) -> None:
        for block in blocks:
            self.block_added.emit(block)
