"""What a time in an answer means: which clip or recording, and where in the conversation that was asked about."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

from app.state.attachments import Attachment, AttachmentStatus
from app.state.turn import Turn


class Moments:
    """The times that may stand in a turn's answer."""

    def __init__(self, turn: Turn) -> None:
        self._turn = turn

    def reach(self, seconds: float) -> bool:
        """Whether there is a clip or a recording that lasts so long."""
        return self.meant(seconds) is not None

    def meant(self, seconds: float) -> tuple[Attachment, Turn] | None:
        """The clip or recording that a time means, and the turn that has it: the last one that lasts so long."""
        return next((found for found in self._media if 0 <= seconds <= found[0].seconds), None)

    @cached_property
    def _media(self) -> list[tuple[Attachment, Turn]]:
        """Those of the question itself and of the questions before it, the last ones first."""
        return [
            (file, turn)
            for turn in _back_from(self._turn)
            for file in reversed(turn.attachments)
            if file.kind in ("clip", "sound") and file.status is not AttachmentStatus.REFUSED
        ]


def _back_from(turn: Turn | None) -> Iterator[Turn]:
    while turn is not None:
        yield turn
        turn = turn.before
