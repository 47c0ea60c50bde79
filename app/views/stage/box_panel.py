"""What stands below the picture: how many boxes, a filter, the legend, and the list; or why there is none."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QLineEdit, QScrollArea, QVBoxLayout, QWidget

from app.state.boxes import label_counts, listed
from app.state.stage import Stage
from app.state.turn import Turn
from app.views import figures, theme
from app.views.stage.box_rows import BoxRows, row_height
from app.views.stage.legend import Legend
from app.views.theme import GRID
from app.words import tr

_ROWS = 8.5  # there is always room for these, so that the picture stands still while boxes come
_LEGEND_ROWS = 2
_FILTER = 150
_PAUSE_MS = 60


class BoxPanel(QWidget):
    """Follows the stage.

    Attributes:
        rows: the list.
        legend: the labels.
        filter: words that labels must have.
    """

    def __init__(self, stage: Stage, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._stage = stage
        self._turn: Turn | None = None
        self._soon = QTimer(self, singleShot=True, interval=_PAUSE_MS)
        self._soon.timeout.connect(self._follow)
        self.rows = BoxRows(stage)
        self.legend = Legend(stage)
        self._list, self._labels = _scrolled(self.rows, self), _scrolled(self.legend, self)
        self._remark = QLabel(self)
        self._remark.setProperty("role", "quiet")
        self._remark.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self._head = self._make_head()
        column = QVBoxLayout(self)
        column.setContentsMargins(GRID, GRID // 2, GRID, GRID)
        column.setSpacing(GRID // 2)
        column.addWidget(self._remark)
        column.addWidget(self._head)
        column.addWidget(self._labels)
        column.addWidget(self._list, 1)
        column.addStretch()
        self._make_room()
        for changed in (
            stage.image_changed,
            stage.media_index_changed,
            stage.hidden_changed,
            stage.words_changed,
            stage.coloured,
        ):
            changed.connect(self._follow)
        stage.turn_changed.connect(self._on_turn_changed)
        stage.selected_changed.connect(self._on_selected_changed)
        self._on_turn_changed(stage.turn)

    def changeEvent(self, event: QEvent) -> None:
        """Rows are taller with larger text."""
        if event.type() == QEvent.Type.FontChange:
            self._make_room()
            self.rows.updateGeometry()
        super().changeEvent(event)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Esc in the filter empties it, and is not for the conversation then."""
        if isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Escape and self._stage.words:
            if event.type() == QEvent.Type.ShortcutOverride:
                event.accept()
                return True
            if event.type() == QEvent.Type.KeyPress:
                self._stage.words = ""
                return True
        return super().eventFilter(watched, event)

    def _make_head(self) -> QWidget:
        head = QWidget(self)
        self._count = QLabel(head)
        self._count.setProperty("role", "section")
        self._unplaced = QLabel(head)
        self._unplaced.setProperty("role", "quiet")
        self.filter = QLineEdit(head)
        self.filter.setProperty("role", "field")
        self.filter.setPlaceholderText(tr("Filter labels"))
        self.filter.setAccessibleName(tr("Filter boxes by label"))
        self.filter.setClearButtonEnabled(True)
        self.filter.setAcceptDrops(False)
        self.filter.textChanged.connect(self._on_filter_changed)
        self.filter.installEventFilter(self)
        place = self.filter.sizePolicy()
        place.setRetainSizeWhenHidden(True)  # the list stands still when a second label comes
        self.filter.setSizePolicy(place)
        row = QHBoxLayout(head)
        row.setContentsMargins(GRID, 0, GRID, 0)
        row.setSpacing(GRID)
        row.addWidget(self._count)
        row.addWidget(self._unplaced, 1)
        row.addWidget(self.filter)
        return head

    def _make_room(self) -> None:
        self.setFixedHeight(round(_ROWS * row_height()) + GRID + GRID // 2)
        self.filter.setFixedWidth(theme.scaled(_FILTER))

    def _on_turn_changed(self, turn: Turn | None) -> None:
        if self._turn is not None:
            self._turn.box_found.disconnect(self._on_box_found)
            for changed in (self._turn.restarted, self._turn.status_changed):
                changed.disconnect(self._follow)
        self._turn = turn
        if turn is not None:
            turn.box_found.connect(self._on_box_found)
            for changed in (turn.restarted, turn.status_changed):
                changed.connect(self._follow)
        self._follow()

    def _on_box_found(self) -> None:
        """Counts may be a moment late: boxes come by the hundred."""
        if self._head.isHidden():
            self._follow()
        elif not self._soon.isActive():
            self._soon.start()

    def _follow(self, *_: object) -> None:
        self._soon.stop()
        stage, turn = self._stage, self._turn
        boxes = stage.boxes()
        self._remark.setText("" if boxes or turn is None else _remark(turn))
        self._remark.setVisible(bool(self._remark.text()))
        for widget in (self._head, self._labels, self._list):
            widget.setVisible(bool(boxes))
        if self.filter.text() != stage.words:
            self.filter.setText(stage.words)
        self.filter.setVisible(len(label_counts(stage)) > 1 or bool(stage.words))
        if boxes:
            self.legend.follow()
            self._count.setText(self._summary())
            unplaced = any(found.sheet is None for found in boxes)
            clip = stage.picture is not None and bool(stage.picture.moments)
            self._unplaced.setText((tr("No moment named") if clip else tr("No page named")) if unplaced else "")
            self._unplaced.setToolTip(tr("The answer does not say where these boxes are: leaf to where they fit."))
            self._fit_legend()

    def _summary(self) -> str:
        stage = self._stage
        boxes, shown = stage.boxes(), sum(map(stage.wants, stage.boxes()))
        count = figures.counted(len(boxes), "box", "boxes")
        if shown < len(boxes):
            count = tr("{shown} of {count} shown", shown=shown, count=count)
        labels = len(label_counts(stage))
        return figures.joined(count, figures.counted(labels, "label", "labels")) if labels > 1 else count

    def _fit_legend(self) -> None:
        """As many rows as the labels need, up to two; the rest is scrolled to."""
        layout = self.legend.layout()
        assert layout is not None
        width = max(self._labels.viewport().width(), self.width() - 2 * GRID - 12)
        row = layout.sizeHint().height()
        most = _LEGEND_ROWS * row + layout.spacing()
        self._labels.setFixedHeight(max(min(layout.heightForWidth(width), most), row))

    def resizeEvent(self, event: QEvent) -> None:
        """The legend may need another row."""
        super().resizeEvent(event)  # type: ignore[arg-type]
        self._fit_legend()

    def _on_filter_changed(self, words: str) -> None:
        self._stage.words = words

    def _on_selected_changed(self, number: int | None) -> None:
        if number is not None and listed(self._stage):
            row = self.rows.row_rect(number).toRect()
            self._list.ensureVisible(row.center().x(), row.center().y(), 0, row_height())


def _scrolled(inside: QWidget, parent: QWidget) -> QScrollArea:
    area = QScrollArea(parent)
    area.setWidget(inside)
    area.setWidgetResizable(True)
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    return area


def _remark(turn: Turn) -> str:
    """Why there is no list."""
    return tr("No boxes on this picture") if turn.status.is_final else tr("Boxes appear here as they are found")
