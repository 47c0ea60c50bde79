"""What all events have in common."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class EventBase:
    """What every event carries.

    Attributes:
        seq: counts the events of one request from 0, without gaps.
        request_id: the `id` of the request that this answers.
    """

    seq: int = 0
    request_id: str = ""
