"""A question, on the right: its pictures and its words."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QFrame, QLabel, QSizePolicy, QVBoxLayout, QWidget

from app.state.attachments import Attachment, Region
from app.state.sheets import sheet_name
from app.state.stage import Stage
from app.state.turn import Turn
from app.views import theme
from app.views.elided_label import ElidedLabel
from app.views.flow_layout import FlowLayout
from app.views.theme import Type, type_font
from app.views.thumbnail import Thumbnail
from app.words import tr

_WIDEST = 480
_PICTURE, _ONE_PICTURE = 72, 104
_PICTURES_IN_A_ROW = 4


class QuestionBubble(QFrame):
    """As wide as its words, up to a limit; a click on a picture puts it on the stage."""

    def __init__(self, turn: Turn, stage: Stage, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._turn, self._stage = turn, stage
        self.setProperty("role", "bubble")
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Minimum)
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.INSET, 10, theme.INSET, 10)
        column.setSpacing(theme.GRID)
        if len(turn.attachments) == 1:
            whole = self._thumbnail(turn.attachments[0], self, _ONE_PICTURE, whole=True)
            column.addWidget(whole, alignment=Qt.AlignmentFlag.AlignLeft)
            if turn.attachments[0].region is not None:
                column.addWidget(self._origin(turn.attachments[0].region))
        elif turn.attachments:
            column.addWidget(self._pictures())
        column.addWidget(_Words(turn.question, self))

    def _pictures(self) -> QWidget:
        area = QWidget(self)
        flow = FlowLayout(area)
        for attachment in self._turn.attachments:
            flow.addWidget(self._thumbnail(attachment, area, _PICTURE))
        columns = min(len(self._turn.attachments), _PICTURES_IN_A_ROW)
        area.setFixedWidth(columns * _PICTURE + (columns - 1) * flow.spacing())
        return area

    def _thumbnail(self, attachment: Attachment, parent: QWidget, side: int, *, whole: bool = False) -> Thumbnail:
        thumbnail = Thumbnail(attachment, side, parent, whole=whole)
        if attachment.is_seen:
            thumbnail.make_clickable(tr("Show {name}", name=attachment.name))
            thumbnail.clicked.connect(partial(self._show, attachment))
        else:
            thumbnail.setToolTip(attachment.name)
        return thumbnail

    def _origin(self, region: Region) -> QLabel:
        """Of what it is a part."""
        words = ElidedLabel(self)
        words.setText(tr("Part of {name}", name=sheet_name(region.of, region.sheet)))
        words.setProperty("role", "quiet")
        words.setMaximumWidth(_WIDEST)
        return words

    def _show(self, attachment: Attachment) -> None:
        pictures = self._turn.pictures
        for index in range(len(pictures) - 1, -1, -1):
            if pictures[index] is attachment.whole:
                self._stage.show(self._turn, index, attachment.region.sheet if attachment.region else None)
                return


class _Words(QLabel):
    """Wraps at the widest, and is no wider than its longest line."""

    def __init__(self, text: str, parent: QWidget) -> None:
        super().__init__(text, parent)
        self.setFont(type_font(Type.CONVERSATION))
        self.setProperty("role", "conversation")
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.setWordWrap(True)
        self.setAccessibleName(tr("Question: {said}", said=text))
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)

    def sizeHint(self) -> QSize:
        """The longest line, or the limit."""
        longest = max(self.fontMetrics().horizontalAdvance(line) for line in self.text().split("\n")) + 4
        width = min(longest, _WIDEST)
        return QSize(width, self.heightForWidth(width))

    def minimumSizeHint(self) -> QSize:
        """Short questions stay on one line."""
        return QSize(min(self.sizeHint().width(), 160), 0)
