"""What is being listened to."""

from __future__ import annotations

from app.state.attachments import Attachment
from app.state.observable import Observable, Property


class Listening(Observable):
    """A recording that plays, or has played.

    Attributes:
        recording: whose sound it is; None before anything was listened to.
        position: of what is heard now, in seconds.
        plays: whether it sounds.
        waits: the sound is being made ready.
    """

    recording = Property[Attachment | None](None)
    position = Property(0.0)
    plays = Property(False)
    waits = Property(False)
