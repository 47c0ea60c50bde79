"""How far a transcript is, in words."""

from __future__ import annotations

from typing import assert_never

from app.state.clock import clock
from app.state.turn import Turn, TurnStatus
from app.views import figures
from app.words import tr


def state_of(turn: Turn) -> str:
    """One line about a turn that writes a recording down."""
    transcript, seconds = turn.transcript, turn.attachments[0].seconds
    assert transcript is not None
    if transcript.redoing is not None:
        return tr("Hearing a piece again…")
    so_far = tr("{done} of {all}", done=clock(transcript.end), all=figures.duration(seconds)) if seconds else ""
    match turn.status:
        case TurnStatus.WAITING:
            return tr("Waiting")
        case TurnStatus.READING | TurnStatus.ANSWERING | TurnStatus.CALLING:
            return figures.joined(tr("Writing down"), so_far)
        case TurnStatus.STOPPING:
            return tr("Stopping…")
        case TurnStatus.STOPPED:
            return figures.joined(tr("Stopped"), so_far if transcript.end else "")
        case TurnStatus.FAILED:
            return figures.joined(tr("Broke off"), so_far if transcript.end else "")
        case TurnStatus.DONE:
            lines = figures.counted(len(transcript.lines), tr("line"), tr("lines"))
            return figures.joined(lines if transcript.lines else tr("Nothing is said in it"), figures.duration(seconds))
        case _:
            assert_never(turn.status)
