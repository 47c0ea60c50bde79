"""What can be asked of the engine about models that another program serves."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class LoadRemote:
    """Answer with a model of an OpenAI-compatible server from now on: ends in ModelReady, as a Load does.

    Nothing is taken into memory for it, and a model that was is let go once the server has answered.

    Attributes:
        address: of the server, as people write it.
        model: by the name that the server lists.
        key: that the server asks for; empty for none. It is kept nowhere.
        anyway: also if words would go unencrypted to somewhere that is not near. Without it such a load fails with the
            code `remote.unencrypted`.
    """

    id: str
    address: str
    model: str
    key: str = field(default="", repr=False)
    anyway: bool = False


@dataclass(frozen=True)
class ListServer:
    """Ask a server which models it has: answered by ServerListed. Needs no model and waits for none.

    Attributes:
        address: of the server, as people write it.
        key: that the server asks for; empty for none.
        anyway: as in LoadRemote: the key alone would be worth reading.
    """

    id: str
    address: str
    key: str = field(default="", repr=False)
    anyway: bool = False
