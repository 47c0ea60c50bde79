"""Transcription of long recordings: what is asked, and segments that are ordered, gap-free and without repeats."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlx_gemma4.engine.transcription import transcribe
from mlx_gemma4.media.cutting import Piece, cut_pieces
from mlx_gemma4.media.sound import Samples
from mlx_gemma4.protocol.cost import SAMPLE_RATE
from mlx_gemma4.protocol.errors import MediaError, PrismError
from mlx_gemma4.protocol.events import (
    Event,
    PromptProgress,
    TextDelta,
    TranscriptSegment,
    TurnFinished,
    UsageReport,
)
from mlx_gemma4.protocol.parts import AudioPart, TextPart
from mlx_gemma4.protocol.requests import Ask, Transcribe

SECOND = SAMPLE_RATE
RECIPE = (
    "Transcribe the following speech segment in its original language.\n\n"
    "Follow these specific instructions for formatting the answer:\n"
    "* Only output the transcription, with no newlines.\n"
    "* When transcribing numbers, write the digits, i.e. write 1.7 and not one point seven, "
    "and write 3 instead of three."
)


def sound(seconds: float) -> Samples:
    return np.random.default_rng(1).normal(0, 0.1, round(seconds * SECOND)).astype(np.float32)


def silence(seconds: float) -> Samples:
    return np.zeros(round(seconds * SECOND), np.float32)


class Listener:
    """A model that says the next of its answers about every piece, and keeps what it was asked."""

    def __init__(self, *answers: str, reason: str = "end_of_turn") -> None:
        self.asked: list[Ask] = []
        self.pieces: list[Piece] = []
        self._answers = list(answers)
        self._reason = reason
        self.stopped = False

    def __call__(self, ask: Ask, piece: Piece) -> Iterator[Event]:
        self.asked.append(ask)
        self.pieces.append(piece)
        yield PromptProgress(10, 10)
        for word in self._answers.pop(0).split(" "):
            yield TextDelta(word + " ")
        self.stopped = self._reason == "stopped"
        yield UsageReport(10, 5, 2.0, 0.5, 1000)
        yield TurnFinished(self._reason)  # pyright: ignore[reportArgumentType]

    @property
    def questions(self) -> list[str]:
        return [part.text for ask in self.asked for part in ask.messages[0].parts if isinstance(part, TextPart)]


def segments_of(events: list[Event]) -> list[TranscriptSegment]:
    return [event for event in events if isinstance(event, TranscriptSegment)]


def check_segments(segments: list[TranscriptSegment], seconds: float) -> None:
    """They begin at 0, end at the end, are in order and leave nothing out."""
    assert segments[0].start == 0 and segments[-1].end == pytest.approx(seconds)
    for one, other in pairwise(segments):
        assert one.start <= one.end == other.start


def heard(samples: Samples, listener: Listener, **settings: object) -> list[Event]:
    request = Transcribe("r", "talk.wav", **settings)  # pyright: ignore[reportArgumentType]
    return list(transcribe(request, cut_pieces([samples]), listener, lambda: listener.stopped))


def test_a_short_recording_is_one_question_in_the_published_words() -> None:
    listener = Listener("Hello there.")
    events = heard(sound(10), listener)
    assert segments_of(events) == [TranscriptSegment(0.0, 10.0, "Hello there.")]
    assert listener.questions == [RECIPE]
    (ask,) = listener.asked
    assert ask.messages[0].parts[1] == AudioPart("talk.wav", 0.0, 10.0), "the sound comes after the words"
    assert not ask.thinking and ask.sampling.temperature == 0 and ask.max_tokens == 512
    assert [type(event) for event in events] == [PromptProgress, TranscriptSegment, UsageReport, TurnFinished]


def test_a_language_is_named_as_published() -> None:
    listener = Listener("Hallo.")
    heard(sound(3), listener, language="German")
    assert listener.questions[0] == RECIPE.replace("in its original language", "in German into German text")


def test_translation_is_asked_for_as_published_and_told_apart() -> None:
    listener = Listener("Guten Tag.\nEnglish: Good day.")
    events = heard(sound(3), listener, language="German", translate_to="English")
    assert listener.questions[0] == (
        "Transcribe the following speech segment in German, then translate it into English.\n"
        "When formatting the answer, first output the transcription in German, then one newline, "
        "then output the string 'English: ', then the translation in English."
    )
    assert segments_of(events) == [TranscriptSegment(0.0, 3.0, "Guten Tag.", "Good day.")]


def test_pieces_follow_without_gap_and_are_given_the_last_words() -> None:
    samples = np.concatenate([sound(26), silence(1), sound(25), silence(1), sound(10)])
    listener = Listener("One thing is certain.", "Another is not.", "The end.")
    segments = segments_of(heard(samples, listener))
    check_segments(segments, 63)
    assert [segment.text for segment in segments] == ["One thing is certain.", "Another is not.", "The end."]
    assert segments[0].end == pytest.approx(26.5, abs=0.02) and segments[1].end == pytest.approx(52.5, abs=0.02)
    assert listener.questions[0] == RECIPE
    for question, words in zip(listener.questions[1:], ("One thing is certain.", "Another is not."), strict=True):
        assert question.startswith(RECIPE + "\n\n") and question.endswith(f"\n{words}")
    for ask, piece in zip(listener.asked, listener.pieces, strict=True):
        assert ask.messages[0].parts[1] == AudioPart("talk.wav", piece.start, piece.end)


def test_an_overlap_is_told_once() -> None:
    listener = Listener(
        " ".join(f"word{n}" for n in range(28)), " ".join(f"word{n}" for n in range(26, 50)), "word48 word49 word50"
    )
    segments = segments_of(heard(sound(70), listener))
    check_segments(segments, 70)
    assert [piece.shared_before > 0 for piece in listener.pieces] == [False, True, True]
    words = " ".join(segment.text for segment in segments).split()
    assert words == [f"word{n}" for n in range(51)]


def test_sentences_get_times_of_their_own_from_where_something_is_heard() -> None:
    samples = np.concatenate([sound(4), silence(2), sound(4), silence(10)])
    first, second = "This is said at first.", "That is said after it."
    segments = segments_of(heard(samples, Listener(f"{first} {second}")))
    check_segments(segments, 20)
    assert [segment.text for segment in segments] == [first, second]
    assert segments[0].end == pytest.approx(5, abs=0.1), "in the middle of the pause"


def test_translated_sentences_are_paired_only_where_their_number_is_equal() -> None:
    said = "Das ist der erste Satz. Das ist der zweite Satz."
    pairs = segments_of(
        heard(
            sound(8),
            Listener(f"{said}\nEnglish: This is the first one. This is the second one."),
            translate_to="English",
        )
    )
    assert [segment.translation for segment in pairs] == ["This is the first one.", "This is the second one."]
    (whole,) = segments_of(
        heard(sound(8), Listener(f"{said}\nEnglish: These are two sentences."), translate_to="English")
    )
    assert (whole.text, whole.translation) == (said, "These are two sentences.")


def test_silent_pieces_are_not_asked_about_and_leave_no_gap() -> None:
    samples = np.concatenate([sound(10), silence(90), sound(10)])
    listener = Listener("Hello.", "Bye.")
    segments = segments_of(heard(samples, listener))
    check_segments(segments, 110)
    assert [segment.text for segment in segments if segment.text] == ["Hello.", "Bye."]
    assert len(listener.asked) == 2


def test_a_recording_without_any_sound_is_one_clear_sentence() -> None:
    listener = Listener()
    with pytest.raises(MediaError, match="silent: nothing can be heard") as caught:
        heard(silence(40), listener)
    assert caught.value.code == "media.silent" and not listener.asked


def test_a_model_that_repeats_its_context_is_not_believed() -> None:
    samples = np.concatenate([sound(26), silence(1), sound(10)])
    listener = Listener("and so it came to an end", "And so it came to an end. Then it rained.")
    assert [s.text for s in segments_of(heard(samples, listener))] == ["and so it came to an end", "Then it rained."]


stretches = st.lists(st.tuples(st.booleans(), st.floats(0.2, 45)), min_size=1, max_size=6)
answers = st.lists(st.text("ab .!?\n,天", max_size=150), min_size=12, max_size=12)


@settings(max_examples=25)
@given(stretches, answers, st.booleans())
def test_whatever_is_recorded_and_answered_segments_have_no_gap(
    parts: list[tuple[bool, float]], said: list[str], translate: bool
) -> None:
    samples = np.concatenate([sound(seconds) if loud else silence(seconds) for loud, seconds in parts])
    if translate:
        said = [text.replace("b", "\nEnglish: ", 1) for text in said]
    listener = Listener(*said)
    if not any(loud for loud, _ in parts):
        with pytest.raises(MediaError, match="silent"):
            heard(samples, listener)
        return
    segments = segments_of(heard(samples, listener, translate_to="English" if translate else None))
    check_segments(segments, len(samples) / SECOND)
    letters = set("".join(segment.text for segment in segments))
    assert letters <= set("".join(said[: len(listener.asked)])) | {" "}


def test_usage_is_that_of_all_pieces_and_the_reason_that_of_the_first_that_was_cut() -> None:
    samples = np.concatenate([sound(26), silence(1), sound(10)])
    events = heard(samples, Listener("a", "b", reason="max_tokens"))
    usage, finished = events[-2:]
    assert usage == UsageReport(20, 10, 2.0, 0.5, 1000)
    assert finished == TurnFinished("max_tokens")


def test_a_stopped_piece_ends_everything_and_tells_nothing_more() -> None:
    samples = np.concatenate([sound(26), silence(1), sound(10)])
    listener = Listener("half a sen", "never", reason="stopped")
    events = heard(samples, listener)
    assert not segments_of(events) and events[-1] == TurnFinished("stopped")
    assert len(listener.asked) == 1


def test_what_was_heard_before_an_error_is_told_first() -> None:
    def pieces() -> Iterator[Piece]:
        yield from list(cut_pieces([sound(40)]))[:1]  # the last words are held back for the overlap
        raise MediaError("It breaks off.")

    events: list[Event] = []
    listener = Listener(" ".join(f"word{n}" for n in range(28)))
    with pytest.raises(PrismError, match="breaks off"):
        events += transcribe(Transcribe("r", "talk.wav"), pieces(), listener, lambda: False)
    segments = segments_of(events)
    check_segments(segments, listener.pieces[0].end)
    assert " ".join(segment.text for segment in segments).split() == [f"word{n}" for n in range(28)]


def test_a_stretch_begins_and_ends_where_it_was_asked_to_and_pieces_are_counted() -> None:
    listener = Listener("first part.", "second part.")
    samples = np.concatenate([sound(26), silence(0.5), sound(10)])
    request = Transcribe("t", "talk.wav", start=100.0, first_piece=4)
    events = list(transcribe(request, cut_pieces([samples], 100 * SECOND), listener, lambda: False))
    segments = [event for event in events if isinstance(event, TranscriptSegment)]
    assert segments[0].start == 100 and segments[-1].end == pytest.approx(136.5)
    assert [segment.piece for segment in segments] == [4, 5]
    assert listener.asked[1].messages[0].parts[1] == AudioPart("talk.wav", *_span(listener.pieces[1]))


def _span(piece: Piece) -> tuple[float, float]:
    return piece.start, piece.end
