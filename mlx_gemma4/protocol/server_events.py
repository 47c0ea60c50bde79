"""What the engine reports about models that another program serves."""

from __future__ import annotations

from dataclasses import dataclass

from mlx_gemma4.protocol.event_base import EventBase


@dataclass(frozen=True)
class ServedModel:
    """A model that a server has.

    Attributes:
        name: that it is asked for by.
        sees: it takes pictures; None where the server does not say.
        hears: it takes sound; None where the server does not say.
        context: tokens that it can have in mind; 0 where the server does not say.
    """

    name: str
    sees: bool | None = None
    hears: bool | None = None
    context: int = 0


@dataclass(frozen=True)
class ServerListed(EventBase):
    """What a server has; the last event of a ListServer.

    Attributes:
        url: of the server, as `read_address` writes it.
        models: that it lists, in its own order.
    """

    url: str
    models: tuple[ServedModel, ...]
