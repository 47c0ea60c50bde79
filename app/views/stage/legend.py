"""The labels of the boxes, each with its colour and how many there are; a click switches a label off and on."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QPoint, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QContextMenuEvent, QIcon, QMouseEvent, QPainter, QPaintEvent, QPen, QPixmap
from PySide6.QtWidgets import QAbstractButton, QMenu, QWidget

from app.state.boxes import LabelCount, choose_colour, label_counts, show_only, toggle_label
from app.state.stage import Stage
from app.views import figures, theme
from app.views.flow_layout import FlowLayout
from app.views.ink import faded
from app.views.stage.box_painting import paint_swatch, tag_text
from app.views.theme import Type, box_colour, type_font
from app.words import tr
from mlx_gemma4.protocol.box_colours import COLOURS

_HEIGHT = 26
_SWATCH = 14
_LONGEST = 24
MOST_LABELS = 48
"""With more, nobody finds anything in a legend; the filter does."""
COLOUR_NAMES = (tr("Orange"), tr("Sky blue"), tr("Green"), tr("Yellow"), tr("Blue"), tr("Vermilion"), tr("Purple"))


class Legend(QWidget):
    """The boxes on the stage, when told to follow."""

    def __init__(self, stage: Stage, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._stage = stage
        self._chips: dict[str, LegendChip] = {}
        self._flow = FlowLayout(self, 6)
        self._flow.setContentsMargins(0, 0, 0, 0)

    def follow(self) -> None:
        """Labels, counts or colours may be others."""
        rows = label_counts(self._stage)[:MOST_LABELS]
        wanted = [row.label for row in rows]
        if wanted[: len(self._chips)] != list(self._chips):
            for chip in self._chips.values():
                self._flow.removeWidget(chip)
                chip.hide()
                chip.deleteLater()
            self._chips.clear()
        for row in rows:
            if row.label not in self._chips:
                chip = self._chips[row.label] = LegendChip(self._stage, self)
                self._flow.addWidget(chip)
                chip.show()
            self._chips[row.label].show_row(row)


class LegendChip(QAbstractButton):
    """One label: its swatch opens the colours, the rest switches its boxes off and on."""

    def __init__(self, stage: Stage, parent: QWidget) -> None:
        super().__init__(parent)
        self._stage = stage
        self._row = LabelCount("", 0, 0, 0)
        self.setFont(type_font(Type.QUIET))
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.clicked.connect(self._on_clicked)

    def show_row(self, row: LabelCount) -> None:
        """What it stands for now."""
        if row == self._row:
            return
        self._row = row
        count = figures.counted(row.count, "box", "boxes")
        state = tr("shown") if not row.hidden else tr("hidden") if row.hidden == row.count else tr("partly hidden")
        self.setAccessibleName(tr("{label}, {count}, {state}", label=self._text, count=count, state=state))
        self.setToolTip(
            tr("{label}: {count}. Click to hide or show, right-click for colours.", label=row.label, count=count)
        )
        self.updateGeometry()
        self.update()

    @property
    def _text(self) -> str:
        text = tag_text(self._row.label) or tr("no label")
        return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"

    def sizeHint(self) -> QSize:
        """Swatch, label, count."""
        words = self.fontMetrics().horizontalAdvance(self._text) + self.fontMetrics().horizontalAdvance(
            str(self._row.count)
        )
        return QSize(words + theme.scaled(_SWATCH) + 4 * theme.GRID, theme.scaled(_HEIGHT))

    def paintEvent(self, event: QPaintEvent) -> None:
        """A pill; hollow and faint where its boxes are off."""
        c, off = theme.colours_of(self), self._row.hidden == self._row.count
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        area = QRectF(self.rect()).adjusted(1, 1, -1, -1)
        painter.setPen(QPen(QColor(c.link), 2) if self.hasFocus() else Qt.PenStyle.NoPen)
        painter.setBrush(c.pressed if self.underMouse() else c.hover)
        painter.drawRoundedRect(area, area.height() / 2, area.height() / 2)
        side = theme.scaled(_SWATCH)
        swatch = QRectF(theme.GRID, (self.height() - side) / 2, side, side)
        paint_swatch(painter, swatch, box_colour(self._row.colour), shown=not off)
        words = QRectF(self.rect()).adjusted(swatch.right() + theme.GRID - 2, 0, -theme.GRID, 0)
        painter.setFont(self.font())
        painter.setPen(QColor(c.quiet if off else c.text))
        painter.drawText(words, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, self._text)
        painter.setPen(QColor(c.quiet))
        painter.drawText(words, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, str(self._row.count))
        painter.end()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """On the swatch, the colours."""
        on_swatch = event.position().x() <= theme.GRID + theme.scaled(_SWATCH)
        if (
            event.button() == Qt.MouseButton.LeftButton
            and on_swatch
            and self.rect().contains(event.position().toPoint())
        ):
            self.setDown(False)
            self._open_menu(self.mapToGlobal(QPoint(0, self.height())))
        else:
            super().mouseReleaseEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """The colours, by right click or the menu key."""
        self._open_menu(event.globalPos())

    def menu(self) -> QMenu:
        """What can be done with the label."""
        stage, row = self._stage, self._row
        menu = QMenu(self)
        menu.addAction(tr("Show") if row.hidden else tr("Hide"), partial(toggle_label, stage, row.label))
        menu.addAction(tr("Show Only These"), partial(show_only, stage, row.label))
        menu.addSeparator()
        for number, name in enumerate(COLOUR_NAMES):
            action = menu.addAction(_colour_icon(number), name, partial(choose_colour, stage, row.label, number))
            action.setCheckable(True)
            action.setChecked(row.colour % len(COLOURS) == number)
        return menu

    def _open_menu(self, at: QPoint) -> None:
        menu = self.menu()
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(at)

    def _on_clicked(self) -> None:
        toggle_label(self._stage, self._row.label)


def _colour_icon(number: int) -> QIcon:
    pixmap = QPixmap(32, 32)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(faded("#1D1D1F", 0.5), 1))
    painter.setBrush(box_colour(number))
    painter.drawRoundedRect(QRectF(2, 2, 28, 28), 8, 8)
    painter.end()
    return QIcon(pixmap)
