"""Every address that Prism has ever contacted, when and why."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from app.state.observable import Observable, Property


class Purpose(StrEnum):
    """Why somebody was contacted."""

    DOWNLOAD = "download"
    UPDATES = "updates"
    SERVER_MODELS = "server-models"
    SERVER_ANSWERS = "server-answers"


@dataclass(frozen=True)
class Contact:
    """One address for one reason.

    Attributes:
        address: the host, with its port where that is an unusual one.
        purpose: a `Purpose`, or the word that a newer Prism has for it.
        first, last: seconds since 1970.
        times: how often.
    """

    address: str
    purpose: str
    first: float
    last: float
    times: int = 1


class Contacts(Observable):
    """All of them, those of late first."""

    items = Property[tuple[Contact, ...]](())

    def note(self, address: str, purpose: Purpose, now: float) -> None:
        """It is being contacted."""
        if not address:
            return
        known = next((item for item in self.items if (item.address, item.purpose) == (address, purpose)), None)
        new = replace(known, last=now, times=known.times + 1) if known else Contact(address, purpose, now, now)
        self.items = (new, *(item for item in self.items if item is not known))
