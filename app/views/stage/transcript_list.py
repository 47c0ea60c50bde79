"""The lines of a transcript: a click plays from there."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QModelIndex, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QFrame, QListView, QWidget

from app.state.transcript import Transcript
from app.views.stage.transcript_rows import LineDelegate, LineModel
from app.words import tr


class TranscriptList(QListView):
    """Follows a transcript; stays at the end while lines land there, if it was there.

    Signals, with the number of a line:
        play_wanted: from here on.
        redo_wanted: its piece again.
        edited: with its new words.
    """

    play_wanted = Signal(int)
    redo_wanted = Signal(int)
    edited = Signal(int, str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._lines = LineModel()
        self._rows = LineDelegate(self._lines, self)
        self._rows.edited.connect(self.edited)
        self.setModel(self._lines)
        self.setItemDelegate(self._rows)
        self.setAccessibleName(tr("Transcript"))
        self.setProperty("role", "clear")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setMouseTracking(True)
        self.setUniformItemSizes(False)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.viewport().setAutoFillBackground(False)
        self._lines.rowsAboutToBeInserted.connect(self._on_about_to_grow)
        self._lines.rowsInserted.connect(self._on_grown)
        self._at_end = True

    @property
    def current_line(self) -> int | None:
        """The line that the keyboard is on."""
        return self.currentIndex().row() if self.currentIndex().isValid() else None

    def show_transcript(self, transcript: Transcript | None) -> None:
        """Show this one."""
        old = self._lines.transcript
        if old is not None:
            old.words_changed.disconnect(self._on_words_changed)
            old.redoing_changed.disconnect(self._on_redoing_changed)
        self._lines.show(transcript)
        self._rows.heard = None
        if transcript is not None:
            transcript.words_changed.connect(self._on_words_changed)
            transcript.redoing_changed.connect(self._on_redoing_changed)

    def show_heard(self, line: int | None) -> None:
        """This line is heard now."""
        if line != self._rows.heard:
            self._rows.heard = line
            self.viewport().update()
            if line is not None and line < self._lines.rowCount():
                self.scrollTo(self._lines.index(line))

    def show_line(self, line: int) -> None:
        """Bring a line into sight and select it."""
        self.setCurrentIndex(self._lines.index(line))
        self.scrollTo(self._lines.index(line))

    def edit_line(self, line: int) -> None:
        """Open the field for its words."""
        self.setCurrentIndex(self._lines.index(line))
        self.edit(self._lines.index(line))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Play, edit, or again."""
        super().mouseReleaseEvent(event)
        index = self.indexAt(event.position().toPoint())
        if event.button() != Qt.MouseButton.LeftButton or not index.isValid():
            return
        match self._rows.deed_at(self.visualRect(index), round(event.position().x())):
            case "edit":
                self.edit_line(index.row())
            case "retry":
                self.redo_wanted.emit(index.row())
            case _:
                self.play_wanted.emit(index.row())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """What can be done shows where the pointer is."""
        super().mouseMoveEvent(event)
        index = self.indexAt(event.position().toPoint())
        deed = self._rows.deed_at(self.visualRect(index), round(event.position().x())) if index.isValid() else ""
        titles = {"edit": tr("Correct the words"), "retry": tr("Hear this piece again")}
        self.viewport().setToolTip(titles.get(deed, tr("Play from here") if index.isValid() else ""))
        self._hover(index.row())

    def leaveEvent(self, event: QEvent) -> None:
        """The pointer is elsewhere."""
        super().leaveEvent(event)
        self._hover(-1)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Space and Return play, F2 corrects, R hears again."""
        line = self.current_line
        if line is None:
            super().keyPressEvent(event)
        elif event.key() in (Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.play_wanted.emit(line)
        elif event.key() == Qt.Key.Key_F2:
            self.edit_line(line)
        elif event.key() == Qt.Key.Key_R and not event.modifiers():
            self.redo_wanted.emit(line)
        else:
            super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Words break elsewhere."""
        super().resizeEvent(event)
        if event.oldSize().width() != event.size().width():
            self.scheduleDelayedItemsLayout()

    def changeEvent(self, event: QEvent) -> None:
        """Larger text takes more lines."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self.scheduleDelayedItemsLayout()

    def _hover(self, row: int) -> None:
        if row != self._rows.hovered:
            self._rows.hovered = row
            self.viewport().update()

    def _on_about_to_grow(self, _parent: QModelIndex, _first: int, _last: int) -> None:
        bar = self.verticalScrollBar()
        self._at_end = bar.value() >= bar.maximum() - 4

    def _on_grown(self, _parent: QModelIndex, _first: int, _last: int) -> None:
        if self._at_end:
            self.scrollToBottom()

    def _on_words_changed(self, _words: str) -> None:
        self.viewport().update()

    def _on_redoing_changed(self, _piece: object) -> None:
        self.viewport().update()
