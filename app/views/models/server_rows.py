"""A server in the sheet: whether it answers, and its models."""

from __future__ import annotations

from functools import partial

from PySide6.QtWidgets import QPushButton, QVBoxLayout, QWidget

from app.actions.servers import ServerActions
from app.state.servers import Server, ServerStatus
from app.state.session import OFFLINE_CODES
from app.views import figures
from app.views.icon_button import IconButton
from app.views.models.rows import ModelRow
from app.words import number, tr, trn
from mlx_gemma4.protocol.server_address import remote_path
from mlx_gemma4.protocol.server_events import ServedModel

SHOWN = 6
"""Models of one server that are listed at once; some have hundreds."""


class ServerRows(QWidget):
    """Follows one server; stays while the sheet around it is filled anew."""

    def __init__(self, server: Server, actions: ServerActions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._server, self._actions = server, actions
        self._chosen = ""
        self._all = False
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        for changed in (server.status_changed, server.models_changed, server.problem_changed):
            changed.connect(self._fill)
        self._fill()

    def follow_chosen(self, path: str) -> None:
        """Mark the model of this path as the one in use."""
        if path != self._chosen:
            self._chosen = path
            self._fill()

    def _fill(self, *_: object) -> None:
        while (item := self._column.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        self._column.addWidget(self._head())
        models = sorted(self._server.models, key=lambda model: self._path(model) != self._chosen)
        shown = models if self._all else models[:SHOWN]
        for model in shown:
            self._column.addWidget(self._row(model))
        if len(shown) < len(models):
            more = QPushButton(tr("{count} more…", count=number(len(models) - len(shown))), self)
            more.setProperty("role", "row-link")
            more.clicked.connect(self._on_more_clicked)
            self._column.addWidget(more)

    def _head(self) -> ModelRow:
        server = self._server
        head = ModelRow(server.address.host, self._words(), self)
        if server.status is ServerStatus.OFFLINE:
            head.words.setProperty("role", "danger-quiet")
            again = QPushButton(tr("Enter key…") if server.wants_key else tr("Try again"), head)
            again.setAccessibleName(f"{again.text()}: {server.address.host}")
            again.clicked.connect(self._on_again_clicked)
            head.add(again)
        bin_ = IconButton("trash", tr("Forget {host}", host=server.address.host), head)
        bin_.clicked.connect(self._on_forget_clicked)
        head.add(bin_)
        return head

    def _words(self) -> str:
        server = self._server
        if server.status is ServerStatus.OFFLINE:
            return figures.joined(tr("Offline") if server.code in OFFLINE_CODES else "", server.problem)
        if server.status is ServerStatus.ASKING and not server.models:
            return tr("Asking what it has…")
        where = tr("nearby") if server.address.is_near else tr("on the internet")
        locked = tr("encrypted") if server.address.encrypted else ""
        if not server.address.is_safe:
            locked = tr("not encrypted: others can read along")
        return figures.joined(trn("{n} model", "{n} models", len(server.models)), where, locked)

    def _row(self, model: ServedModel) -> ModelRow:
        row = ModelRow(model.name, _describe(model), self)
        row.setContentsMargins(16, 0, 0, 0)
        row.words.setVisible(bool(row.words.text()))
        if self._path(model) == self._chosen:
            row.mark(tr("In use"))
        elif self._server.status is ServerStatus.ONLINE:
            use = QPushButton(tr("Use"), row)
            use.setAccessibleName(tr("Use: {model}", model=model.name))
            use.clicked.connect(partial(self._on_use_clicked, model.name))
            row.add(use)
        return row

    def _path(self, model: ServedModel) -> str:
        return remote_path(self._server.address, model.name)

    def _on_use_clicked(self, model: str) -> None:
        self._actions.use(self._server, model)

    def _on_again_clicked(self) -> None:
        if self._server.wants_key:
            self._actions.enter_key(self._server)
        else:
            self._actions.ask(self._server)

    def _on_forget_clicked(self) -> None:
        self._actions.forget(self._server)

    def _on_more_clicked(self) -> None:
        self._all = True
        self._fill()


def _describe(model: ServedModel) -> str:
    """What the server says that it can."""
    senses = [tr("sees")] if model.sees else []
    senses += [tr("hears")] if model.hears else []
    blind = tr("text only") if model.sees is False and not model.hears else ""
    context = tr("{count} tokens", count=number(model.context)) if model.context else ""
    return figures.joined(" · ".join(senses) or blind, context)
