"""Connecting to servers, and using their models."""

from __future__ import annotations

from pathlib import Path

from app.actions.action import Action
from app.actions.engine import TOUR, EngineActions
from app.actions.models import SUBJECT, ModelActions
from app.actions.server_keys import ServerKeys
from app.engine_link.bridge import EngineBridge
from app.engine_link.client import new_request_id
from app.state.notices import Notice
from app.state.servers import Server, ServerStatus
from app.state.session import GONE_CODE, Session
from app.store.servers import read_servers, write_servers
from app.words import tr
from mlx_gemma4.protocol.errors import PrismError
from mlx_gemma4.protocol.events import EngineFailed, Event, ServerListed
from mlx_gemma4.protocol.requests import ListServer, LoadRemote
from mlx_gemma4.protocol.server_address import ServerAddress, read_address, remote_path, split_remote_path

UNENCRYPTED_CODE = "remote.unencrypted"


class ServerActions:
    """Acts on the servers that the person has connected to."""

    def __init__(
        self,
        session: Session,
        bridge: EngineBridge,
        engine: EngineActions,
        models: ModelActions,
        home: Path,
        keys: ServerKeys,
    ) -> None:
        """Everything that can be done; no server is asked yet."""
        self._session, self._servers = session, session.servers
        self._bridge, self._engine, self._models = bridge, engine, models
        self._home, self._keys = home, keys
        self._wanted: tuple[ServerAddress, str, bool] | None = None  # address, key, anyway
        self._wanted_id = ""
        self.connect_action = Action("servers.connect", tr("Connect to a Server…"), self._open_form, "Ctrl+Shift+K")
        self._servers.items = tuple(Server(address, anyway=anyway) for address, anyway in read_servers(home))
        engine.load_remote = self._load
        bridge.event_received.connect(self._on_event)
        keys.not_kept.connect(self._on_key_not_kept)
        session.models.is_open_changed.connect(self._on_sheet_opened)

    def close_form(self) -> None:
        """Put the form away."""
        if self._wanted_id:
            self._bridge.stop(self._wanted_id)
        self._wanted, self._wanted_id = None, ""
        self._servers.asking, self._servers.problem, self._servers.can_go_anyway = False, "", False
        self._servers.form_open, self._servers.form_address = False, ""

    def connect_to(self, text: str, key: str, *, anyway: bool = False) -> None:
        """Ask the server of this address what it has; once it has answered it is one of ours."""
        servers = self._servers
        servers.problem, servers.can_go_anyway = "", False
        try:
            address = read_address(text)
        except PrismError as error:
            servers.problem = str(error)
            return
        self._wanted = (address, key.strip(), anyway)
        self._wanted_id = new_request_id("server")
        servers.asking = True
        self._bridge.send(ListServer(self._wanted_id, address.url, key.strip(), anyway))

    def refresh(self) -> None:
        """Ask all of them again what they have."""
        for server in self._servers.items:
            self.ask(server)

    def ask(self, server: Server) -> None:
        """Ask one of them what it has."""
        if server.request_id:
            return
        server.request_id = new_request_id("server")
        if server.status is ServerStatus.OFFLINE:
            server.status = ServerStatus.ASKING
        request_id, url, anyway = server.request_id, server.address.url, server.anyway
        self._keys.with_key(url, lambda key: self._bridge.send(ListServer(request_id, url, key, anyway)))

    def use(self, server: Server, model: str) -> None:
        """Answer with this model of a server from now on; the conversation stays."""
        self._models.use(remote_path(server.address, model))
        self._models.close_sheet()

    def forget(self, server: Server) -> None:
        """Remove a server and its key; if it is in use, the bundled model takes its place."""
        used = split_remote_path(self._session.models.chosen)
        if used is not None and used[0] == server.address.url:
            self._models.use(TOUR)
        self._servers.items = tuple(item for item in self._servers.items if item is not server)
        self._keys.keep(server.address.url, "")
        self._write()

    def enter_key(self, server: Server) -> None:
        """Open the form for the key of a server that asks for one."""
        self._servers.form_address = server.address.url
        self._open_form()

    def _open_form(self) -> None:
        if not self._session.models.is_open:
            self._models.show.trigger()
        self._servers.form_open = True

    def _load(self, load_id: str, path: str) -> None:
        """Have the engine use a server's model, once its key is known."""
        parts = split_remote_path(path)
        assert parts is not None
        url, model = parts
        server = self._servers.by_url(url)
        anyway = server is not None and server.anyway

        def send(key: str) -> None:
            if self._session.engine.load_id == load_id:  # otherwise something else was chosen meanwhile
                self._bridge.send(LoadRemote(load_id, url, model, key, anyway))

        self._keys.with_key(url, send)

    def _on_sheet_opened(self, is_open: bool) -> None:
        if is_open:
            self.refresh()
        else:
            self.close_form()

    def _on_event(self, event: Event) -> None:
        if not isinstance(event, ServerListed | EngineFailed) or not event.request_id:
            return
        if event.request_id == self._wanted_id:
            self._on_wanted(event)
        for server in self._servers.items:
            if server.request_id == event.request_id:
                self._on_asked(server, event)

    def _on_wanted(self, event: ServerListed | EngineFailed) -> None:
        """The server of the form has answered."""
        wanted, self._wanted, self._wanted_id = self._wanted, None, ""
        self._servers.asking = False
        if wanted is None:
            return
        if isinstance(event, EngineFailed):
            if event.code != GONE_CODE:
                self._servers.problem = f"{event.message} {event.hint}".strip()
            self._servers.can_go_anyway = event.code == UNENCRYPTED_CODE
            return
        address, key, anyway = wanted
        server = self._servers.by_url(address.url) or Server(address, anyway=anyway)
        server.anyway, server.problem = anyway, ""
        server.models, server.status = event.models, ServerStatus.ONLINE
        self._keys.keep(address.url, key)
        if server not in self._servers.items:
            self._servers.items = (*self._servers.items, server)
        self._write()
        self.close_form()

    def _on_asked(self, server: Server, event: ServerListed | EngineFailed) -> None:
        server.request_id = ""
        if isinstance(event, ServerListed):
            server.problem, server.code = "", ""
            server.models, server.status = event.models, ServerStatus.ONLINE
        elif event.code != GONE_CODE:
            server.code, server.problem = event.code, f"{event.message} {event.hint}".strip()
            server.status = ServerStatus.OFFLINE

    def _write(self) -> None:
        write_servers(self._home, [(server.address, server.anyway) for server in self._servers.items])

    def _on_key_not_kept(self) -> None:
        text = tr("The key could not be put into the Keychain. Prism knows it until you close it.")
        self._session.notices.show(Notice("info", text, SUBJECT))
