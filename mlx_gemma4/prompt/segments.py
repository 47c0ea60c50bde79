"""A prompt before it becomes ids: text, markers and media, never one string."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeAlias

from mlx_gemma4.prompt.prepared import PreparedMedia
from mlx_gemma4.prompt.special_tokens import Marker
from mlx_gemma4.protocol.parts import AudioPart, MediaPart, VideoPart


@dataclass(frozen=True)
class TextSegment:
    """Characters; whatever they spell, they are encoded as text.

    Attributes:
        apart: encoded by itself, as what the model has written after a prompt is.
    """

    text: str
    apart: bool = False


@dataclass(frozen=True)
class MarkerSegment:
    """One special token."""

    marker: Marker


@dataclass(frozen=True)
class MediaSegment:
    """The place of a file, still to be opened into its soft tokens."""

    part: MediaPart

    @property
    def placeholder(self) -> Marker:
        """The marker that stands for it in the published templates."""
        if isinstance(self.part, VideoPart):
            return Marker.VIDEO
        return Marker.AUDIO if isinstance(self.part, AudioPart) else Marker.IMAGE


@dataclass(frozen=True, eq=False)
class SoftSegment:
    """The places of an opened item's soft tokens, one marker for each.

    Attributes:
        marker: what fills the places.
        item: what the soft tokens are made of; its `start` is not known yet.
    """

    marker: Marker
    item: PreparedMedia


Segment: TypeAlias = TextSegment | MarkerSegment | MediaSegment | SoftSegment


def write(*pieces: str | Marker | Segment) -> list[Segment]:
    """Segments from a mix of plain strings, markers and segments."""
    segments: list[Segment] = []
    for piece in pieces:
        if isinstance(piece, Marker):  # before str, which a marker also is
            segments.append(MarkerSegment(piece))
        elif isinstance(piece, str):
            segments.append(TextSegment(piece))
        else:
            segments.append(piece)
    return segments


def join_texts(segments: Iterable[Segment]) -> list[Segment]:
    """The same prompt with neighbouring texts as one, so that they are encoded together, and no empty ones."""
    joined: list[Segment] = []
    for segment in segments:
        last = joined[-1] if joined else None
        if isinstance(segment, TextSegment) and isinstance(last, TextSegment) and not segment.apart and not last.apart:
            joined[-1] = TextSegment(last.text + segment.text)
        elif not isinstance(segment, TextSegment) or segment.text:
            joined.append(segment)
    return joined


def as_text(segments: Iterable[Segment]) -> str:
    """The prompt as the published templates would print it; for people and tests, not for encoding."""
    spelled = {
        TextSegment: lambda s: s.text,
        MarkerSegment: lambda s: s.marker,
        MediaSegment: lambda s: s.placeholder,
        SoftSegment: lambda s: s.marker * s.item.soft_tokens,
    }
    return "".join(spelled[type(segment)](segment) for segment in segments)
