"""One version in the strip: what it looks like, what it is called, how like the screenshot it is."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from app.state.page import PageVersion, Rendering, VersionStatus
from app.views import figures, icons, theme
from app.views.stage.strip_card import StripCard
from app.views.stage.thumbs import Thumb
from app.views.theme import Type, type_font
from app.words import tr, trn

_PICTURE = QSize(84, 52)
_SHARPNESS = 2  # pixels of the picture a logical pixel, enough for every screen
_ROUNDING = 6.0
_MARK = 14


_TITLES = {"first": tr("First"), "fix": tr("Fix"), "edit": tr("Edited"), "change": tr("Change")}


def shown_title(title: str) -> str:
    """What people read as a version's title, which is kept in English."""
    kind, _, number = title.partition(" ")
    return f"{_TITLES.get(kind, kind[:1].upper() + kind[1:])} {number}".strip()


class VersionCard(StripCard):
    """Follows its version.

    Attributes:
        version: the one.
        branched: it was made from another than the one before it.
    """

    def __init__(self, version: PageVersion, *, branched: bool, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.version, self.branched = version, branched
        self._best = False
        self._thumb = Thumb(_PICTURE * _SHARPNESS, self)
        self._thumb.changed.connect(self.update)
        version.rendering_changed.connect(self._on_rendering_changed)
        for changed in (version.fidelity_changed, version.status_changed, version.faults_changed):
            changed.connect(self._follow)
        self._on_rendering_changed(version.rendering)
        self._follow()

    def set_best(self, best: bool) -> None:
        """Mark it as the one that is most alike, or not."""
        if best != self._best:
            self._best = best
            self._follow()

    def sizeHint(self) -> QSize:
        """The picture, and two lines below it."""
        words = max(self._width_of(line) for line in (self._title, figures.alike(1)))
        width = max(_PICTURE.width(), words + (theme.scaled(_MARK) + 4 if self.branched else 0))
        line = QFontMetrics(type_font(Type.QUIET)).height()
        return QSize(width + 2 * 6, _PICTURE.height() + 2 * line + 2 * 6 + 4)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Ground, picture, words."""
        c = theme.colours_of(self)
        painter = QPainter(self)
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
        area = QRectF(self.rect())
        self.paint_ground(painter)
        self._paint_picture(painter, QRectF(6, 6, area.width() - 12, _PICTURE.height()))
        top = 6 + _PICTURE.height() + 4
        metrics = QFontMetrics(type_font(Type.QUIET))
        left = 6.0
        if self.branched:
            side = theme.scaled(_MARK)
            mark = QRectF(left, top + (metrics.height() - side) / 2, side, side)
            icons.paint_icon(painter, "branch", mark, c.quiet)
            left += side + 4
        painter.setFont(type_font(Type.QUIET, bold=self.isChecked()))
        painter.setPen(QColor(c.text))
        room = QRectF(left, top, area.width() - left - 6, metrics.height())
        title = painter.fontMetrics().elidedText(self._title, Qt.TextElideMode.ElideRight, int(room.width()))
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, title)
        painter.setFont(type_font(Type.QUIET, bold=self._best))
        painter.setPen(QColor(c.good if self._best else c.quiet))
        room = QRectF(6, top + metrics.height(), area.width() - 12, metrics.height())
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, self._figure)
        self.paint_focus(painter)
        painter.end()

    def _paint_picture(self, painter: QPainter, area: QRectF) -> None:
        c = theme.colours_of(self)
        outline = QPainterPath()
        outline.addRoundedRect(area.adjusted(0.5, 0.5, -0.5, -0.5), _ROUNDING, _ROUNDING)
        image = self._thumb.image
        if image.isNull():
            painter.fillPath(outline, c.hover)
            side = icons.SIZE
            glyph = QRectF(0, 0, side, side)
            glyph.moveCenter(area.center())
            failed = self.version.status is VersionStatus.FAILED
            icons.paint_icon(painter, "warning" if failed else "page", glyph, c.danger if failed else c.quiet)
        else:
            painter.save()
            painter.setClipPath(outline)
            painter.fillRect(area, QColor("#FFFFFF"))
            scale = area.width() / image.width()
            painter.drawImage(QRectF(area.left(), area.top(), area.width(), image.height() * scale), image)
            painter.restore()
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(QColor(c.link), 1.5) if self.isChecked() else QPen(c.hairline, 1))
        painter.drawPath(outline)

    @property
    def _title(self) -> str:
        return shown_title(self.version.title)

    @property
    def _figure(self) -> str:
        return figure(self.version)

    def _width_of(self, line: str) -> int:
        return QFontMetrics(type_font(Type.QUIET, bold=True)).horizontalAdvance(line)

    def _on_rendering_changed(self, rendering: Rendering | None) -> None:
        if rendering is not None:
            self._thumb.show(rendering.picture)

    def _follow(self) -> None:
        version = self.version
        said = [self._title, self._figure, tr("the best so far") if self._best else ""]
        if self.branched and version.made_from is not None:
            said.append(tr("made from {title}", title=shown_title(version.made_from.title)))
        if version.faults:
            said.append(trn("{n} fault listed", "{n} faults listed", len(version.faults)))
        self.setAccessibleName(", ".join(part for part in said if part))
        self.setToolTip("\n".join([", ".join(part for part in said[1:] if part), *(f"– {f}" for f in version.faults)]))
        self.updateGeometry()
        self.update()


def figure(version: PageVersion) -> str:
    """How far a version is, or how like the screenshot it is."""
    if version.status is VersionStatus.WRITING:
        return tr("Writing…")
    if version.status is VersionStatus.FAILED:
        return tr("No page")
    if version.fidelity is not None:
        return figures.alike(version.fidelity.fidelity)
    return tr("Cut off") if version.status is VersionStatus.CUT_OFF else tr("Not compared")
