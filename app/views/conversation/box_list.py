"""A list of boxes inside an answer: how many, which, and on demand the text that the model really wrote."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from app.state.answer_blocks import AnswerBlock
from app.state.boxes import colour_on
from app.state.stage import Stage
from app.state.turn import FoundBox, Turn
from app.views import figures, theme
from app.views.flow_layout import FlowLayout
from app.views.stage.box_painting import tag_text
from app.views.streamed_text import StreamedText
from app.views.theme import Type, type_font
from app.words import tr

_TAG_HEIGHT = 28
_SWATCH = 10


class BoxList(QFrame):
    """Follows one block of an answer; loses no character of it."""

    def __init__(self, turn: Turn, block: AnswerBlock, stage: Stage, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._turn, self._block, self._stage = turn, block, stage
        self._shown = 0
        self.setProperty("role", "card")
        self._title = QLabel(self)
        self._title.setAccessibleName(tr("Boxes in this answer"))
        self._disclosure = QPushButton(tr("Show text"), self)
        self._disclosure.setProperty("role", "link")
        self._disclosure.setCheckable(True)
        self._disclosure.setAccessibleName(tr("Show text"))
        self._disclosure.setToolTip(tr("What the model wrote, word for word"))
        self._disclosure.toggled.connect(self._on_disclosed)
        self._tags = QWidget(self)
        self._flow = FlowLayout(self._tags, 6)
        self._raw: StreamedText | None = None
        head = QHBoxLayout()
        head.addWidget(self._title, 1)
        head.addWidget(self._disclosure)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(theme.INSET, theme.GRID, theme.GRID, theme.INSET)
        self._column.setSpacing(theme.GRID)
        self._column.addLayout(head)
        self._column.addWidget(self._tags)
        block.boxes_changed.connect(self._follow)
        block.closed_changed.connect(self._follow)
        turn.broken_boxes_changed.connect(self._follow)
        turn.status_changed.connect(self._follow)
        self._follow()

    def _follow(self) -> None:
        numbers = self._block.boxes
        for number in numbers[self._shown :]:
            tag = BoxTag(self._turn, self._turn.boxes[number], self._stage, self._tags)
            self._flow.addWidget(tag)
            tag.show()
        self._shown = len(numbers)
        self._tags.setVisible(bool(numbers))
        self._title.setText(self._summary(len(numbers)))

    def _summary(self, count: int) -> str:
        over = self._block.closed or self._turn.status.is_final
        if not count and not over:
            return tr("Looking for boxes…")
        broken = self._turn.broken_boxes if over else 0
        remark = tr("{broken} written unreadably", broken=figures.counted(broken, "box", "boxes")) if broken else ""
        found = figures.counted(count, "box", "boxes") if count else tr("No boxes")
        return figures.joined(found, remark) + ("" if over else tr(" so far…"))

    def _on_disclosed(self, shown: bool) -> None:
        self._disclosure.setText(tr("Hide text") if shown else tr("Show text"))
        if shown and self._raw is None:
            self._raw = StreamedText(type_font(Type.QUIET, fixed=True), tr("What the model wrote"), self)
            self._raw.append_text(self._block.text)
            self._raw.flush()
            self._block.text_appended.connect(self._raw.append_text)
            self._column.addWidget(self._raw)
        if self._raw is not None:
            self._raw.setVisible(shown)


class BoxTag(QAbstractButton):
    """One box: under the pointer it lights up on the picture, and the other way round; a click selects it."""

    def __init__(self, turn: Turn, found: FoundBox, stage: Stage, parent: QWidget) -> None:
        super().__init__(parent)
        self._turn, self._found, self._stage = turn, found, stage
        self._label = tag_text(found.label) or tr("no label")
        self.setFont(type_font(Type.CONTROL))
        self.setAccessibleName(tr("Box: {label}", label=self._label))
        self.setToolTip(tr("Show on the picture"))
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        stage.hovered_changed.connect(self._on_stage_changed)
        stage.selected_changed.connect(self._on_stage_changed)
        stage.hidden_changed.connect(self._on_stage_changed)
        stage.turn_changed.connect(self._on_stage_changed)
        pictures = turn.pictures
        self._picture = pictures[found.media_index] if found.media_index < len(pictures) else None
        if self._picture is not None:
            self._picture.colours_changed.connect(self._on_stage_changed)
        self.clicked.connect(self._on_clicked)

    def sizeHint(self) -> QSize:
        """Swatch and label."""
        width = self.fontMetrics().horizontalAdvance(self._label) + _SWATCH + 3 * theme.GRID + 2
        return QSize(width, theme.scaled(_TAG_HEIGHT))

    def enterEvent(self, event: object) -> None:
        """Light the box up."""
        if self._stage.turn is self._turn:
            self._stage.hovered = self._found.number
        self.update()

    def leaveEvent(self, event: object) -> None:
        """Let the box be."""
        if self._on_stage() and self._stage.hovered == self._found.number:
            self._stage.hovered = None
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """A pill with the colour of the box."""
        c = theme.colours_of(self)
        selected = self._on_stage() and self._stage.selected == self._found.number
        lit = self.underMouse() or (self._on_stage() and self._stage.hovered == self._found.number)
        hidden = self._on_stage() and self._found.number in self._stage.hidden
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setOpacity(0.5 if hidden else 1)
        area = QRectF(self.rect()).adjusted(1, 1, -1, -1)
        painter.setBrush(c.selection if selected else c.pressed if lit else c.hover)
        ring = QPen(QColor(c.link), 2 if self.hasFocus() else 1)
        painter.setPen(ring if self.hasFocus() or selected else Qt.PenStyle.NoPen)
        painter.drawRoundedRect(area, area.height() / 2, area.height() / 2)
        swatch = QRectF(theme.GRID + 2, (self.height() - _SWATCH) / 2, _SWATCH, _SWATCH)
        painter.setPen(QPen(c.hairline, 1))
        painter.setBrush(theme.box_colour(colour_on(self._picture, self._found)))
        painter.drawRoundedRect(swatch, 3, 3)
        painter.setPen(QColor(c.text))
        words = self.rect().adjusted(theme.GRID * 2 + _SWATCH + 2, 0, -theme.GRID, 0)
        painter.drawText(words, Qt.AlignmentFlag.AlignVCenter, self._label)
        painter.end()

    def _on_stage(self) -> bool:
        return self._stage.turn is self._turn

    def _on_stage_changed(self) -> None:
        self.update()

    def _on_clicked(self) -> None:
        again = self._on_stage() and self._stage.selected == self._found.number
        self._stage.show(self._turn, self._found.media_index, self._found.sheet)
        self._stage.selected = None if again else self._found.number
