"""The sheet below the header's chip: models on this machine, on their way, and to download."""

from __future__ import annotations

from collections import Counter
from functools import partial

import shiboken6
from PySide6.QtCore import QEvent, QObject, QPoint, Qt
from PySide6.QtGui import QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QApplication, QFrame, QHBoxLayout, QLabel, QPushButton, QScrollArea, QVBoxLayout, QWidget

from app.actions.drafters import DrafterActions
from app.actions.engine import TOUR
from app.actions.models import ModelActions
from app.actions.servers import ServerActions
from app.state.models import ModelDownload, found_title
from app.state.servers import Server
from app.state.session import Session
from app.views import figures, theme
from app.views.icon_button import IconButton
from app.views.models.download_row import DownloadRow
from app.views.models.drafter_row import DrafterRow, is_offered
from app.views.models.licence import Licence
from app.views.models.rows import found_row, offered_row, tour_row
from app.views.models.server_form import ServerForm
from app.views.models.server_rows import ServerRows
from app.views.reading_order import focus_stops, move_focus
from app.words import tr
from mlx_gemma4.protocol.memory_fit import Fit, judge
from mlx_gemma4.protocol.model_events import OfferedModel

_WIDTH = 560
_MARGIN = 12


class ModelSheet(QFrame):
    """Lies over the window as long as it is open; Esc and a click elsewhere close it."""

    def __init__(
        self,
        session: Session,
        actions: ModelActions,
        servers: ServerActions,
        drafters: DrafterActions,
        over: QWidget,
        below: QWidget,
    ) -> None:
        """`below` is what it hangs from, inside `over`."""
        super().__init__(over)
        self._session, self._models, self._actions = session, session.models, actions
        self._servers, self._server_actions = session.servers, servers
        self._drafter_actions = drafters
        self._over, self._below = over, below
        self.setProperty("role", "card")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setAccessibleName(tr("Models"))
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self._area = QScrollArea(self)
        self._area.setWidgetResizable(True)
        self._area.setFrameShape(QFrame.Shape.NoFrame)
        self._area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._download_rows: dict[ModelDownload, DownloadRow] = {}
        self._server_rows: dict[Server, ServerRows] = {}
        self._server_form = ServerForm(session.servers, servers, self)
        self._licence = Licence(self)
        self._before: QWidget | None = None  # where the keyboard was
        self._larger = False  # models that are too large are listed, too
        self._quiet = QLabel(self)
        self._quiet.setProperty("role", "quiet")
        self._quiet.setWordWrap(True)
        column = QVBoxLayout(self)
        column.setContentsMargins(1, _MARGIN, 1, 1)
        column.setSpacing(0)
        column.addLayout(self._head())
        column.addWidget(self._area, 1)
        models = self._models
        changes = (models.found_changed, models.offered_changed, models.downloads_changed, models.removed_changed)
        for changed in (*changes, models.memory_changed, models.problem_changed, models.chosen_changed):
            changed.connect(self._fill)
        for changed in (models.undrafted_changed, session.engine.drafts_changed, session.engine.from_disk_changed):
            changed.connect(self._fill)
        for changed in (session.servers.items_changed, session.servers.form_open_changed):
            changed.connect(self._fill)
        session.servers.form_open_changed.connect(self._on_form_open_changed)
        models.is_open_changed.connect(self._on_is_open_changed)
        self.hide()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc closes."""
        if event.key() == Qt.Key.Key_Escape:
            self._actions.close_sheet()
        else:
            super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take clicks that nothing inside wants, so that they do not go on to the window and close the sheet."""
        event.accept()

    def focusNextPrevChild(self, forward: bool) -> bool:
        """Tab stays in the sheet while it is open."""
        return move_focus(self, forward)

    def event(self, event: QEvent) -> bool:
        """Esc is ours while the keyboard is here, not the menu's."""
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            event.setAccepted(event.key() == Qt.Key.Key_Escape)
        return super().event(event)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """While it is open: follow the window's size; a click beside the sheet closes it."""
        if watched is self._over and event.type() == QEvent.Type.Resize:
            self._place()
        elif event.type() == QEvent.Type.MouseButtonPress and isinstance(watched, QWidget):
            same_window = watched.window() is self.window()
            if same_window and not (self.isAncestorOf(watched) or watched in (self, self._below)):
                self._actions.close_sheet()
        return super().eventFilter(watched, event)

    def _head(self) -> QHBoxLayout:
        title = QLabel(tr("Models"), self)
        title.setProperty("role", "heading")
        close = IconButton("close", tr("Close"), self)
        close.clicked.connect(self._actions.close_sheet)
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(title)
        words.addWidget(self._quiet)
        row = QHBoxLayout()
        row.setContentsMargins(2 * theme.GRID, 0, _MARGIN, theme.GRID)
        row.addLayout(words, 1)
        row.addWidget(close, 0, Qt.AlignmentFlag.AlignTop)
        return row

    def _on_is_open_changed(self, is_open: bool) -> None:
        if is_open:
            self._before = QApplication.focusWidget()
            self._larger = False
            self._fill()
            self._place()
            self.show()
            self.raise_()
            self.setFocus(Qt.FocusReason.PopupFocusReason)
            QApplication.instance().installEventFilter(self)  # type: ignore[union-attr]  # there is one: this is a widget
        else:
            QApplication.instance().removeEventFilter(self)  # type: ignore[union-attr]
            self.hide()
            back = self._before if self._before is not None and shiboken6.isValid(self._before) else self._below
            back.setFocus(Qt.FocusReason.OtherFocusReason)

    def _place(self) -> None:
        corner = self._below.mapTo(self._over, QPoint(0, self._below.height() + 4))
        width = min(theme.scaled(_WIDTH), self._over.width() - 2 * _MARGIN)
        left = max(min(corner.x(), self._over.width() - width - _MARGIN), _MARGIN)
        content = self._area.widget()
        wanted = (content.heightForWidth(width - 2) if content and content.hasHeightForWidth() else 400) + 76
        height = min(wanted, self._over.height() - corner.y() - _MARGIN)
        self.setGeometry(left, corner.y(), width, height)

    def _fill(self, *_: object) -> None:
        if not self._models.is_open:
            return
        self._quiet.setText(self._machine())
        focused = QApplication.focusWidget()
        words = _words(focused)
        place = self._area.verticalScrollBar().value()
        before, content = self._area.takeWidget(), QWidget()
        column = QVBoxLayout(content)
        column.setContentsMargins(2 * theme.GRID, 0, 2 * theme.GRID, 2 * theme.GRID)
        column.setSpacing(0)
        for section in (self._notes, self._here, self._coming, self._on_servers, self._to_download):
            section(column)
        column.addStretch(1)
        self._area.setWidget(content)
        if before is not None:
            before.deleteLater()
        if self.isVisible():
            self._place()
            self._area.verticalScrollBar().setValue(place)
            if focused is not None and before is not None:
                stays = focused is self or self.isAncestorOf(focused)
                again = (stop for stop in focus_stops(self) if words and _words(stop) == words)
                (focused if stays else next(again, self)).setFocus(Qt.FocusReason.OtherFocusReason)

    def _machine(self) -> str:
        memory = self._models.memory
        if memory is None or not memory.total:
            return tr("Looking at this computer…")
        return figures.joined(
            tr("{size} memory", size=figures.built_in(memory.total)),
            tr("{size} free for a model", size=figures.memory_size(memory.free)),
            tr("{size} free on disk", size=figures.size(self._models.disk_free)),
        )

    def _notes(self, column: QVBoxLayout) -> None:
        if self._models.problem:
            column.addWidget(_line(self._models.problem, "danger"))
        removed = self._models.removed
        if removed is not None:
            row = QHBoxLayout()
            row.addWidget(_line(tr("{model} was deleted.", model=found_title(removed)), "conversation"), 1)
            undo = QPushButton(tr("Undo"))
            undo.clicked.connect(self._actions.restore)
            row.addWidget(undo)
            column.addLayout(row)

    def _here(self, column: QVBoxLayout) -> None:
        actions, chosen = self._actions, self._models.chosen
        column.addWidget(_heading(tr("On this computer")))
        titles = Counter(map(found_title, self._models.found))
        for model in self._models.found:
            row = found_row(
                model,
                model.name if titles[found_title(model)] > 1 else "",
                self._models.memory,
                current=model.path == chosen,
                use=partial(self._use, model.path),
                remove=partial(actions.remove, model),
            )
            current = model.path == chosen
            if current and self._session.engine.from_disk:
                row.words.setText(figures.joined(row.words.text(), tr("embeddings read from the disk")))
            column.addWidget(row)
            if is_offered(model, current=current):
                column.addWidget(DrafterRow(model, self._session, self._drafter_actions))
        column.addWidget(tour_row(current=chosen == TOUR, use=partial(self._use, TOUR, False)))

    def _coming(self, column: QVBoxLayout) -> None:
        downloads = self._models.downloads
        if downloads:
            column.addWidget(_heading(tr("Downloads")))
        # Rows stay what they are: somebody may be typing into one.
        self._download_rows = {
            item: self._download_rows.get(item) or DownloadRow(item, self._actions) for item in downloads
        }
        for row in self._download_rows.values():
            column.addWidget(row)
            row.show()

    def _on_servers(self, column: QVBoxLayout) -> None:
        column.addWidget(_heading(tr("On a server")))
        # These stay what they are, like those of downloads.
        self._server_rows = {
            item: self._server_rows.get(item) or ServerRows(item, self._server_actions) for item in self._servers.items
        }
        for rows in self._server_rows.values():
            rows.follow_chosen(self._models.chosen)
            column.addWidget(rows)
            rows.show()
        column.addWidget(self._server_form)
        self._server_form.setVisible(self._servers.form_open)
        if not self._servers.form_open:
            connect = QPushButton(tr("Connect to a server…"))
            connect.setProperty("role", "row-link")
            connect.clicked.connect(self._server_actions.connect_action.trigger)
            column.addWidget(connect, 0, Qt.AlignmentFlag.AlignLeft)

    def _on_form_open_changed(self, is_open: bool) -> None:
        if is_open:
            self._area.ensureWidgetVisible(self._server_form)
            form = self._server_form
            (form.key if form.address.text() else form.address).setFocus(Qt.FocusReason.OtherFocusReason)

    def _to_download(self, column: QVBoxLayout) -> None:
        missing, memory = self._models.missing, self._models.memory
        if not missing:
            return
        column.addWidget(_heading(tr("To download")))
        column.addWidget(self._licence)
        larger = [model for model in missing if self._is_too_large(model)]
        shown = [model for model in missing if self._larger or model not in larger]
        for model in shown:
            fetch = partial(self._actions.download, model.repository)
            column.addWidget(offered_row(model, memory, fetch))
        if len(shown) < len(missing):
            more = QPushButton(tr("{counted} too large for now…", counted=figures.counted(len(larger), "model")))
            more.setProperty("role", "row-link")
            more.clicked.connect(self._on_more_clicked)
            column.addWidget(more, 0, Qt.AlignmentFlag.AlignLeft)

    def _is_too_large(self, model: OfferedModel) -> bool:
        memory = self._models.memory
        if memory is None or model.recommended:
            return False
        return judge(model.need_bytes, memory, model.lean_bytes) is Fit.TOO_LARGE

    def _on_more_clicked(self) -> None:
        self._larger = True
        self._fill()

    def _use(self, path: str, anyway: bool) -> None:
        self._actions.use(path, anyway=anyway)
        self._actions.close_sheet()


def _words(widget: QWidget | None) -> str:
    """What a control says it is, by which it is found again when the sheet has been filled anew."""
    if widget is None:
        return ""
    return widget.accessibleName() or (widget.text() if isinstance(widget, QPushButton) else "")


def _heading(text: str) -> QLabel:
    label = _line(text, "section")
    label.setContentsMargins(0, 2 * theme.GRID, 0, theme.GRID // 2)
    return label


def _line(text: str, role: str) -> QLabel:
    label = QLabel(text)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setProperty("role", role)
    label.setWordWrap(True)
    return label
