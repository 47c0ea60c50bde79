"""The question that is being written."""

from __future__ import annotations

from app.state.observable import Observable, Property


class Draft(Observable):
    """Its words; its files are `Attachments`."""

    text = Property("")
