"""What stands in for a picture that is on its way, or cannot be shown."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter
from PySide6.QtWidgets import QWidget

from app.state.attachments import Attachment, AttachmentStatus
from app.state.sheets import Sheet
from app.views import icons, theme
from app.views.theme import Type, type_font
from app.words import tr

_GLYPH = 32


def paint(painter: QPainter, widget: QWidget, picture: Attachment | Sheet, *, unreadable: bool) -> None:
    """A glyph and a sentence in the middle of the widget."""
    c = theme.colours_of(widget)
    failed = unreadable or picture.status is AttachmentStatus.REFUSED
    glyph = QRectF(0, 0, _GLYPH, _GLYPH)
    glyph.moveCenter(QRectF(widget.rect()).center() - QRectF(0, 0, 0, _GLYPH).bottomLeft() / 2)
    icons.paint_icon(painter, "warning" if failed else "picture", glyph, c.danger if failed else c.quiet)
    painter.setFont(type_font(Type.CONTROL))
    painter.setPen(QColor(c.quiet))
    words = QRectF(widget.rect()).adjusted(theme.INSET, 0, -theme.INSET, 0)
    words.setTop(glyph.bottom() + theme.GRID)
    flags = int(Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop | Qt.TextFlag.TextWordWrap)
    painter.drawText(words, flags, sentence(picture, unreadable=unreadable))


def sentence(picture: Attachment | Sheet, *, unreadable: bool) -> str:
    """What is happening to this picture."""
    if picture.status is AttachmentStatus.REFUSED:
        return f"{picture.error} {picture.hint}".strip()
    if unreadable:
        return tr("{name} can't be shown any more. Add it again to see it.", name=picture.name)
    return tr("Opening the picture…")
