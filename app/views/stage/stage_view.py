"""The right side of the window: the picture with its boxes and their list, and the page that is made from it."""

from __future__ import annotations

from functools import partial
from typing import cast

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QScrollArea, QStackedWidget, QVBoxLayout, QWidget

from app.state.stage import Stage, Tab, Zoom
from app.state.turn import Turn
from app.views.elided_label import ElidedLabel
from app.views.icon_button import IconButton
from app.views.segmented import Choice, Segmented
from app.views.stage.box_rows import BoxRows, row_height
from app.views.stage.canvas import Canvas
from app.views.theme import GRID
from app.words import tr

_ZOOMS: tuple[tuple[str, str, Zoom], ...] = (
    ("zoom-out", tr("Zoom out"), "out"),
    ("zoom-in", tr("Zoom in"), "in"),
    ("fit", tr("Fit picture"), "fit"),
)
_TABS = (Choice("picture", tr("Picture")), Choice("page", tr("Page")))
_ROWS = 6.5  # there is always room for these, so that the picture stands still while boxes come


class StageView(QWidget):
    """Follows the stage, whichever turn is on it.

    Attributes:
        canvas: the picture.
        rows: the list.
        tabs: picture or page, where there are both.
    """

    def __init__(
        self,
        stage: Stage,
        page: QWidget | None = None,
        parent: QWidget | None = None,
        *,
        animated: bool | None = None,
    ) -> None:
        """`page` is the page's side; `animated` None asks the system."""
        super().__init__(parent)
        self._stage = stage
        self._turn: Turn | None = None
        self.setProperty("role", "surface")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.canvas = Canvas(stage, self, animated=animated)
        self.rows = BoxRows(stage)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(self._header())
        column.addWidget(self._sides(page), 1)
        for changed in (
            stage.picture_changed,
            stage.media_index_changed,
            stage.hidden_changed,
            stage.page_changed,
            stage.tab_changed,
        ):
            changed.connect(self._follow)
        stage.turn_changed.connect(self._on_turn_changed)
        stage.selected_changed.connect(self._on_selected_changed)
        self._on_turn_changed(stage.turn)

    def sizeHint(self) -> QSize:
        """Half of a comfortable window."""
        return QSize(560, 640)

    def changeEvent(self, event: QEvent) -> None:
        """Rows are taller with larger text."""
        if event.type() == QEvent.Type.FontChange:
            self._make_room()
            self.rows.updateGeometry()
        super().changeEvent(event)

    def _header(self) -> QHBoxLayout:
        stage = self._stage
        self.tabs = Segmented(tr("What is on the stage"), _TABS, self)
        self.tabs.chosen.connect(self._on_tab_chosen)
        self._name = ElidedLabel(self)
        self._count = QLabel(self)
        self._count.setProperty("role", "quiet")
        self._earlier = IconButton("chevron-left", tr("Show the picture before"), self)
        self._later = IconButton("chevron-right", tr("Show the next picture"), self)
        self._earlier.clicked.connect(self._on_earlier_clicked)
        self._later.clicked.connect(self._on_later_clicked)
        self._hide = IconButton("eye", tr("Hide all boxes"), self)
        self._hide.clicked.connect(stage.toggle_all_hidden)
        row = QHBoxLayout()
        row.setContentsMargins(2 * GRID, GRID, GRID, 0)
        row.setSpacing(2)
        row.addWidget(self.tabs)
        row.addSpacing(GRID)
        row.addWidget(self._name)
        row.addSpacing(GRID)
        row.addWidget(self._count)
        row.addStretch(1)
        for widget in (self._earlier, self._later, self._hide):
            row.addWidget(widget)
        for icon, title, how in _ZOOMS:
            button = IconButton(icon, title, self)
            button.clicked.connect(partial(_zoom, stage, how))
            row.addWidget(button)
        return row

    def _sides(self, page: QWidget | None) -> QStackedWidget:
        picture = QWidget(self)
        column = QVBoxLayout(picture)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.canvas, 1)
        column.addWidget(self._below())
        self._stack = QStackedWidget(self)
        self._stack.addWidget(picture)
        if page is not None:
            self._stack.addWidget(page)
        return self._stack

    def _below(self) -> QWidget:
        """The list, or why there is none."""
        self._list = QScrollArea(self)
        self._list.setWidget(self.rows)
        self._list.setWidgetResizable(True)
        self._list.setFrameShape(QFrame.Shape.NoFrame)
        self._list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._remark = QLabel(self)
        self._remark.setProperty("role", "quiet")
        self._remark.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self._place = QWidget(self)
        self._make_room()
        column = QVBoxLayout(self._place)
        column.setContentsMargins(GRID, GRID // 2, GRID, GRID)
        column.setSpacing(0)
        column.addWidget(self._remark)
        column.addWidget(self._list, 1)
        return self._place

    def _make_room(self) -> None:
        self._place.setFixedHeight(round(_ROWS * row_height()) + GRID + GRID // 2)

    def _on_turn_changed(self, turn: Turn | None) -> None:
        if self._turn is not None:
            for changed in (self._turn.box_found, self._turn.restarted, self._turn.status_changed):
                changed.disconnect(self._follow)
        self._turn = turn
        if turn is not None:
            for changed in (turn.box_found, turn.restarted, turn.status_changed):
                changed.connect(self._follow)
        self._follow()

    def _follow(self) -> None:
        stage, turn = self._stage, self._turn
        boxes = stage.boxes()
        pictures = len(turn.pictures) if turn else 0
        self._name.setText(stage.picture.name if stage.picture else "")
        self._count.setText(f"{stage.media_index + 1} of {pictures}" if pictures > 1 else "")
        on_page = stage.tab == "page" and stage.page is not None and self._stack.count() > 1
        self.tabs.setVisible(stage.page is not None and self._stack.count() > 1)
        self.tabs.set_current("page" if on_page else "picture")
        self._stack.setCurrentIndex(1 if on_page else 0)
        for button, possible in (
            (self._earlier, stage.media_index > 0),
            (self._later, stage.media_index + 1 < pictures),
        ):
            button.setVisible(pictures > 1 and not on_page)
            button.setEnabled(possible)
        any_hidden = any(found.number in stage.hidden for found in boxes)
        self._hide.setEnabled(bool(boxes))
        self._hide.setVisible(not on_page)
        self._hide.set_icon("eye-off" if any_hidden else "eye")
        self._hide.set_title(tr("Show all boxes") if any_hidden else tr("Hide all boxes"))
        self._remark.setText("" if boxes or turn is None else _remark(turn))
        self._remark.setVisible(bool(self._remark.text()))
        self._list.setVisible(bool(boxes))

    def _on_selected_changed(self, number: int | None) -> None:
        if number is not None:
            row = self.rows.row_rect(number).toRect()
            self._list.ensureVisible(row.center().x(), row.center().y(), 0, row_height())

    def _on_tab_chosen(self, tab: str) -> None:
        self._stage.tab = cast(Tab, tab)

    def _on_earlier_clicked(self) -> None:
        self._show_picture(self._stage.media_index - 1)

    def _on_later_clicked(self) -> None:
        self._show_picture(self._stage.media_index + 1)

    def _show_picture(self, index: int) -> None:
        if self._turn is not None:
            self._stage.show(self._turn, index)


def _zoom(stage: Stage, how: Zoom, _checked: bool = False) -> None:
    stage.zoom(how)


def _remark(turn: Turn) -> str:
    """Why there is no list."""
    return tr("No boxes on this picture") if turn.status.is_final else tr("Boxes appear here as they are found")
