"""The right side of the window: the picture with its boxes and their list, and the page that is made from it."""

from __future__ import annotations

from functools import partial
from typing import cast

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from app.state.leafing import can_leaf, leaf, where
from app.state.stage import Stage, Tab, Zoom
from app.state.turn import Turn
from app.views import theme
from app.views.elided_label import ElidedLabel
from app.views.icon_button import IconButton
from app.views.segmented import Choice, Segmented
from app.views.stage.box_panel import BoxPanel
from app.views.stage.canvas import Canvas
from app.views.theme import GRID
from app.words import tr

_ZOOMS: tuple[tuple[str, str, Zoom], ...] = (
    ("zoom-out", tr("Zoom out"), "out"),
    ("zoom-in", tr("Zoom in"), "in"),
    ("fit", tr("Fit picture"), "fit"),
)
_TABS = (
    *(Choice("picture", tr("Picture")), Choice("page", tr("Page"))),
    *(Choice("transcript", tr("Transcript")), Choice("sound", tr("Recording"))),
)


_ROOMY, _TALL = 420, 400  # pixels from which on there is room for all controls, and for a list of boxes below a clip


class StageView(QWidget):
    """Follows the stage, whichever turn is on it.

    Attributes:
        canvas: the picture.
        panel: what is below it.
        rows: the list of boxes in it.
        tabs: picture, page, transcript or recording, where there are several.
    """

    def __init__(
        self,
        stage: Stage,
        page: QWidget | None = None,
        transcript: QWidget | None = None,
        sound: QWidget | None = None,
        clip: QWidget | None = None,
        parent: QWidget | None = None,
        *,
        animated: bool | None = None,
    ) -> None:
        """`page`, `transcript` and `sound` are sides of their own, `clip` stands below a clip's picture.

        `animated` None asks the system.
        """
        super().__init__(parent)
        self._stage = stage
        self._turn: Turn | None = None
        self.setProperty("role", "surface")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.canvas = Canvas(stage, self, animated=animated)
        self.panel = BoxPanel(stage, self)
        self.rows = self.panel.rows
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(self._header())
        column.addWidget(self._sides({"page": page, "transcript": transcript, "sound": sound}, clip), 1)
        for changed in (
            stage.image_changed,
            stage.media_index_changed,
            stage.hidden_changed,
            stage.page_changed,
            stage.tab_changed,
            stage.written_changed,
            stage.recording_changed,
        ):
            changed.connect(self._follow)
        stage.turn_changed.connect(self._on_turn_changed)
        self._on_turn_changed(stage.turn)

    def sizeHint(self) -> QSize:
        """Half of a comfortable window."""
        return QSize(560, 640)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """A small stage has no room for everything."""
        super().resizeEvent(event)
        self._follow()

    def add_tool(self, tool: QWidget) -> None:
        """Put a control before those of the picture's size; it is for the picture, and there with it."""
        self._tools.addWidget(tool)
        self._of_picture.append(tool)
        self._follow()

    def _header(self) -> QHBoxLayout:
        stage = self._stage
        self.tabs = Segmented(tr("What is on the stage"), _TABS, self)
        self.tabs.chosen.connect(self._on_tab_chosen)
        self._name = ElidedLabel(self)
        self._where = ElidedLabel(self)
        self._where.setProperty("role", "quiet")
        self._earlier = IconButton("chevron-left", tr("Show the picture before"), self)
        self._later = IconButton("chevron-right", tr("Show the next picture"), self)
        self._earlier.clicked.connect(partial(self._leaf, -1))
        self._later.clicked.connect(partial(self._leaf, 1))
        self._hide = IconButton("eye", tr("Hide all boxes"), self)
        self._hide.clicked.connect(stage.toggle_all_hidden)
        self._of_picture: list[QWidget] = [self._hide]
        row = QHBoxLayout()
        row.setContentsMargins(2 * GRID, GRID, GRID, 0)
        row.setSpacing(2)
        row.addStrut(theme.TARGET)  # as high without buttons
        row.addWidget(self.tabs)
        self._gap = QWidget(self)  # so that a name alone stands in line with what is below it
        self._gap.setFixedWidth(GRID)
        row.addWidget(self._gap)
        row.addWidget(self._name)
        row.addSpacing(GRID)
        row.addWidget(self._where)
        row.addWidget(self._earlier)
        row.addWidget(self._later)
        row.addStretch(1)
        self._tools = QHBoxLayout()
        self._tools.setSpacing(2)
        row.addLayout(self._tools)
        row.addWidget(self._hide)
        self._zooms: list[IconButton] = []
        for icon, title, how in _ZOOMS:
            button = IconButton(icon, title, self)
            button.clicked.connect(partial(_zoom, stage, how))
            row.addWidget(button)
            self._zooms.append(button)
        return row

    def _sides(self, others: dict[str, QWidget | None], clip: QWidget | None) -> QStackedWidget:
        picture = QWidget(self)
        column = QVBoxLayout(picture)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.canvas, 1)
        self._has_strip = clip is not None
        if clip is not None:
            column.addWidget(clip)
        column.addWidget(self.panel)
        self._stack = QStackedWidget(self)
        self._faces: dict[str, QWidget] = {"picture": picture}
        self._faces |= {name: face for name, face in others.items() if face is not None}
        for face in self._faces.values():
            self._stack.addWidget(face)
        return self._stack

    def _on_turn_changed(self, turn: Turn | None) -> None:
        if self._turn is not None:
            for changed in (self._turn.box_found, self._turn.restarted):
                changed.disconnect(self._follow)
        self._turn = turn
        if turn is not None:
            for changed in (turn.box_found, turn.restarted):
                changed.connect(self._follow)
        self._follow()

    def _follow(self) -> None:
        stage = self._stage
        boxes = stage.boxes()
        tab = self._follow_tabs()
        written = stage.written.attachments[0] if stage.written is not None else None
        subject = {"transcript": written, "sound": stage.recording}.get(tab, stage.picture)
        self._name.setText(subject.name if subject else "")
        self._where.setText(where(stage))
        roomy = self.width() >= theme.scaled(_ROOMY)
        several = tab == "picture" and (can_leaf(stage, -1) or can_leaf(stage, 1))
        by_strip = self._has_strip and stage.picture is not None and bool(stage.picture.moments)
        for button, step in ((self._earlier, -1), (self._later, 1)):
            button.setVisible(several and (roomy or not by_strip))
            button.setEnabled(can_leaf(stage, step))
        self._where.setVisible(several and not by_strip)
        self.panel.setVisible(not by_strip or (_has_boxes(stage) and self.height() >= theme.scaled(_TALL)))
        any_hidden = any(found.number in stage.hidden for found in boxes)
        self._hide.setEnabled(bool(boxes))
        for tool in self._of_picture:
            tool.setVisible(tab == "picture")
        for button in self._zooms:
            button.setVisible(tab in ("picture", "page") and (roomy or not by_strip))
        self._hide.set_icon("eye-off" if any_hidden else "eye")
        self._hide.set_title(tr("Show all boxes") if any_hidden else tr("Hide all boxes"))

    def _follow_tabs(self) -> str:
        """Show the side that is looked at, and tabs for those that there are; returns which it is."""
        stage = self._stage
        there = {
            "picture": stage.picture, "page": stage.page, "transcript": stage.written, "sound": stage.recording
        }  # fmt: skip
        present = [name for name in self._faces if there[name] is not None]
        tab = stage.tab if stage.tab in present else "picture"
        for part in (self.tabs, self._gap):
            part.setVisible(len(present) > 1)
        for segment in self.tabs.segments:
            segment.setVisible(segment.choice.value in present)
        self.tabs.set_current(tab)
        self._stack.setCurrentWidget(self._faces[tab])
        return tab

    def _on_tab_chosen(self, tab: str) -> None:
        self._stage.tab = cast(Tab, tab)

    def _leaf(self, step: int, _checked: bool = False) -> None:
        leaf(self._stage, step)


def _has_boxes(stage: Stage) -> bool:
    """Whether there are any on the clip that is shown: few have, and their frames need the room."""
    boxes = stage.turn.boxes if stage.turn is not None else []
    return any(found.media_index == stage.media_index for found in boxes)


def _zoom(stage: Stage, how: Zoom, _checked: bool = False) -> None:
    stage.zoom(how)
