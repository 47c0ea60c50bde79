"""Servers whose models can be used in the place of one on this computer."""

from __future__ import annotations

from enum import StrEnum

from app.state.observable import Observable, Property
from mlx_gemma4.protocol.server_address import ServerAddress
from mlx_gemma4.protocol.server_events import ServedModel


class ServerStatus(StrEnum):
    """Whether a server answers."""

    ASKING = "asking"
    ONLINE = "online"
    OFFLINE = "offline"


class Server(Observable):
    """One server that the person has connected to.

    Attributes:
        address: of it.
        anyway: the person has accepted that words go there unencrypted.
        status: when it was last asked.
        models: that it has, as it said last.
        problem: why it does not answer, with what to do; empty if it does.
        code: of the problem.
        request_id: of the request that asks it; empty while none does.
    """

    status = Property[ServerStatus](ServerStatus.ASKING)
    models = Property[tuple[ServedModel, ...]](())
    problem = Property("")

    def __init__(self, address: ServerAddress, *, anyway: bool = False) -> None:
        super().__init__()
        self.address = address
        self.anyway = anyway
        self.code = ""
        self.request_id = ""

    @property
    def wants_key(self) -> bool:
        """Whether a key could help."""
        return self.code == "remote.key"


class Servers(Observable):
    """All of them, and the one that is being connected to.

    Attributes:
        items: connected to, the latest last.
        form_open: the person is entering an address.
        form_address: that it begins with.
        asking: the server of that address is being asked.
        problem: why it could not be connected to, with what to do; empty if nothing is wrong.
        can_go_anyway: it could be, unencrypted.
    """

    items = Property[tuple[Server, ...]](())
    form_open = Property(False)
    form_address = Property("")
    asking = Property(False)
    problem = Property("")
    can_go_anyway = Property(False)

    def by_url(self, url: str) -> Server | None:
        """The server at this address."""
        return next((server for server in self.items if server.address.url == url), None)
