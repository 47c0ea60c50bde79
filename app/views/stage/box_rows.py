"""The list under the picture: every box with its colour, label and size, to be pointed at, selected, switched off."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPoint, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.state.attachments import Attachment
from app.state.boxes import colour_on, listed
from app.state.sheets import Sheet
from app.state.stage import Stage
from app.state.turn import FoundBox, Turn
from app.views import theme
from app.views.stage.box_painting import paint_swatch
from app.views.theme import GRID, Type, box_colour, type_font
from app.words import tr
from mlx_gemma4.protocol.cost import page_pixels

_SWATCH = 16
_SWATCH_LEFT = GRID
_GAP = GRID + 2


def row_height() -> int:
    """Of one row, in the text size in force."""
    return theme.scaled(theme.TARGET)


class BoxRows(QWidget):
    """Draws its rows itself: there may be hundreds, and they come while others are being read."""

    def __init__(self, stage: Stage, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._stage = stage
        self._turn: Turn | None = None
        self._image: Attachment | Sheet | None = None
        self.setAccessibleName(tr("Boxes"))
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        stage.turn_changed.connect(self._on_turn_changed)
        for changed in (stage.media_index_changed, stage.words_changed):
            changed.connect(self._on_boxes_changed)
        stage.image_changed.connect(self._on_image_changed)
        stage.hovered_changed.connect(self.update)
        stage.coloured.connect(self.update)
        stage.selected_changed.connect(self._on_selected_changed)
        stage.hidden_changed.connect(self._on_selected_changed)
        self._on_turn_changed(stage.turn)

    def sizeHint(self) -> QSize:
        """One row for each box."""
        return QSize(200, row_height() * len(listed(self._stage)))

    def row_rect(self, number: int) -> QRectF:
        """Where the row of this box lies; empty if there is none."""
        for index, found in enumerate(listed(self._stage)):
            if found.number == number:
                return self._row(index)
        return QRectF()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """The box lights up on the picture."""
        found = self._at(event.position().toPoint())
        self._stage.hovered = found.number if found else None

    def leaveEvent(self, event: QEvent) -> None:
        """Nothing is pointed at."""
        self._stage.hovered = None

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """The tick box switches the box off and on; the rest of the row selects it."""
        found = self._at(event.position().toPoint())
        if found is None or event.button() != Qt.MouseButton.LeftButton:
            return
        if event.position().x() < self._label_left:
            self._stage.toggle_hidden(found.number)
        else:
            self._stage.selected = None if found.number == self._stage.selected else found.number

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Up and down select, Space switches the selected box off and on."""
        numbers = [found.number for found in listed(self._stage)]
        selected = self._stage.selected
        if event.key() in (Qt.Key.Key_Up, Qt.Key.Key_Down) and numbers:
            step = 1 if event.key() == Qt.Key.Key_Down else -1
            at = numbers.index(selected) + step if selected in numbers else (0 if step > 0 else -1)
            self._stage.selected = numbers[max(0, min(len(numbers) - 1, at)) if at >= 0 or selected in numbers else -1]
        elif event.key() == Qt.Key.Key_Space and selected is not None:
            self._stage.toggle_hidden(selected)
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """The rows of the part that is to be painted."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        first, last = event.rect().top() // row_height(), event.rect().bottom() // row_height()
        for index, found in enumerate(listed(self._stage)[first : last + 1], start=first):
            self._paint_row(painter, self._row(index), found)
        if self.hasFocus() and self._stage.selected is None:
            theme.paint_focus(painter, self, QRectF(self.rect()))
        painter.end()

    def _paint_row(self, painter: QPainter, row: QRectF, found: FoundBox) -> None:
        c = theme.colours_of(self)
        stage = self._stage
        selected, hidden = found.number == stage.selected, found.number in stage.hidden
        if selected or found.number == stage.hovered:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(c.selection if selected else c.hover)
            painter.drawRoundedRect(row.adjusted(1, 1, -1, -1), 6, 6)
            if selected and self.hasFocus():
                theme.paint_focus(painter, self, row.adjusted(1, 1, -1, -1))
        side = theme.scaled(_SWATCH)
        square = QRectF(_SWATCH_LEFT, row.top() + (row.height() - side) / 2, side, side)
        paint_swatch(painter, square, box_colour(colour_on(self._stage.picture, found)), shown=not hidden)
        extent = self._extent(found)
        painter.setFont(type_font(Type.QUIET))
        painter.setPen(QColor(c.quiet))
        room = row.adjusted(self._label_left, 0, -GRID, 0)
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, extent)
        taken = painter.fontMetrics().horizontalAdvance(extent) + 2 * GRID
        painter.setFont(type_font(Type.CONTROL, bold=selected))
        painter.setPen(QColor(c.quiet if hidden else c.text))
        room.adjust(0, 0, -taken, 0)
        label = painter.fontMetrics().elidedText(_label(found), Qt.TextElideMode.ElideRight, int(room.width()))
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, label)

    @property
    def _label_left(self) -> int:
        return _SWATCH_LEFT + theme.scaled(_SWATCH) + _GAP

    def _row(self, index: int) -> QRectF:
        return QRectF(0, index * row_height(), self.width(), row_height())

    def _extent(self, found: FoundBox) -> str:
        """How large the box is on the picture, in its pixels."""
        y1, x1, y2, x2 = found.box
        image, picture = self._stage.image, self._stage.picture
        if image is None or picture is None or not image.width:
            return ""
        width, height = page_pixels(image.width, image.height) if picture.pages else (image.width, image.height)
        return f"{round((x2 - x1) * width / 1000)} × {round((y2 - y1) * height / 1000)}"

    def _at(self, point: QPoint) -> FoundBox | None:
        boxes, index = listed(self._stage), point.y() // row_height()
        return boxes[index] if 0 <= index < len(boxes) else None

    def _on_turn_changed(self, turn: Turn | None) -> None:
        if self._turn is not None:
            self._turn.box_found.disconnect(self._on_boxes_changed)
            self._turn.restarted.disconnect(self._on_boxes_changed)
        self._turn = turn
        if turn is not None:
            turn.box_found.connect(self._on_boxes_changed)
            turn.restarted.connect(self._on_boxes_changed)
        self._on_boxes_changed()

    def _on_selected_changed(self) -> None:
        """Say it to those who do not see it."""
        boxes, stage = listed(self._stage), self._stage
        said = ""
        for index, found in enumerate(boxes):
            if found.number == stage.selected:
                state = "hidden" if found.number in stage.hidden else "shown"
                said = f"{_label(found)}, {index + 1} of {len(boxes)}, {state}"
        self.setAccessibleDescription(said)
        self.update()

    def _on_image_changed(self, image: Attachment | Sheet | None) -> None:
        if self._image is not None:
            self._image.height_changed.disconnect(self.update)
        self._image = image
        if image is not None:
            image.height_changed.connect(self.update)  # the boxes' sizes are known then
        self._on_boxes_changed()

    def _on_boxes_changed(self) -> None:
        self.updateGeometry()
        self.update()


def _label(found: FoundBox) -> str:
    return " ".join(found.label.split()) or tr("no label")
