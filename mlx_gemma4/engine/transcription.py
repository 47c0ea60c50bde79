"""A recording of any length to its transcript: piece after piece is asked about, and what comes back is joined."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TypeAlias

from mlx_gemma4.media.cutting import Piece, cut_pieces
from mlx_gemma4.media.loudness import Loudness
from mlx_gemma4.media.sound import is_silent, open_sound
from mlx_gemma4.parsing.transcript import (
    drop_echo,
    hold_back,
    join_overlap,
    last_words,
    one_line,
    split_sentences,
    split_translation,
)
from mlx_gemma4.prompt.transcription import CONTEXT_WORDS, transcription_message
from mlx_gemma4.protocol.cost import SAMPLE_RATE
from mlx_gemma4.protocol.errors import MediaError, PrismError
from mlx_gemma4.protocol.events import (
    Event,
    FinishReason,
    PromptProgress,
    TextDelta,
    TranscriptSegment,
    TurnFinished,
    UsageReport,
)
from mlx_gemma4.protocol.parts import AudioPart
from mlx_gemma4.protocol.requests import Ask, Transcribe

Answer: TypeAlias = Callable[[Ask, Piece], Iterator[Event]]
"""Answers a question about a piece; the last event is TurnFinished."""

_LEAST = SAMPLE_RATE // 10  # samples; a rest that is shorter holds no word
_MARGIN = 1.0  # seconds before an overlap from which words may belong to it


def pieces_of(request: Transcribe) -> Iterator[Piece]:
    """The pieces of the stretch of a recording that is to be transcribed.

    Raises:
        MediaError: it cannot be read; also while it is being read.
    """
    return cut_pieces(open_sound(request.path).stretch(request.start, request.end), round(request.start * SAMPLE_RATE))


def transcribe(
    request: Transcribe, pieces: Iterable[Piece], answer: Answer, stopped: Callable[[], bool]
) -> Iterator[Event]:
    """The events of a transcription, all but their numbers; each segment leaves as soon as it cannot change any more.

    Holds one piece and a few words, however long the recording is. A silent piece is not asked about: models make up
    words for it.

    Args:
        request: what is to be transcribed and how.
        pieces: of the recording, in order.
        answer: asks the model.
        stopped: whether nobody wants the rest any more; `answer` ends by itself then.

    Raises:
        PrismError: a piece cannot be read or asked about, or there is nothing to hear in all of them. What was heard up
            to there has been said.
    """
    work = _Transcription(request, answer)
    try:
        for piece in pieces:
            if not stopped():
                yield from work.hear(piece)
            if stopped():
                work.reason = "stopped"
                break
    except PrismError:
        yield from work.rest()
        raise
    if work.reason != "stopped":  # else what is held is in the last segment, for who goes on
        yield from work.rest()
        if work.usage is None and not request.context:
            raise MediaError(f"{request.path} is silent: nothing can be heard in it.", code="media.silent")
    if work.usage is not None:
        yield work.usage
    yield TurnFinished(work.reason)


@dataclass(frozen=True)
class _Heard:
    """What is said in a stretch; both may be empty."""

    text: str = ""
    translation: str = ""


class _Transcription:
    """What a transcription has to remember from piece to piece.

    Attributes:
        reason: why it ended, as far as is known yet.
        usage: of all pieces so far; None before the first that was asked about.
    """

    def __init__(self, request: Transcribe, answer: Answer) -> None:
        self.reason: FinishReason = "end_of_turn"
        self.usage: UsageReport | None = None
        self._request = request
        self._answer = answer
        self._told = request.start  # the end of the last segment
        self._end = request.start  # of what has been heard
        self._held = _Heard(request.held)  # words of the last overlap, which the next piece may hear better
        self._context = last_words(request.context, CONTEXT_WORDS)
        self._piece = request.first_piece - 1  # counts them

    def hear(self, piece: Piece) -> Iterator[Event]:
        """Ask about one piece, and tell what is certain by then."""
        self._piece += 1
        heard = _Heard()
        if len(piece.samples) >= _LEAST and not is_silent(piece.samples):
            heard = yield from self._ask(piece)
        if self.reason == "stopped":
            return
        heard = _Heard(
            join_overlap(self._held.text, heard.text), join_overlap(self._held.translation, heard.translation)
        )
        loudness = Loudness(piece.samples)
        self._held = _Heard()
        if piece.shared_after:
            share = loudness.share_until(piece.next_start - piece.start - _MARGIN)
            text, held = hold_back(heard.text, share)
            translation, held_translation = hold_back(heard.translation, share)
            heard, self._held = _Heard(text, translation), _Heard(held, held_translation)
        self._end = piece.end
        self._context = last_words(heard.text, CONTEXT_WORDS) or self._context
        yield from self._tell(heard, piece, loudness)

    def rest(self) -> Iterator[Event]:
        """What is still held back when no piece follows."""
        if self._told < self._end:
            yield TranscriptSegment(self._told, self._end, self._held.text, self._held.translation or None, self._piece)
            self._told, self._held = self._end, _Heard()

    def _ask(self, piece: Piece) -> Iterator[Event]:
        """The model's answer about a piece; returns what it heard."""
        request = self._request
        part = AudioPart(request.path, piece.start, piece.end)
        message = transcription_message(part, request.language, request.translate_to, self._context)
        question = Ask(
            request.id,
            (message,),
            sampling=request.sampling,
            max_tokens=request.max_tokens,
            loop_guard=request.loop_guard,
        )
        text = ""
        for event in self._answer(question, piece):
            match event:
                case PromptProgress():
                    yield event
                case TextDelta():
                    text += event.text
                case UsageReport():
                    self.usage = event if self.usage is None else _sum(self.usage, event)
                case TurnFinished(reason):
                    if reason == "stopped" or self.reason == "end_of_turn":
                        self.reason = reason
                case _:
                    pass
        if request.translate_to is None:
            return _Heard(drop_echo(self._context, one_line(text)))
        text, translation = split_translation(text, request.translate_to)
        return _Heard(drop_echo(self._context, text), translation or "")

    def _tell(self, heard: _Heard, piece: Piece, loudness: Loudness) -> Iterator[TranscriptSegment]:
        """The sentences heard, spread over the time up to the next piece."""
        sentences, translations = split_sentences(heard.text), split_sentences(heard.translation)
        if self._request.translate_to is not None and len(sentences) != len(translations):
            sentences, translations = [heard.text], [heard.translation]  # which belongs to which is not known
        sentences = sentences or [""]
        letters, past = sum(map(len, sentences)), 0
        until = loudness.share_until(piece.next_start - piece.start)
        since = loudness.share_until(max(self._told - piece.start, 0.0))
        for number, sentence in enumerate(sentences):
            past += len(sentence)
            end, held, more = piece.next_start, self._held.text, number < len(sentences) - 1
            if more:
                held = ""
                moment = piece.start + loudness.moment_of(since + (until - since) * past / letters)
                end = min(max(moment, self._told), piece.next_start)
            translation = translations[number] if number < len(translations) else ""
            yield TranscriptSegment(self._told, end, sentence, translation or None, self._piece, held, more)
            self._told = end


def _sum(one: UsageReport, other: UsageReport) -> UsageReport:
    """What two answers took together; the rate is that of both decoding times."""
    both = [(usage.completion_tokens - 1, usage.tokens_per_second) for usage in (one, other)]
    steps = [(count, count / rate) for count, rate in both if rate > 0]
    seconds = sum(time for _, time in steps)
    return UsageReport(
        prompt_tokens=one.prompt_tokens + other.prompt_tokens,
        completion_tokens=one.completion_tokens + other.completion_tokens,
        tokens_per_second=sum(count for count, _ in steps) / seconds if seconds > 0 else 0.0,
        time_to_first_token=one.time_to_first_token,
        peak_memory_bytes=max(one.peak_memory_bytes, other.peak_memory_bytes),
        reused_tokens=one.reused_tokens + other.reused_tokens,
    )
