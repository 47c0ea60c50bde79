"""Transcript files: SRT and WebVTT keep their grammar whatever is said, files appear where they should."""

from __future__ import annotations

import io
import json
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlx_gemma4.cli.transcripts import BESIDE, open_writers, plan_outputs
from mlx_gemma4.protocol.errors import MediaError
from mlx_gemma4.protocol.events import TranscriptSegment
from mlx_gemma4.protocol.transcripts import JsonWriter, SrtWriter, TextWriter, VttWriter, clock, shown
from tests.unit.cli.subtitle_grammar import parse_srt, parse_vtt

TALK = [
    TranscriptSegment(0.0, 4.2, "Hello <b>there</b> & welcome."),
    TranscriptSegment(4.2, 9.0, ""),
    TranscriptSegment(9.0, 3725.0625, "It goes --> on", "Es geht -->\n\n weiter"),
]


def written(kind: type[SrtWriter | VttWriter | TextWriter | JsonWriter], segments: list[TranscriptSegment]) -> str:
    target = io.StringIO()
    writer = kind(target)
    for segment in segments:
        writer.write(segment)
    writer.close()
    return target.getvalue()


def test_srt_in_full() -> None:
    assert written(SrtWriter, TALK) == (
        "1\n00:00:00,000 --> 00:00:04,200\nHello <b>there</b> & welcome.\n\n"
        "2\n00:00:09,000 --> 01:02:05,062\nEs geht → weiter\n\n"
    )


def test_vtt_in_full() -> None:
    assert written(VttWriter, TALK) == (
        "WEBVTT\n\n"
        "00:00:00.000 --> 00:00:04.200\nHello &lt;b&gt;there&lt;/b&gt; &amp; welcome.\n\n"
        "00:00:09.000 --> 01:02:05.062\nEs geht --&gt; weiter\n\n"
    )


def test_text_is_the_words() -> None:
    assert written(TextWriter, TALK) == "Hello <b>there</b> & welcome.\nEs geht --> weiter\n"


def test_json_is_an_array_of_what_is_said() -> None:
    assert json.loads(written(JsonWriter, TALK)) == [
        {"start": 0.0, "end": 4.2, "text": "Hello <b>there</b> & welcome."},
        {"start": 9.0, "end": 3725.062, "text": "It goes --> on", "translation": "Es geht -->\n\n weiter"},
    ]
    assert json.loads(written(JsonWriter, [])) == []


def test_clocks_carry_into_minutes_and_beyond_99_hours() -> None:
    assert clock(59.9996) == "00:01:00.000" and clock(3599.9999) == "01:00:00.000"
    assert clock(360_000, ",") == "100:00:00,000"


moments = st.lists(st.floats(0, 4e5), min_size=2, max_size=12).map(sorted)
said = st.text(max_size=40) | st.sampled_from(
    ["-->", "a\n\nb", "&amp;", "<c>", "\r", "1", "NOTE x", "\u2028", "WEBVTT"]
)


@given(moments, st.data())
def test_srt_and_vtt_keep_their_grammar_and_every_word(times: list[float], data: st.DataObject) -> None:
    segments = [
        TranscriptSegment(start, end, data.draw(said), data.draw(st.none() | said)) for start, end in pairwise(times)
    ]
    spoken = [segment for segment in segments if shown(segment)]
    srt, vtt = parse_srt(written(SrtWriter, segments)), parse_vtt(written(VttWriter, segments))
    assert [text for _, _, text in srt] == [shown(segment).replace("-->", "→") for segment in spoken]
    assert [text for _, _, text in vtt] == [shown(segment) for segment in spoken]
    for cues in (srt, vtt):
        assert [start for start, _, _ in cues] == [round(segment.start * 1000) for segment in spoken]


@pytest.mark.parametrize(
    "broken",
    [
        "2\n00:00:00,000 --> 00:00:01,000\nx\n\n",
        "1\n00:00:00.000 --> 00:00:01,000\nx\n\n",
        "1\n00:00:02,000 --> 00:00:01,000\nx\n\n",
        "1\n00:00:00,000 --> 00:00:01,000\n\n",
    ],
)
def test_the_grammar_of_srt_refuses_what_is_none(broken: str) -> None:
    with pytest.raises(AssertionError):
        parse_srt(broken)


@pytest.mark.parametrize(
    "broken",
    [
        "00:00.000 --> 00:01.000\nx\n\n",
        "WEBVTT\n\n00:00,000 --> 00:01.000\nx\n\n",
        "WEBVTT\n\n00:00.000 --> 00:01.000\na & b\n\n",
        "WEBVTT\n\n00:00.000 --> 00:01.000\na <b\n\n",
        "WEBVTT\n\n00:00.000 --> 00:00.000\nx\n\n",
    ],
)
def test_the_grammar_of_vtt_refuses_what_is_none(broken: str) -> None:
    with pytest.raises(AssertionError):
        parse_vtt(broken)


def test_one_recording_is_written_to_the_file_several_to_a_folder(tmp_path: Path) -> None:
    out = tmp_path / "talk.srt"
    assert plan_outputs(["a/b.mp3"], {"srt": out}) == [{"srt": out}]
    assert plan_outputs(["a/b.mp3"], {"vtt": tmp_path}) == [{"vtt": tmp_path / "b.vtt"}]
    assert plan_outputs(["b.mp3", "c.mp3"], {"srt": tmp_path, "txt": tmp_path}) == [
        {"srt": tmp_path / f"{name}.srt", "txt": tmp_path / f"{name}.txt"} for name in "bc"
    ]
    assert plan_outputs([str(tmp_path / "a.b.mp3")], {"vtt": BESIDE}) == [{"vtt": tmp_path / "a.b.vtt"}]


def test_outputs_that_cannot_be_are_refused_before_anything_is_done(tmp_path: Path) -> None:
    for files, out, words in (
        (["a.mp3"], tmp_path / "gone" / "a.srt", "There is no folder"),
        (["x/a.mp3", "y/a.mp3"], tmp_path, "Two transcripts"),
        ([str(tmp_path / "a.wav")], tmp_path / "a.wav", "replace the recording"),
    ):
        with pytest.raises(MediaError, match=words):
            plan_outputs(files, {"srt": out})


def test_segments_are_in_the_files_as_soon_as_they_land(tmp_path: Path) -> None:
    places = {kind: tmp_path / f"a.{kind}" for kind in ("srt", "vtt", "txt")}
    with open_writers(places) as writers:
        for write in writers:
            write(TALK[0])
        assert all("Hello" in place.read_text() for place in places.values())
    with pytest.raises(MediaError, match="cannot be written"), open_writers({"srt": tmp_path}):
        pass
