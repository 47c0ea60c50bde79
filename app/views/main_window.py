"""The window: conversation and composer on the left, the stage on the right, files welcome everywhere."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDropEvent, QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QMainWindow, QSizePolicy, QSplitter, QStackedWidget, QVBoxLayout, QWidget

from app.actions.catalogue import Actions
from app.actions.engine import TOUR
from app.state.engine_status import EngineState
from app.state.session import Session
from app.views import theme
from app.views.about import About
from app.views.action_button import ActionButton
from app.views.announcing import Announcer
from app.views.composer.composer import Composer
from app.views.composer.question_field import QuestionField
from app.views.conversation.conversation_view import ConversationView
from app.views.drop_overlay import DropOverlay
from app.views.empty_state import EmptyState
from app.views.header import Header
from app.views.menus import fill_menu_bar
from app.views.models.first_model import FirstModel
from app.views.models.model_sheet import ModelSheet
from app.views.notice_bar import NoticeBar
from app.views.presets.window import PresetsWindow
from app.views.reading_order import move_focus
from app.views.room import Room
from app.views.search.search_panel import SearchPanel
from app.views.sidebar.sidebar import Sidebar
from app.views.stage.clip_bar import ClipBar
from app.views.stage.export_button import ExportButton
from app.views.stage.page_view import PageView
from app.views.stage.region_bar import RegionBar
from app.views.stage.sound_view import SoundView
from app.views.stage.stage_view import StageView
from app.views.stage.transcript_view import TranscriptView
from app.views.status_line import StatusLine

_SIZE = (1180, 760)
_LEAST = (860, 560)
_STAGE_SHARE = (600, 580)


class MainWindow(QMainWindow):
    """Puts the parts together; each follows the state by itself.

    Attributes:
        splitter: between conversation and stage.
        room: decides what there is room for.
    """

    def __init__(self, session: Session, actions: Actions) -> None:
        super().__init__()
        self._session, self._actions = session, actions
        self.setWindowTitle("Prism")
        self.setAcceptDrops(True)
        self.setMinimumSize(*_LEAST)
        self.resize(*_SIZE)
        self.setProperty("role", "content")
        fill_menu_bar(self.menuBar(), actions)
        self._pages = QStackedWidget(self)
        first = FirstModel(session, actions.models)
        self._empty = EmptyState(self._on_sample, actions.page.make_from_file, below=first)
        self._pages.addWidget(self._empty)
        session.engine.state_changed.connect(self._on_engine_changed)
        self._conversation = ConversationView(session, actions.conversation)
        self._pages.addWidget(self._conversation)
        self._conversation.turn_shown.connect(actions.library.look_at)
        actions.library.turn_wanted.connect(self._conversation.show_turn)
        self._composer = Composer(session, actions)
        page = PageView(session.stage, actions.page, actions.conversation.stop)
        transcript = TranscriptView(session, actions.transcripts, actions.listening)
        sound = SoundView(session, actions.transcripts, actions.listening)
        self._stage = StageView(session.stage, page, transcript, sound, ClipBar(session, actions.listening))
        self._stage.add_tool(ActionButton("region", actions.regions.draw))
        self._stage.add_tool(ExportButton(actions.boxes))
        RegionBar(self._stage.canvas, session, actions.regions)
        self.splitter = QSplitter(Qt.Orientation.Horizontal)
        self.splitter.setChildrenCollapsible(False)
        self.splitter.setHandleWidth(1)
        left = self._left()
        self.splitter.addWidget(left)
        self.splitter.addWidget(self._stage)
        self.splitter.setStretchFactor(0, 1)
        self.splitter.setStretchFactor(1, 1)
        self.splitter.setSizes(_STAGE_SHARE)
        self._header = Header(session, actions)
        whole = self._whole()
        self.setCentralWidget(whole)
        Announcer(session, self)
        self.room = Room(self, session, left, self._status)
        self._sheet = ModelSheet(session, actions.models, actions.servers, actions.drafters, whole, self._header.chip)
        self._overlay = DropOverlay(self)
        SearchPanel(session.search, actions.library, self)
        session.stage.is_open_changed.connect(self._stage.setVisible)
        session.conversation.count_changed.connect(self._on_count_changed)
        session.conversation.running_changed.connect(self._on_running_changed)
        actions.conversation.tools.asked.connect(self._on_asked)
        actions.help.about_wanted.connect(self._on_about_wanted)
        self._offers_for = ""
        self._about: About | None = None
        self._presets: PresetsWindow | None = None
        actions.presets.editing_wanted.connect(self._on_presets_wanted)
        self._stage.setVisible(session.stage.is_open)
        self._on_count_changed(session.conversation.count)
        self._composer.field.setFocus(Qt.FocusReason.OtherFocusReason)

    def _on_presets_wanted(self) -> None:
        if self._presets is None:
            self._presets = PresetsWindow(self._session.presets, self._actions.presets)
        self._presets.present()

    def focusNextPrevChild(self, forward: bool) -> bool:
        """Tab follows reading order, also through what appeared later."""
        return move_focus(self, forward)

    def event(self, event: QEvent) -> bool:
        """While a tool call waits to be allowed, Esc is an answer to that before it is Stop's shortcut."""
        if event.type() == QEvent.Type.ShortcutOverride and self._refuses(event):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Page keys turn the conversation's pages, wherever the keyboard is; Esc does not allow a tool call."""
        if self._refuses(event):
            self._actions.conversation.tools.refuse_first()
        elif event.key() in (Qt.Key.Key_PageUp, Qt.Key.Key_PageDown):
            self._conversation.turn_page(1 if event.key() == Qt.Key.Key_PageDown else -1)
        else:
            super().keyPressEvent(event)

    def _refuses(self, event: QEvent) -> bool:
        is_escape = isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Escape
        return is_escape and bool(self._actions.conversation.tools.waiting())

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Say what will happen on letting go, also if that is nothing."""
        if self._actions.attachments.concerns(event.mimeData()):
            self._overlay.show_message(*self._actions.attachments.promise(event.mimeData()))
            event.setDropAction(Qt.DropAction.CopyAction)
            event.accept()

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        """Nothing was meant."""
        self._overlay.hide()

    def dropEvent(self, event: QDropEvent) -> None:
        """Attach what can be asked about; the rest is answered by a notice."""
        self._overlay.hide()
        event.setDropAction(Qt.DropAction.CopyAction)
        event.accept()
        self._actions.attachments.add_from(event.mimeData())
        self.activateWindow()

    def _left(self) -> QWidget:
        left = QWidget(self)
        column = QVBoxLayout(left)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        self._pages.setMinimumHeight(1)  # what is below has the first word
        column.addWidget(self._pages, 1)
        below = QHBoxLayout()
        below.setContentsMargins(theme.GRID * 2, theme.GRID, theme.GRID * 2, theme.GRID * 2)
        narrow = QWidget(left)
        narrow.setMaximumWidth(theme.READING_WIDTH + theme.GRID * 2)
        stacked = QVBoxLayout(narrow)
        stacked.setContentsMargins(0, 0, 0, 0)
        stacked.setSpacing(theme.GRID)
        stacked.addWidget(NoticeBar(self._session.notices, self._actions.run))
        stacked.addWidget(self._composer)
        self._composer.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        below.addStretch(1)
        below.addWidget(narrow, 1000)
        below.addStretch(1)
        column.addLayout(below)
        return left

    def _whole(self) -> QWidget:
        whole = QWidget(self)
        column = QVBoxLayout(whole)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._header)
        middle = QHBoxLayout()
        middle.setSpacing(0)
        middle.addWidget(Sidebar(self._session.library, self._actions.library, whole))
        middle.addWidget(self.splitter, 1)
        column.addLayout(middle, 1)
        self._status = StatusLine(self._session.engine)
        column.addWidget(self._status)
        return whole

    def _on_engine_changed(self, state: EngineState) -> None:
        engine = self._session.engine
        if state is EngineState.READY and engine.loaded_path != self._offers_for:
            self._offers_for = engine.loaded_path
            if self._session.models.chosen in ("", TOUR):
                self._empty.offer_learnt()
            else:
                self._empty.offer(engine.sees, engine.hears)

    def _on_count_changed(self, count: int) -> None:
        self._pages.setCurrentIndex(1 if count else 0)

    def _on_running_changed(self, _running: object) -> None:
        """What was pressed in the conversation may be gone; who is busy elsewhere, like in a sheet, stays there."""
        here = self.focusWidget()
        in_answers = here is not None and self._pages.isAncestorOf(here) and not isinstance(here, QuestionField)
        if here is None or not here.isVisible() or in_answers:
            self._composer.field.setFocus(Qt.FocusReason.OtherFocusReason)

    def _on_asked(self, call: object) -> None:
        if call is None:
            self._composer.field.setFocus(Qt.FocusReason.OtherFocusReason)

    def _on_about_wanted(self) -> None:
        self._about = self._about or About(self)
        self._about.show()
        self._about.activateWindow()

    def _on_sample(self, path: str, question: str) -> None:
        self._actions.attachments.add_files([path])
        self._actions.conversation.ask(question)
