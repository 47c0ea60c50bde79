"""Answers with a model that a server has: the same requests and events as with one in memory."""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from typing import Any

from mlx_gemma4.engine.answer_clock import AnswerClock
from mlx_gemma4.engine.backend import numbered
from mlx_gemma4.engine.course import Course
from mlx_gemma4.engine.machine_memory import machine_memory
from mlx_gemma4.engine.remote.answer import AnswerReader, Outcome
from mlx_gemma4.engine.remote.body import CHAT, PLAIN, refused_names, without, write_body
from mlx_gemma4.engine.remote.connection import Connection
from mlx_gemma4.engine.remote.content import ContentMaker, ReadSound
from mlx_gemma4.engine.remote.failures import Refusal
from mlx_gemma4.engine.transcription import pieces_of, transcribe
from mlx_gemma4.media.cutting import Piece
from mlx_gemma4.media.sound import read_part
from mlx_gemma4.prompt.chat_template import ChatOptions
from mlx_gemma4.prompt.counting import count_prompt
from mlx_gemma4.prompt.prepare import count_pictures
from mlx_gemma4.protocol.care import AskEstimated, EstimateAsk
from mlx_gemma4.protocol.cost import MediaBudgets
from mlx_gemma4.protocol.events import Event, Remark, TurnFinished
from mlx_gemma4.protocol.requests import Ask, Transcribe

_PREPARERS = 2
_LOOK_SECONDS = 0.02
_CHARACTERS_PER_TOKEN = 4
_UNKNOWN_CONTEXT = 1 << 20
_STRICT = (400, 422)
"""How servers refuse fields that they do not know."""


class RemoteBackend:
    """Answers requests with one model of one server; a `Backend`.

    Attributes:
        between: called between two steps of a request.
    """

    def __init__(self, connection: Connection, model: str, budgets: MediaBudgets, context: int = 0) -> None:
        """`context` is how many tokens the model can have in mind; 0 if nobody knows."""
        self.between: Callable[[], None] = lambda: None
        self._context = context
        self._connection, self._model, self._budgets = connection, model, budgets
        self._stops: dict[str, threading.Event] = {}
        self._unknown: set[str] = set()  # fields that this server does not take
        self._preparers = ThreadPoolExecutor(_PREPARERS, "prepare")

    def ask(self, request: Ask) -> Generator[Event]:
        """The answer's events."""
        stop = self._stops[request.id] = threading.Event()
        return self._numbered(request.id, self._run(request, stop))

    def transcribe(self, request: Transcribe) -> Generator[Event]:
        """The transcript's events; the recording goes there piece by piece."""
        stop = self._stops[request.id] = threading.Event()
        return self._numbered(request.id, self._transcribe(request, stop))

    def estimate(self, request: EstimateAsk) -> AskEstimated:
        """About what a question would take, none of it this machine's memory.

        Raises:
            PrismError: it cannot be written as a prompt.
        """
        options = ChatOptions(thinking=request.thinking, tools=request.tools, plain=not request.chat_format)
        tokens = count_prompt(request.messages, _about, options, request.media)
        return AskEstimated(tokens, self._context or _UNKNOWN_CONTEXT, 0, machine_memory())

    def stop(self, request_id: str) -> None:
        """End a request at its next step, from any thread."""
        stop = self._stops.get(request_id)
        if stop is not None:
            stop.set()

    def forget(self) -> None:
        """Close what is open; another question opens it again."""
        self._connection.close()

    def _numbered(self, request_id: str, events: Iterator[Event]) -> Generator[Event]:
        return numbered(request_id, events, lambda: self._stops.pop(request_id, None))

    def _transcribe(self, request: Transcribe, stop: threading.Event) -> Iterator[Event]:
        def answer(question: Ask, piece: Piece) -> Iterator[Event]:
            return self._run(question, stop, lambda _: piece.samples)

        yield from transcribe(request, pieces_of(request), answer, stop.is_set)

    def _run(self, request: Ask, stop: threading.Event, read_sound: ReadSound = read_part) -> Iterator[Event]:
        course = Course(stop, self.between, AnswerClock())
        maker = ContentMaker(self._budgets, request.max_soft_tokens, read_sound)
        body = self._body(request, maker, course)
        yield from map(Remark, maker.remarks)
        outcome: Outcome = "stopped"
        while body is not None:
            body = without(body, self._unknown)
            outcome = yield from self._attempt(request, body, course)
            if not isinstance(outcome, Refusal):
                break
            refused = refused_names(body, outcome.words) if outcome.status in _STRICT else set()
            if not refused:
                raise self._connection.failures.of_refusal(outcome, pictures=maker.pictures, sound=maker.sound)
            self._unknown |= refused
        assert not isinstance(outcome, Refusal)
        yield course.meter.report()
        yield TurnFinished(outcome)

    def _attempt(self, request: Ask, body: dict[str, Any], course: Course) -> Generator[Event, None, Outcome]:
        media_index = max(count_pictures(request.messages) - 1, 0)
        reader = AnswerReader(request, course, self._connection.failures, media_index)
        reply = self._connection.ask(CHAT if request.chat_format else PLAIN, body)
        try:
            return (yield from reader.read(reply))
        finally:
            reply.close()

    def _body(self, request: Ask, maker: ContentMaker, course: Course) -> dict[str, Any] | None:
        """What is sent, made on another thread, so that neither Stop nor what is urgent waits; None after a Stop."""
        coming = self._preparers.submit(write_body, request, self._model, maker)
        while not wait([coming], _LOOK_SECONDS).done:
            if course.is_over():
                return None
        return coming.result()


def _about(text: str) -> int:
    """Tokens of a text; nobody here has the model's tokenizer."""
    return -(-len(text) // _CHARACTERS_PER_TOKEN)
