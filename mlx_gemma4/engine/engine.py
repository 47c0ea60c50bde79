"""A request to its stream of events: prepare, read the prompt, decode, parse."""

from __future__ import annotations

import copy
import functools
import threading
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import replace

import numpy as np

from mlx_gemma4.engine.answering import AnswerWriter
from mlx_gemma4.engine.ask_guard import AskGuard, PromptSize, memory_beside_model
from mlx_gemma4.engine.backend import numbered
from mlx_gemma4.engine.course import Course
from mlx_gemma4.engine.prompt_identity import TurnMarkers
from mlx_gemma4.engine.reuse import Reuse
from mlx_gemma4.engine.transcription import pieces_of, transcribe
from mlx_gemma4.engine.usage import UsageMeter
from mlx_gemma4.generation.feature_cache import FeatureCache
from mlx_gemma4.generation.pace import LEAST_TOKENS, ChunkPace
from mlx_gemma4.generation.session import Session
from mlx_gemma4.generation.speculative import Speculation
from mlx_gemma4.generation.steps import DecodeSteps
from mlx_gemma4.media.cutting import Piece
from mlx_gemma4.media.sound import read_part
from mlx_gemma4.model.gemma4 import Gemma4
from mlx_gemma4.prompt.chat_template import ChatOptions
from mlx_gemma4.prompt.checkpoint_files import PromptDefaults
from mlx_gemma4.prompt.counting import count_prompt, piece_sizes
from mlx_gemma4.prompt.media_segments import ReadSound, deaf
from mlx_gemma4.prompt.prepare import prepare
from mlx_gemma4.prompt.prepared import Prepared
from mlx_gemma4.prompt.tokenizer import Tokenizer
from mlx_gemma4.protocol.care import AskEstimated, EstimateAsk
from mlx_gemma4.protocol.events import Event, FinishReason, PromptProgress, Remark, TurnFinished
from mlx_gemma4.protocol.kv_packing import KVPacking
from mlx_gemma4.protocol.parts import AudioPart, DocumentPart, ImagePart, Message, VideoPart
from mlx_gemma4.protocol.requests import Ask, SamplingSettings, Transcribe

KEPT_BYTES = 1 << 30
"""Memory for what was read before, where nobody says how much there is."""
FEATURES_PART = 8
"""As much again, divided by this, is for what the towers made of media."""
_PREPARERS = 2  # threads: for a request, and for one that overtakes it
_PATIENCE_SECONDS = 0.02
_COUNTED_TEXTS = 512  # of a conversation that is being estimated again and again


class Engine:
    """Answers requests with one model, one at a time, all on the thread that iterates over the events.

    Only `stop` may be called from another thread.

    Attributes:
        between: called between two steps of a request (chunks of a prompt, tokens of an answer). It may iterate over
            another request from its first to its last event meanwhile; the one that waits is not changed by that.
    """

    def __init__(
        self,
        model: Gemma4,
        tokenizer: Tokenizer,
        defaults: PromptDefaults,
        pace: ChunkPace | None = None,
        kept_bytes: int = KEPT_BYTES,
        speculation: Speculation | None = None,
        packing: KVPacking | None = None,
    ) -> None:
        """An engine for this model.

        Args:
            model: with its weights.
            tokenizer: of the same checkpoint.
            defaults: of the same checkpoint.
            pace: in what chunks prompts are read; None reads the largest.
            kept_bytes: memory for what was read before; the last conversation stays even if it takes more.
            speculation: guesses answers ahead, by a drafter of the same model; None does not.
            packing: how keys and values of global layers are kept; None keeps them as they are.

        Raises:
            PrismError: this model's keys and values cannot be packed.
        """
        self._tokenizer = tokenizer
        self._defaults = defaults
        self._writer = AnswerWriter(tokenizer, speculation)
        self._guard = AskGuard(model, speculation.length.most + 1 if speculation else 1, packing)
        self._count_text = functools.lru_cache(_COUNTED_TEXTS)(lambda text: len(tokenizer.encode_text(text)))
        # keeps the compiled steps and the pace for the sessions of all requests
        steps = DecodeSteps(model, suppressed_ids=tokenizer.special.suppressed_ids)
        self._features = FeatureCache(kept_bytes // FEATURES_PART)
        self._blank = Session(model, chunk=pace, steps=steps, encode=self._features, packing=packing)
        markers = TurnMarkers.of(tokenizer.special)
        self._reuse = Reuse(self._blank, markers, kept_bytes)
        # for pieces of recordings, which come by once: they must not push out what may be asked about again
        self._passing = Reuse(Session(model, chunk=self._blank.pace, steps=steps, packing=packing), markers, 0)
        self._stops: dict[str, threading.Event] = {}
        self.between: Callable[[], None] = lambda: None
        self._preparers = ThreadPoolExecutor(_PREPARERS, "prepare")

    def ask(self, request: Ask) -> Generator[Event]:
        """The answer's events: `seq` counts from 0, and the last one is TurnFinished or EngineFailed, always.

        Errors that a person can do something about come as EngineFailed; they are not raised.
        """
        stop = self._stops[request.id] = threading.Event()
        return self._numbered(request.id, self._run(request, stop, self._reuse))

    def transcribe(self, request: Transcribe) -> Generator[Event]:
        """The transcript's events, numbered and ended as those of `ask`."""
        stop = self._stops[request.id] = threading.Event()
        return self._numbered(request.id, self._transcribe(request, stop))

    def stop(self, request_id: str) -> None:
        """End a request at its next token or prompt chunk; one that is not running is none to end."""
        stop = self._stops.get(request_id)
        if stop is not None:
            stop.set()

    def forget(self) -> None:
        """Let go of everything that was read before."""
        self._reuse.store.clear()
        self._passing.store.clear()
        self._features.clear()

    def warm_up(self) -> None:
        """Read a few tokens and write one, so that the first request need not wait for kernels, and the pace is known.

        Raises:
            RuntimeError: the device failed, or its memory is full.
        """
        session = self._blank.fresh()
        tokens = np.full(LEAST_TOKENS + 1, min(self._tokenizer.special.end_ids), np.int32)
        for _ in session.prefill(Prepared(tokens, ())):
            pass
        for _ in session.decode(SamplingSettings(), frozenset(), 1):
            pass

    def prepare(self, request: Ask, read_sound: ReadSound = read_part) -> Prepared:
        """The request's prompt; `read_sound` gives the samples of its sounds.

        Raises:
            PrismError: messages or files cannot be used.
        """
        options = replace(self._options(request), preserve_thinking=request.preserve_thinking)
        return prepare(request.messages, self._tokenizer, options, request.max_soft_tokens, self._defaults, read_sound)

    def estimate(self, request: EstimateAsk) -> AskEstimated:
        """What a question would take; may be called from any thread.

        Raises:
            PrismError: the messages cannot be written as a prompt.
        """
        tokens = count_prompt(request.messages, self._count_text, self._options(request), request.media)
        seen = [size for cost in request.media if cost.kind != "sound" for size in piece_sizes(cost)]
        heard = [cost.soft_tokens for cost in request.media if cost.kind == "sound"]
        size = PromptSize(tokens, request.max_tokens, seen, heard, read=min(request.read_tokens, tokens))
        memory = memory_beside_model()
        need = self._guard.need_bytes(self._guard.fitting(size, memory))
        return AskEstimated(tokens, self._guard.most_tokens, need, memory)

    def _options(self, request: Ask | EstimateAsk) -> ChatOptions:
        return ChatOptions(
            thinking=request.thinking,
            empty_thought=self._defaults.empty_thought,
            tools=request.tools,
            continues=isinstance(request, Ask) and request.continues,
            plain=not request.chat_format,
        )

    def _numbered(self, request_id: str, events: Iterator[Event]) -> Generator[Event]:
        return numbered(request_id, events, lambda: self._stops.pop(request_id, None))

    def _transcribe(self, request: Transcribe, stop: threading.Event) -> Iterator[Event]:
        if self._defaults.sound is None:
            raise deaf(request.path)
        pieces = pieces_of(request)

        def answer(question: Ask, piece: Piece) -> Iterator[Event]:
            return self._run(question, stop, self._passing, lambda _: piece.samples)

        try:
            yield from transcribe(request, pieces, answer, stop.is_set)
        finally:
            self._passing.store.clear()

    def _run(
        self, request: Ask, stop: threading.Event, reuse: Reuse, read_sound: ReadSound = read_part
    ) -> Iterator[Event]:
        course = Course(stop, self.between, UsageMeter())
        meter = course.meter
        prepared = self._prepared(request, read_sound, course)
        meter.prompt_tokens = len(prepared.token_ids)
        request, remarks = self._guard.admit(request, prepared, reuse.read_already(prepared), self._features)
        yield from map(Remark, [*prepared.remarks, *remarks])
        reason: FinishReason = "stopped"
        with reuse.reading(prepared) as reading:
            meter.reused_tokens = reading.reused
            if request.urgent:  # what it learns of the speed must not change the chunks of a job that waits for it
                reading.session.pace = copy.copy(reading.session.pace)
            for done, total in reading.prefill():
                yield PromptProgress(done, total)
                if course.is_over():
                    break
            else:
                answer = self._writer.write(request, reading.session, course, in_thought=prepared.in_thought)
                reason = yield from answer
                reading.calls_tool = reason == "tool_calls"
        yield meter.report()
        yield TurnFinished(reason)

    def _prepared(self, request: Ask, read_sound: ReadSound, course: Course) -> Prepared:
        """The prompt, made on another thread where files have to be decoded, so that what is urgent need not wait."""
        if not any(map(_has_files, request.messages)):
            return self.prepare(request, read_sound)
        coming = self._preparers.submit(self.prepare, request, read_sound)
        while not wait([coming], _PATIENCE_SECONDS).done:
            course.pause()
        return coming.result()


def _has_files(message: Message) -> bool:
    return any(isinstance(part, ImagePart | AudioPart | VideoPart | DocumentPart) for part in message.parts)
