"""A transcript: stretches in order, of which the last word counts; lines, times, and what is looked for."""

from __future__ import annotations

from app.state.clock import clock
from app.state.transcript import Transcript
from mlx_gemma4.protocol.events import TranscriptSegment as Said

TALK = (Said(0, 4, "Good morning."), Said(4, 25, "", piece=0), Said(25, 31, "We begin.", piece=1))


def written() -> Transcript:
    transcript = Transcript()
    for segment in TALK:
        transcript.put(segment)
    return transcript


def test_lines_are_the_stretches_in_which_something_is_said() -> None:
    transcript, added = Transcript(), []
    transcript.line_added.connect(added.append)
    for segment in TALK:
        transcript.put(segment)
    assert added == [0, 1] and transcript.text == "Good morning.\nWe begin.\n"
    rest = transcript.rest("r", "talk.wav")
    assert (transcript.end, rest.start, rest.first_piece) == (31, 31, 2)
    assert transcript.timed_text == "[0:00] Good morning.\n[0:25] We begin."


def test_a_correction_stands_in_its_line_and_nothing_else_moves() -> None:
    transcript, changed = written(), []
    transcript.line_changed.connect(changed.append)
    transcript.put(Said(25, 31, "We begin now.", piece=1))
    assert changed == [1] and [line.text for line in transcript.lines] == ["Good morning.", "We begin now."]
    transcript.put(Said(0, 4, ""))
    assert [line.text for line in transcript.lines] == ["We begin now."] and len(transcript.segments) == 3


def test_a_piece_heard_again_takes_the_place_of_all_its_stretches() -> None:
    transcript = written()
    for again in (Said(0, 11, "Good evening."), Said(11, 25, "It is late.")):
        transcript.put(again)
    assert [(line.start, line.text) for line in transcript.lines] == [
        (0, "Good evening."), (11, "It is late."), (25, "We begin."),
    ]  # fmt: skip
    assert transcript.piece_of(1) == (0, 25) and transcript.piece_of(2) == (25, 31)


def test_what_is_said_at_a_moment_and_what_is_looked_for() -> None:
    transcript = written()
    assert [transcript.line_at(at) for at in (0, 3.9, 20, 25, 99)] == [0, 0, 0, 1, 1]
    transcript.words = "BEGIN"
    assert transcript.found == [1]
    transcript.words = " "
    assert transcript.found == []
    assert Transcript().line_at(0) is None


def test_clocks() -> None:
    assert [clock(at) for at in (0, 7.9, 59.9999, 3725)] == ["0:00", "0:07", "1:00", "1:02:05"]
