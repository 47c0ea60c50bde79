"""Choosing, fetching and deleting models."""

from __future__ import annotations

from pathlib import Path

from app.actions.action import Action
from app.actions.conversation import ConversationActions
from app.actions.engine import TOUR, EngineActions
from app.actions.hub_token import HubToken
from app.engine_link.bridge import EngineBridge
from app.engine_link.client import new_request_id
from app.state.attachments import AttachmentStatus
from app.state.engine_status import EngineState
from app.state.models import DownloadStatus, ModelDownload, found_title
from app.state.notices import Notice
from app.state.session import GONE_CODE, NO_ROOM_CODE, Session
from app.store.chosen_model import write_chosen
from app.words import tr
from mlx_gemma4.protocol.events import (
    DownloadFinished,
    DownloadProgress,
    EngineFailed,
    Event,
    ModelReady,
    ModelsFound,
)
from mlx_gemma4.protocol.model_events import FoundModel
from mlx_gemma4.protocol.requests import Download, ListModels, RemoveModel, RestoreModel
from mlx_gemma4.protocol.server_address import split_remote_path

SUBJECT = "models"
FOLDER = "models"
_PARTIAL = ".download"


class ModelActions:
    """Acts on the models of this machine; `folder` is the app's own for them."""

    def __init__(
        self,
        session: Session,
        bridge: EngineBridge,
        engine: EngineActions,
        conversation: ConversationActions,
        home: Path,
        token: HubToken,
    ) -> None:
        """Everything that can be done; nothing is looked at yet."""
        self._session, self._models = session, session.models
        self._bridge, self._engine, self._conversation = bridge, engine, conversation
        self._home, self._token = home, token
        self.folder = home / FOLDER
        self._list_id = self._change_id = ""
        self._before = engine.model
        self._refused = ""
        self._arrived = ""
        self._models.chosen = engine.model
        self.try_again = Action("models.try_again", tr("Try the Server Again"), self._try_again)
        self.show = Action("models.show", tr("Choose Model…"), self._toggle, "Ctrl+Shift+M")
        self.load_anyway = Action("models.load_anyway", tr("Load Model Anyway"), self._load_anyway)
        self.use_downloaded = Action("models.use_downloaded", tr("Use Downloaded Model"), self._use_downloaded)
        self.load_anyway.enabled = self.use_downloaded.enabled = self.try_again.enabled = False
        bridge.event_received.connect(self._on_event)
        token.not_kept.connect(self._on_token_not_kept)

    def refresh(self) -> None:
        """Have the disk looked through and memory measured."""
        self._list_id = new_request_id("models")
        self._bridge.send(ListModels(self._list_id, str(self.folder)))

    def close_sheet(self) -> None:
        """Hide the models."""
        self._models.is_open = False

    def use(self, path: str, *, anyway: bool = False) -> None:
        """Answer with this model from now on; the conversation stays, an answer under way is stopped."""
        self._session.notices.dismiss(SUBJECT)
        if path == self._session.engine.loaded_path and self._session.engine.can_answer:
            return
        if self._session.conversation.running is not None:
            self._conversation.stop.trigger()
        self._before = self._session.engine.loaded_path or TOUR
        self._models.chosen = path
        self._engine.use(path, anyway=anyway)

    def download(self, repository: str) -> None:
        """Fetch a model, or go on with it, starting the engine if it has ended."""
        download = self._models.download_of(repository)
        if download is None:
            download = ModelDownload(repository, self._models.title_of(repository), 0, self._models.size_of(repository))
            self._models.downloads = (*self._models.downloads, download)
        if download.status.goes_on:
            return
        download.problem, download.code, download.was_cut_off = "", "", False
        download.rate = 0.0
        download.request_id = new_request_id("download")
        download.status = DownloadStatus.RUNNING
        if not self._bridge.is_running:
            self._engine.start_again()
        self._bridge.send(Download(download.request_id, repository, str(self.folder), self._token.value))

    def pause(self, download: ModelDownload) -> None:
        """Stop fetching; what has arrived stays."""
        self._stop(download)
        download.status = DownloadStatus.PAUSED

    def cancel(self, download: ModelDownload) -> None:
        """Stop fetching, and delete what has arrived."""
        self._stop(download)
        self._models.downloads = tuple(item for item in self._models.downloads if item is not download)
        self._remove(str(self.folder / f"{download.repository}{_PARTIAL}"))

    def remove(self, model: FoundModel) -> None:
        """Delete a model of the app's own folder; it can be had back until the next one is deleted."""
        if model.path in (self._session.engine.loaded_path, self._models.chosen):
            self.use(TOUR)
        self._models.removed = model
        self._remove(model.path)

    def restore(self) -> None:
        """Take back the last deletion."""
        model, self._models.removed = self._models.removed, None
        if model is not None:
            self._change_id = new_request_id("models")
            self._bridge.send(RestoreModel(self._change_id, str(self.folder), model.path))

    def set_token(self, token: str) -> None:
        """Keep a token for the Hub and go on with what waited for it."""
        self._token.keep(token.strip())
        for download in self._models.downloads:
            if download.wants_token:
                self.download(download.repository)

    def _toggle(self) -> None:
        self._models.is_open = not self._models.is_open
        if self._models.is_open:
            self._models.problem = ""
            self._token.fetch()
            self.refresh()

    def _remove(self, path: str) -> None:
        self._change_id = new_request_id("models")
        self._bridge.send(RemoveModel(self._change_id, str(self.folder), path))

    def _stop(self, download: ModelDownload) -> None:
        if download.request_id:
            self._bridge.stop(download.request_id)
            download.request_id = ""

    def _load_anyway(self) -> None:
        if self._refused:
            self.use(self._refused, anyway=True)

    def _try_again(self) -> None:
        if self._refused:
            self.use(self._refused)

    def _use_downloaded(self) -> None:
        if self._arrived:
            self.use(self._arrived)

    def _on_event(self, event: Event) -> None:
        match event:
            case ModelReady():
                self._on_model_ready(event)
            case ModelsFound():
                self._on_found(event)
            case DownloadProgress():
                self._on_progress(event)
            case DownloadFinished():
                self._on_finished(event)
            case EngineFailed():
                self._on_failed(event)
            case _:
                pass

    def _on_model_ready(self, event: ModelReady) -> None:
        self._models.chosen = event.path
        self.load_anyway.enabled = False
        self.try_again.enabled = self.try_again.enabled and event.path != self._refused
        if event.path != self._before:  # files cost something else with another model
            write_chosen(self._home, event.path)
            for attachment in self._session.attachments.items:
                if attachment.status is not AttachmentStatus.REFUSED:
                    self._engine.probe(attachment)
        self._before = event.path
        self.refresh()
        for download in self._models.downloads:
            if download.was_cut_off:
                self.download(download.repository)

    def _on_found(self, event: ModelsFound) -> None:
        models = self._models
        models.offered, models.memory, models.disk_free = event.offered, event.memory, event.disk_free_bytes
        models.found = tuple(model for model in event.found if not model.total_bytes)
        known = {item.repository for item in models.downloads} | {model.repository for model in models.found}
        begun = [model for model in event.found if model.total_bytes and model.repository not in known]
        models.downloads = (
            *models.downloads,
            *(
                ModelDownload(item.repository, models.title_of(item.repository), item.nbytes, item.total_bytes)
                for item in begun
            ),
        )

    def _on_progress(self, event: DownloadProgress) -> None:
        download = self._by_request(event.request_id)
        if download is not None:
            download.status = DownloadStatus.CHECKING if event.checking else DownloadStatus.RUNNING
            download.total, download.rate, download.done = event.total_bytes, event.rate, event.done_bytes

    def _on_finished(self, event: DownloadFinished) -> None:
        download = self._by_request(event.request_id)
        if download is None:
            return
        self._models.downloads = tuple(item for item in self._models.downloads if item is not download)
        text = tr("{title} is here.", title=download.title)
        if self._models.drafted_by(event.repository) is not None:  # it comes into use by itself
            self._session.notices.show(Notice("info", text, SUBJECT))
        else:
            self._arrived = event.path
            self.use_downloaded.enabled = True
            self._session.notices.show(Notice("info", text, SUBJECT, tr("Use it"), self.use_downloaded.id))
        self.refresh()

    def _on_failed(self, event: EngineFailed) -> None:
        download = self._by_request(event.request_id)
        text = f"{event.message} {event.hint}".strip()
        if download is not None:
            download.request_id, download.code = "", event.code
            if event.code == GONE_CODE:
                download.was_cut_off, download.status = True, DownloadStatus.PAUSED
            else:
                download.problem, download.status = text, DownloadStatus.FAILED
        elif event.request_id in (self._list_id, self._change_id) and event.code != GONE_CODE:
            self._models.problem = text
            if event.request_id == self._change_id:
                self._models.removed = None
                self.refresh()
        elif event.request_id == self._session.engine.load_id and event.code != GONE_CODE:
            self._on_load_failed(event, text)

    def _on_load_failed(self, event: EngineFailed, text: str) -> None:
        """Say why, and go on with the model that there was, or the bundled one."""
        failed, self._models.chosen = self._models.chosen, self._before
        if failed == TOUR:
            return  # the engine's own notice says it
        if event.code == NO_ROOM_CODE:
            self._refused = failed
            self.load_anyway.enabled = True
            found = self._models.by_path(failed)
            text = event.message.replace(Path(failed).name, found_title(found)) if found else event.message
            self._session.notices.show(Notice("problem", text, SUBJECT, tr("Load anyway"), self.load_anyway.id))
        elif split_remote_path(failed) is not None:
            self._refused = failed  # the sheet says what can be done, if it is no more than to try again
            self.try_again.enabled = True
            self._session.notices.show(Notice("problem", text, SUBJECT, tr("Try again"), self.try_again.id))
        else:
            self._session.notices.show(Notice("problem", text, SUBJECT))
        fallback = self._before if self._before != failed else TOUR
        if split_remote_path(failed) is not None:
            self._before = fallback  # a server that is away is not given up for good
        if self._session.engine.state is EngineState.READY:
            self._engine.keep(self._session.engine.loaded_path)
        else:
            self._models.chosen = fallback
            self._engine.use(fallback, anyway=True)

    def _by_request(self, request_id: str) -> ModelDownload | None:
        return next(
            (item for item in self._models.downloads if item.request_id and item.request_id == request_id), None
        )

    def _on_token_not_kept(self) -> None:
        text = tr("The token could not be put into the Keychain. Prism knows it until you close it.")
        self._session.notices.show(Notice("info", text, SUBJECT))
