"""A server's address to what answers with one of its models, and to the list of all of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from mlx_gemma4.engine.remote.backend import RemoteBackend
from mlx_gemma4.engine.remote.connection import Connection, Patience
from mlx_gemma4.engine.remote.listing import read_models
from mlx_gemma4.protocol.cost import DEFAULT_SOFT_TOKENS, MediaBudgets
from mlx_gemma4.protocol.errors import RequestError
from mlx_gemma4.protocol.events import ModelReady
from mlx_gemma4.protocol.requests import ListServer, LoadRemote
from mlx_gemma4.protocol.server_address import ServerAddress, read_address, remote_path
from mlx_gemma4.protocol.server_events import ServedModel, ServerListed

_MODELS = "/models"


@dataclass(frozen=True, eq=False)
class RemoteModel:
    """A server's model, ready to be asked; a `Loaded`."""

    engine: RemoteBackend
    server: ServerAddress
    model: ServedModel
    budgets: MediaBudgets

    @property
    def held_bytes(self) -> int:
        """Of this machine's memory: nothing."""
        return 0

    def ready(self, path: str) -> ModelReady:
        """What the app is told; where the server does not say what the model can, it is tried."""
        return ModelReady(
            path,
            name=self.model.name,
            bits=0,
            memory_bytes=0,
            sees=self.model.sees is not False,
            hears=self.model.hears is not False,
            max_soft_tokens=DEFAULT_SOFT_TOKENS,
            host=self.server.host,
        )


def path_of(request: LoadRemote) -> str:
    """What its model is called in events.

    Raises:
        RequestError: the address is none.
    """
    return remote_path(read_address(request.address), request.model)


def connect(request: LoadRemote, patience: Patience | None = None) -> RemoteModel:
    """Ask the server whether it has the model.

    Raises:
        PrismError: it has not, or cannot be asked.
    """
    connection = _connection(request, patience, request.model)
    try:
        models = read_models(connection.get(_MODELS), connection.failures)
    finally:
        connection.close()  # asking later opens it again, on the thread of that time
    found = next((model for model in models if model.name == request.model), None)
    if found is None:
        raise connection.failures.no_model([model.name for model in models])
    budgets = MediaBudgets(sound="mel" if found.hears else None)  # of clips; a recording is always tried
    return RemoteModel(RemoteBackend(connection, found.name, budgets, found.context), connection.server, found, budgets)


def list_server(request: ListServer, patience: Patience | None = None) -> ServerListed:
    """What models the server has.

    Raises:
        PrismError: it cannot be asked.
    """
    connection = _connection(request, patience)
    try:
        answer: Any = connection.get(_MODELS)
    finally:
        connection.close()
    return ServerListed(connection.server.url, tuple(read_models(answer, connection.failures)))


def _connection(request: LoadRemote | ListServer, patience: Patience | None, model: str = "") -> Connection:
    server = read_address(request.address)
    if any(character.isspace() or not character.isascii() for character in request.key):
        raise RequestError("The key has letters that no key has.", "Copy it again.")
    connection = Connection(server, request.key, patience, model)
    if not (server.is_safe or request.anyway):
        raise connection.failures.unencrypted()
    return connection
