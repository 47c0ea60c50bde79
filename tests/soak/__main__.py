"""Transcribe an hour in the engine's process, with a random model, stopped halfway; check order, memory, files."""

from __future__ import annotations

import argparse
import io
import math
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from mlx_gemma4.protocol.events import Event, TranscriptSegment, TurnFinished, UsageReport
from mlx_gemma4.protocol.requests import SamplingSettings, Transcribe
from mlx_gemma4.protocol.transcripts import SrtWriter, VttWriter
from tests.soak.checks import MOST_GROWTH, WARM_MINUTES, Reading, check_joint, check_segments, growth, peaks
from tests.soak.speech import write_speech
from tests.unit.cli.subtitle_grammar import parse_srt, parse_vtt
from tests.unit.engine.live_engine import LiveEngine
from tests.unit.engine.resuming import rest_of, segments_of
from tests.unit.hearing_models import write_hearing_model

TOKENS_A_PIECE = 20
SAMPLING = SamplingSettings(temperature=20.0, top_k=0, top_p=1.0, seed=1)
"""Drawn far and wide, because random weights by themselves repeat the last token, a line break, for ever."""
# E2B's shape in small: about 15 million parameters, half of them in the audio tower
TEXT = {"hidden_size": 256, "intermediate_size": 768, "num_attention_heads": 4, "head_dim": 64, "global_head_dim": 128}
TEXT |= {"sliding_window": 512}
AUDIO = {"hidden_size": 256, "num_hidden_layers": 4, "num_attention_heads": 4, "output_proj_dims": 384}
AUDIO |= {"subsampling_conv_channels": [128, 32]}
_PATIENCE = 2 * 3600.0


def main(arguments: Sequence[str] | None = None) -> int:
    """Run it; returns 0 if everything held."""
    parser = argparse.ArgumentParser(prog="make soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=60.0, help="length of the recording")
    parser.add_argument(
        "--warm", type=float, default=WARM_MINUTES, help="minutes of a period; after the first, memory must not grow"
    )
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        kind = write_speech(folder / "hour.wav", options.minutes)
        model = folder / "model"
        model.mkdir()
        write_hearing_model(model, audio=AUDIO, **TEXT)
        return _soak(folder / "hour.wav", model, kind, options.minutes, options.warm)


def _soak(file: Path, model: Path, kind: str, minutes: float, warm: float) -> int:
    engine = LiveEngine()
    request = Transcribe("begun", str(file), sampling=SAMPLING, max_tokens=TOKENS_A_PIECE)
    try:
        ready = engine.load(str(model))
        print(f"{minutes:g} minutes of {kind}; model of {ready.memory_bytes / 4e6:.1f} million parameters", flush=True)
        started = time.monotonic()
        readings: list[Reading] = [(0.0, _resident_bytes(engine.pid))]
        _listen(engine, request, readings, stop_at=minutes / 2)
        begun = segments_of(engine.events("begun"))
        rest = rest_of(request, begun, "rest")
        _listen(engine, rest, readings)
        seconds = time.monotonic() - started
        segments = begun + segments_of(engine.events("rest"))
        check_joint(segments, rest.first_piece, _around(engine, request, segments, rest.first_piece))
    finally:
        engine.client.close()
    check_segments(segments, minutes * 60)
    events = [engine.events(name) for name in ("begun", "rest")]
    assert all([event.seq for event in half] == list(range(len(half))) for half in events)
    usage = next(event for event in events[1] if isinstance(event, UsageReport))
    cues = len(parse_srt(_written(SrtWriter, segments))), len(parse_vtt(_written(VttWriter, segments)))
    assert min(cues) > 0, "there is nothing in the subtitles"
    highest = peaks(readings, warm)
    grown = growth(highest)
    print(f"{len(segments)} segments in order and without gaps; {cues[0]} SRT and {cues[1]} WebVTT cues are valid")
    print(f"stopped at {rest.start:.1f} s and gone on with: the pieces around it say what they say without that")
    print(f"{seconds:.0f} s, {minutes * 60 / seconds:.1f} times as fast as it was spoken")
    written, rate = usage.completion_tokens, usage.tokens_per_second
    print(f"{usage.prompt_tokens} prompt tokens read after the Stop, {written} written, {rate:.0f} a second")
    print(f"highest resident MB of every {warm:g} minutes: " + ", ".join(f"{peak / 1e6:.0f}" for peak in highest))
    print(f"grown by {grown / 1e6:.1f} MB from minute {warm:g} on (at most {MOST_GROWTH / 1e6:.0f})")
    return 0 if grown < MOST_GROWTH else 1


def _listen(engine: LiveEngine, request: Transcribe, readings: list[Reading], stop_at: float = math.inf) -> None:
    """Have a recording transcribed, up to that many minutes, and look at the process's memory several times a piece."""
    engine.send(request)
    deadline, seen = time.monotonic() + _PATIENCE, 0
    while time.monotonic() < deadline:
        time.sleep(0.1)
        new = engine.events(request.id)[seen:]
        seen += len(new)
        told = [event for event in new if isinstance(event, TranscriptSegment)]
        at = told[-1].end / 60 if told else readings[-1][0]
        readings.append((at, _resident_bytes(engine.pid)))
        if _ended(new):
            return
        if at >= stop_at:
            engine.stop(request.id)
        assert engine.exit_code is None, f"the engine ended with {engine.exit_code}"
    raise AssertionError("it took too long")


def _around(
    engine: LiveEngine, request: Transcribe, segments: Sequence[TranscriptSegment], joint: int
) -> list[TranscriptSegment]:
    """What is heard around the piece before which it was stopped, if nobody stops it there."""
    before = [segment for segment in segments if segment.piece < joint - 1]
    end = next(segment.start for segment in segments if segment.piece > joint + 1)
    engine.send(replace(rest_of(request, before, "around"), end=end))
    engine.end_of("around")
    return segments_of(engine.events("around"))


def _ended(events: Sequence[Event]) -> bool:
    failed = [event for event in events if type(event).__name__ == "EngineFailed"]
    assert not failed, failed
    return any(isinstance(event, TurnFinished) for event in events)


def _resident_bytes(pid: int) -> int:
    return 1024 * int(subprocess.check_output(["ps", "-o", "rss=", "-p", str(pid)]))


def _written(kind: type[SrtWriter | VttWriter], segments: Sequence[TranscriptSegment]) -> str:
    target = io.StringIO()
    writer = kind(target)
    for segment in segments:
        writer.write(segment)
    return target.getvalue()


if __name__ == "__main__":
    sys.exit(main())
