"""What each part of an answer looks like: Qt's formats, from the theme in force."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtGui import (
    QBrush,
    QColor,
    QFont,
    QTextBlockFormat,
    QTextCharFormat,
    QTextFormat,
    QTextFrameFormat,
    QTextLength,
    QTextListFormat,
    QTextTableFormat,
)

from app.state.clock import clock
from app.views import theme
from app.views.ink import faded, mixed
from app.views.markdown.times import address_of
from app.views.stage.code_words import Kind
from app.views.stage.colouring import inks
from app.views.theme import Colours, Type, type_font
from app.words import tr

QUOTED = QTextFormat.Property.UserProperty + 1
"""Of a block: how deep in quotations it stands."""
RULE = QTextFormat.Property.UserProperty + 2
"""Of a block: it is a line across."""
CODE = QTextFormat.Property.UserProperty + 3
"""Of a block: it is a line of code."""
_LINE_HEIGHT, _CODE_LINE_HEIGHT = 118, 112
_QUOTE_STEP = 16
CODE_INSET, CODE_HEAD = 12, 32
_HEADINGS = {1: 20, 2: 17, 3: 15}


@dataclass(frozen=True)
class Look:
    """Formats for one scheme and one size of text."""

    colours: Colours
    scale: float

    def words(self) -> QTextCharFormat:
        """Ordinary words."""
        return self._char(type_font(Type.CONVERSATION), self.colours.text)

    def heading(self, level: int) -> QTextCharFormat:
        """Of a heading; those below the third look alike."""
        font = type_font(Type.CONVERSATION, bold=True)
        font.setPixelSize(round(_HEADINGS.get(level, Type.CONVERSATION) * self.scale))
        return self._char(font, self.colours.text)

    def code(self, base: QTextCharFormat | None = None) -> QTextCharFormat:
        """Of code in words, or of a block of it."""
        font = type_font(Type.CONTROL, fixed=True)
        if base is None:
            return self._char(font, self.colours.text)
        result = QTextCharFormat(base)
        result.setFont(font, QTextCharFormat.FontPropertiesInheritanceBehavior.FontPropertiesAll)
        result.setBackground(QBrush(faded(self.colours.text, 0.07)))
        return result

    def inks(self) -> dict[Kind, QTextCharFormat]:
        """Of words in code, those that have a colour."""
        result: dict[Kind, QTextCharFormat] = {}
        for kind, ink in inks(self.colours).items():
            result[kind] = self.code()
            result[kind].setForeground(QColor(ink))
            result[kind].setFontItalic(kind is Kind.COMMENT)
        return result

    def link(self, base: QTextCharFormat, address: str) -> QTextCharFormat:
        """Words that lead somewhere."""
        result = QTextCharFormat(base)
        result.setForeground(QColor(self.colours.link))
        result.setFontUnderline(True)
        result.setAnchor(True)
        result.setAnchorHref(address)
        result.setToolTip(address)
        return result

    def moment(self, base: QTextCharFormat, seconds: float) -> QTextCharFormat:
        """A time in a clip or a recording."""
        result = self.link(base, address_of(seconds))
        result.setToolTip(tr("Go to {time}", time=clock(seconds)))
        return result

    def block(self, *, above: int, depth: int = 0, quoted: int = 0) -> QTextBlockFormat:
        """Of a paragraph: so far below the one before, so deep in lists and quotations."""
        result = QTextBlockFormat()
        result.setTopMargin(above)
        result.setLineHeight(_LINE_HEIGHT, QTextBlockFormat.LineHeightTypes.ProportionalHeight.value)
        result.setIndent(depth)
        if quoted:
            result.setLeftMargin(quoted * _QUOTE_STEP)
            result.setProperty(QUOTED, quoted)
        return result

    def code_line(self, *, first: bool, last: bool, depth: int = 0, head: bool = True) -> QTextBlockFormat:
        """Of a line of code: the first has room for what stands above the code, the last for the edge below."""
        result = QTextBlockFormat()
        result.setIndent(depth)
        result.setLineHeight(_CODE_LINE_HEIGHT, QTextBlockFormat.LineHeightTypes.ProportionalHeight.value)
        result.setLeftMargin(CODE_INSET)
        result.setRightMargin(CODE_INSET)
        result.setProperty(CODE, 1)
        if first:
            result.setTopMargin(theme.GRID + (self.head if head else CODE_INSET))
        if last:
            result.setBottomMargin(CODE_INSET + theme.GRID)
        return result

    @property
    def head(self) -> int:
        """Height of the line above code."""
        return theme.scaled(CODE_HEAD)

    def list_item(self, style: QTextListFormat.Style, depth: int, start: int) -> QTextListFormat:
        """The sign before an item."""
        result = QTextListFormat()
        result.setStyle(style)
        result.setIndent(depth)
        result.setStart(start)
        return result

    def table(self, columns: int) -> QTextTableFormat:
        """Hairlines between rows and columns; as wide as its words, at most as wide as there is room."""
        result = QTextTableFormat()
        result.setHeaderRowCount(1)
        result.setBorder(1)
        result.setBorderStyle(QTextFrameFormat.BorderStyle.BorderStyle_Solid)
        result.setBorderBrush(QBrush(mixed(self.colours.text, self.colours.content, 0.16)))
        result.setBorderCollapse(True)
        result.setCellPadding(6)
        result.setCellSpacing(0)
        result.setTopMargin(theme.INSET)
        result.setBottomMargin(theme.GRID)
        result.setColumnWidthConstraints([QTextLength()] * columns)
        return result

    def _char(self, font: QFont, ink: str) -> QTextCharFormat:
        result = QTextCharFormat()
        result.setFont(font)
        result.setForeground(QColor(ink))
        return result
