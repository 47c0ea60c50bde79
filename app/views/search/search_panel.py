"""A field over the window that looks for words in all conversations while they are typed."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QModelIndex, QObject, QRectF, Qt
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QVBoxLayout, QWidget

from app.actions.library import LibraryActions
from app.state.library import Hit, Search
from app.views import icons, theme
from app.views.ink import faded
from app.views.search.hit_list import HitList
from app.views.theme import Type, type_font
from app.words import tr

_WIDTH, _TOP, _TALLEST, _RADIUS, _FIELD = 560, 72, 420, 14, 44
_STEPS = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1, Qt.Key.Key_PageDown: 6, Qt.Key.Key_PageUp: -6}


class SearchPanel(QWidget):
    """A veil over the whole window with a card on it; Esc, or a click beside the card, puts it away."""

    def __init__(self, search: Search, actions: LibraryActions, parent: QWidget) -> None:
        super().__init__(parent)
        self._search, self._actions, self._window = search, actions, parent
        self.setAccessibleName(tr("Search"))
        self._card = _Card(self)
        self.field = QLineEdit(self._card)
        self.field.setPlaceholderText(tr("Search all conversations"))
        self.field.setAccessibleName(tr("Search all conversations"))
        self.field.setFrame(False)
        self.field.setAcceptDrops(False)
        self.field.setStyleSheet("background: transparent; border: none;")
        self.field.setFont(type_font(Type.HEADING))
        self.field.installEventFilter(self)
        self.list = HitList(self._card)
        self._nothing = QLabel(self._card)
        self._nothing.setProperty("role", "quiet-conversation")
        self._nothing.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._nothing.setTextFormat(Qt.TextFormat.PlainText)
        self._nothing.setWordWrap(True)
        self._nothing.setContentsMargins(0, theme.GRID, 0, theme.GRID * 2)
        self._lay_out()
        self.field.textChanged.connect(actions.search)
        self.list.clicked.connect(self._on_clicked)
        search.is_open_changed.connect(self._on_opened)
        search.hits_changed.connect(self._follow)
        search.words_changed.connect(self._follow)
        search.found_for_changed.connect(self._follow)
        parent.installEventFilter(self)
        self.hide()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Stay with the window; in the field, some keys are the list's."""
        if watched is self._window and event.type() == QEvent.Type.Resize and self.isVisible():
            self._place()
        elif watched is self.field and isinstance(event, QKeyEvent):
            if event.type() == QEvent.Type.ShortcutOverride and event.key() == Qt.Key.Key_Escape:
                event.accept()
                return True
            if event.type() == QEvent.Type.KeyPress:
                return self._press(Qt.Key(event.key()))
        return False

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Beside the card."""
        self._actions.close_search()

    def paintEvent(self, event: QPaintEvent) -> None:
        """The veil."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(0, 0, 0, 90 if theme.colours_of(self).dark else 40))
        painter.end()

    def _press(self, key: Qt.Key) -> bool:
        if key == Qt.Key.Key_Escape:
            self._actions.close_search()
        elif key in _STEPS:
            self.list.step(_STEPS[key])
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._on_clicked(self.list.currentIndex())
        elif key not in (Qt.Key.Key_Tab, Qt.Key.Key_Backtab):
            return False
        return True

    def _lay_out(self) -> None:
        row = QHBoxLayout()
        row.setContentsMargins(theme.GRID, 0, theme.GRID, 0)
        row.setSpacing(10)
        row.addWidget(_Glass(self._card))
        row.addWidget(self.field, 1)
        self._column = QVBoxLayout(self._card)
        self._column.setContentsMargins(theme.GRID, 4, theme.GRID, theme.GRID)
        self._column.setSpacing(4)
        self._column.addLayout(row)
        self._column.addWidget(self.list, 1)
        self._column.addWidget(self._nothing)

    def _place(self) -> None:
        self.setGeometry(self._window.rect())
        self.field.setFixedHeight(theme.scaled(_FIELD))
        width = min(theme.scaled(_WIDTH), self.width() - 4 * theme.GRID)
        tallest = min(theme.scaled(_TALLEST), self.height() - _TOP - 2 * theme.GRID)
        rows = self.list.wanted_height()
        below = rows + 4 if rows else 0
        if self._nothing.isVisibleTo(self._card):
            below += self._nothing.sizeHint().height() + 4
        height = min(theme.scaled(_FIELD) + 4 + theme.GRID + below, tallest)
        self._card.setGeometry((self.width() - width) // 2, _TOP, width, height)

    def _follow(self, *_: object) -> None:
        search = self._search
        if self.list.hits.hits != search.hits:
            self.list.hits.show(search.hits)
            self.list.setCurrentIndex(self.list.hits.index(0))
        words = search.words.strip()
        nothing = bool(words) and search.found_for == search.words and not search.hits
        self._nothing.setText(tr("Nothing found for “{words}”.", words=words) if nothing else "")
        self._nothing.setVisible(nothing)
        self.list.setVisible(bool(search.hits))
        if self.isVisible():
            self._place()

    def _on_opened(self, is_open: bool) -> None:
        if is_open:
            self._before = self._window.focusWidget()
            self._follow()
            self._place()
            self.raise_()
            self.show()
            self.field.selectAll()
            self.field.setFocus(Qt.FocusReason.ShortcutFocusReason)
        else:
            self.hide()
            if self._before is not None:
                self._before.setFocus(Qt.FocusReason.OtherFocusReason)

    def _on_clicked(self, index: QModelIndex) -> None:
        if index.isValid():
            hit: Hit = self.list.hits.hits[index.row()]
            self._actions.close_search()
            self._actions.open(hit.entry.key, hit.turn)


class _Card(QWidget):
    """Rounded, above everything."""

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Not beside the card."""

    def paintEvent(self, event: QPaintEvent) -> None:
        c = theme.colours_of(self)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(faded(c.text, 0.18), 1))
        painter.setBrush(QColor(c.raised))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), _RADIUS, _RADIUS)
        painter.end()


class _Glass(QWidget):
    """Says what the field is for."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setFixedSize(theme.scaled(icons.SIZE), theme.scaled(icons.SIZE))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        icons.paint_icon(painter, "search", QRectF(self.rect()), theme.colours_of(self).quiet)
        painter.end()
