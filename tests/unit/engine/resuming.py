"""How the window goes on with a transcript that was stopped."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from app.state.transcript import Transcript
from mlx_gemma4.protocol.events import Event, TranscriptSegment
from mlx_gemma4.protocol.requests import Transcribe


def rest_of(request: Transcribe, said: Sequence[TranscriptSegment], name: str) -> Transcribe:
    """A request of this name for what is missing behind these segments."""
    transcript = Transcript()
    for segment in said:
        transcript.put(segment)
    return replace(transcript.rest(name, request.path), sampling=request.sampling, max_tokens=request.max_tokens)


def segments_of(events: Sequence[Event]) -> list[TranscriptSegment]:
    """What is said, without the names and numbers of requests."""
    return [replace(event, seq=0, request_id="") for event in events if isinstance(event, TranscriptSegment)]
