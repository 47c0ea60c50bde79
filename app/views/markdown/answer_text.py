"""A run of prose and code of an answer as one text, so that it can be selected from its first word to its last."""

from __future__ import annotations

import time

from PySide6.QtCore import QEvent, QMimeData, QPointF, QRectF, Qt, QTimer, QUrl, Signal
from PySide6.QtGui import QColor, QFocusEvent, QPainter, QPaintEvent, QPen, QResizeEvent, QTextBlock
from PySide6.QtWidgets import QScrollArea, QTextBrowser, QWidget

from app.state.answer_blocks import AnswerBlock, BlockKind
from app.views import theme
from app.views.as_tall import AsTallAsItsWords
from app.views.ink import faded
from app.views.markdown.code_head import CodeHead
from app.views.markdown.copying import plain_text
from app.views.markdown.formats import CODE, CODE_INSET, QUOTED, RULE, Look
from app.views.markdown.link_menu import LinkMenu
from app.views.markdown.sections import Code, Prose, Section
from app.views.markdown.times import moment_of
from app.views.markdown.writer import Reach, Writer
from app.views.streamed_text import INTERVAL_MS
from app.views.theme import Type, type_font
from app.words import tr

_WITH_LINKS = Qt.FocusPolicy.StrongFocus
_REST = 5
"""Between two rounds of writing lies at least so many times what one of them took."""


class AnswerText(AsTallAsItsWords, QTextBrowser):
    """Follows blocks of an answer.

    Signals:
        address_opened(str): a link was clicked; it asks before it leads anywhere.
        moment_wanted(float): a time in a clip or a recording was, in seconds.
    """

    address_opened = Signal(str)
    moment_wanted = Signal(float)

    def __init__(self, parent: QWidget | None = None, reach: Reach | None = None) -> None:
        """Times lead where `reach` says that there is something to go to."""
        super().__init__(parent)
        self._reach = reach
        self.setOpenLinks(False)
        self.setFont(type_font(Type.CONVERSATION))
        self.set_up(tr("Answer"))
        self.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextBrowserInteraction | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self.anchorClicked.connect(self._on_anchor_clicked)
        self._blocks: list[AnswerBlock] = []
        self._sections: list[Section] = []
        self._taken: list[int] = []  # how many characters of each block stand in the document
        self._heads: dict[int, CodeHead] = {}
        self._timer = QTimer(self, singleShot=True, interval=INTERVAL_MS)
        self._timer.timeout.connect(self.flush)
        self._begin()

    def add(self, block: AnswerBlock) -> None:
        """One more block, behind the others."""
        self.flush()
        self._blocks.append(block)
        self._open(block)
        block.text_appended.connect(self._on_appended)
        block.closed_changed.connect(self.flush)
        self.flush()

    def flush(self) -> None:
        """Show now what is still held back."""
        self._timer.stop()
        began = time.perf_counter()
        first = max(len(self._sections) - 1, 0)  # the others are over
        if self._sections:
            block, taken = self._blocks[first], self._taken[first]
            text, self._taken[first] = block.text[taken:], len(block.text)
            if not taken:
                text = text.lstrip("\n")  # would only be a gap
            with self._writer.at_once():
                self._sections[first].grow(text, over=block.closed)
        self.setFocusPolicy(_WITH_LINKS if self._writer.has_links else Qt.FocusPolicy.ClickFocus)
        self._place_heads(first)
        self._timer.setInterval(max(INTERVAL_MS, round((time.perf_counter() - began) * 1000 * _REST)))

    def focusInEvent(self, event: QFocusEvent) -> None:
        """By Tab, the keyboard comes to the first link, or from behind to the last."""
        super().focusInEvent(event)
        if event.reason() in (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason):
            self.focusNextPrevChild(event.reason() is Qt.FocusReason.TabFocusReason)

    def focusNextPrevChild(self, forward: bool) -> bool:
        """From link to link, which are brought into view."""
        moved = super().focusNextPrevChild(forward)
        around = self.parentWidget()
        while moved and self.hasFocus() and around is not None:
            if isinstance(around, QScrollArea) and (inside := around.widget()) is not None:
                spot = self.mapTo(inside, self.cursorRect().center())
                around.ensureVisible(spot.x(), spot.y())
            around = around.parentWidget()
        return moved

    def loadResource(self, kind: int, name: QUrl | str) -> object:
        """Nothing: what a model writes makes nobody fetch anything."""
        return None

    def createMimeDataFromSelection(self) -> QMimeData:
        """The words, with the signs of lists, and cells apart."""
        data = QMimeData()
        data.setText(plain_text(self.textCursor()))
        return data

    def paintEvent(self, event: QPaintEvent) -> None:
        """Grounds of code, bars of quotations and lines across; then the words."""
        painter = QPainter(self.viewport())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_grounds(painter, QRectF(event.rect()))
        painter.end()
        super().paintEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """What stands over the text goes where its lines go."""
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self._place_heads(0)

    def _height(self) -> int:
        below = CODE_INSET if self.document().lastBlock().blockFormat().intProperty(CODE) else 0
        return super()._height() + below

    def changeEvent(self, event: QEvent) -> None:
        """In other colours, or another size, all of it is written again."""
        super().changeEvent(event)
        again = (QEvent.Type.PaletteChange, QEvent.Type.StyleChange, QEvent.Type.FontChange)
        if event.type() not in again or not hasattr(self, "_look"):
            return
        if (theme.colours_of(self), theme.text_scale()) != (self._look.colours, self._look.scale):
            self._rewrite()

    def _begin(self) -> None:
        self._look = Look(theme.colours_of(self), theme.text_scale())
        self.document().setIndentWidth(theme.scaled(24))
        self._writer = Writer(self.document(), self._look, self._reach)

    def _rewrite(self) -> None:
        self.clear()
        self.setFont(type_font(Type.CONVERSATION))
        self._begin()
        self._sections.clear()
        self._taken.clear()
        for block in self._blocks:
            self._open(block)
            self.flush()

    def _open(self, block: AnswerBlock) -> None:
        self._sections.append(Code(self._writer) if block.kind is BlockKind.CODE else Prose(self._writer))
        self._taken.append(0)

    def _on_appended(self, _text: str) -> None:
        if not self._timer.isActive():
            self._timer.start()

    def _on_anchor_clicked(self, url: QUrl) -> None:
        seconds = moment_of(url.toString())
        if seconds is not None and self._reach is not None:
            self.moment_wanted.emit(seconds)
            return
        self.address_opened.emit(url.toString())
        LinkMenu(url, self).show_at_pointer()

    def _place_heads(self, start: int) -> None:
        """The name of the language and the way to copy, above each block of code."""
        layout = self.document().documentLayout()
        for index in range(start, len(self._sections)):
            card = self._sections[index].card
            if card is None:
                continue
            block = self._blocks[index]
            if index not in self._heads:
                self._heads[index] = CodeHead(card.language, block, self.viewport())
            line = self.document().findBlock(card.start)
            top = layout.blockBoundingRect(line).top() - self._look.head
            head = self._heads[index]
            head.setGeometry(0, round(top), self.viewport().width(), self._look.head)
            head.show()

    def _paint_grounds(self, painter: QPainter, seen: QRectF) -> None:
        layout, c = self.document().documentLayout(), self._look.colours
        block = self.cursorForPosition(seen.topLeft().toPoint()).block()
        while block.isValid() and block.previous().isValid() and block.previous().blockFormat().intProperty(CODE):
            block = block.previous()
        while block.isValid():
            area = layout.blockBoundingRect(block)
            if area.top() > seen.bottom() + 40:
                return
            kind = block.blockFormat()
            if kind.intProperty(CODE):
                block = self._paint_code(painter, block)
                continue
            if depth := kind.intProperty(QUOTED):
                self._paint_bars(painter, area, depth)
            if kind.intProperty(RULE):
                painter.setPen(QPen(c.hairline, 1))
                y = area.center().y()
                painter.drawLine(QPointF(0, y), QPointF(self.viewport().width(), y))
            block = block.next()

    def _paint_bars(self, painter: QPainter, area: QRectF, depth: int) -> None:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(faded(self._look.colours.text, 0.2))
        for number in range(depth):
            painter.drawRoundedRect(QRectF(number * 16, area.top() - 2, 3, area.height() + 4), 1.5, 1.5)

    def _paint_code(self, painter: QPainter, block: QTextBlock) -> QTextBlock:
        """The ground of one block of code; returns the block behind it."""
        layout, c = self.document().documentLayout(), self._look.colours
        first = last = block
        while (after := last.next()).isValid() and after.blockFormat().intProperty(CODE):
            if after.blockFormat().topMargin() > 0:
                break
            last = after
        above = first.blockFormat().topMargin()
        head = self._look.head if above >= self._look.head else CODE_INSET
        top = layout.blockBoundingRect(first).top() - head
        bottom = layout.blockBoundingRect(last).bottom() + CODE_INSET
        left = first.blockFormat().indent() * self.document().indentWidth()
        area = QRectF(left + 0.5, top + 0.5, self.viewport().width() - left - 1, bottom - top - 1)
        painter.setPen(QPen(c.hairline, 1))
        painter.setBrush(QColor(c.surface))
        painter.drawRoundedRect(area, theme.RADIUS, theme.RADIUS)
        return last.next()
