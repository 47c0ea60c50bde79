"""Screenshot and page on one canvas: with a line between them, in turn, where they differ, or the page alone."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QPointF, QRectF, QSizeF, Signal, SignalInstance
from PySide6.QtGui import QHideEvent, QPainter, QPaintEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QWidget

from app.platform.accessibility import wants_less_motion
from app.state.page import PageElement, PageMode, PageProject, PageVersion, VersionStatus
from app.state.stage import Stage, Zoom
from app.views import theme
from app.views.stage import page_overlay as overlay
from app.views.stage import page_painting as look
from app.views.stage.blink import Blink
from app.views.stage.page_gestures import PageGestures
from app.views.stage.page_pictures import PagePictures
from app.views.stage.page_viewport import PageViewport
from app.views.stage.pannable import MARGIN, Pannable
from app.views.stage.picture_source import PictureSource
from app.words import tr

_COVERED = 60.0
"""Of the lower edge, by the field for what shall be different."""
Select = Callable[[PageProject, PageElement | None], None]


class PageCanvas(Pannable):
    """Follows the page on the stage. What the person does with it is in `PageGestures`.

    Signals:
        words_wanted: an element has been selected, to say something about it.

    Attributes:
        pictures: what is shown.
        blink: which of the two is shown in turn.
        split: where the line stands, 0 to 1 of the page as far as it is seen.
        hovered: the element under the pointer.
        region: which of the different regions is looked at.
    """

    words_wanted = Signal()

    def __init__(
        self, stage: Stage, select: Select, parent: QWidget | None = None, *, animated: bool | None = None
    ) -> None:
        """`select` is called with the element that was clicked; `animated` None asks the system."""
        self._page_viewport = PageViewport()
        super().__init__(self._page_viewport, parent)
        self._stage, self._select = stage, select
        self.project: PageProject | None = None
        self._version: PageVersion | None = None
        self.split = 0.5
        self.hovered: PageElement | None = None
        self.region: int | None = None
        self.points_at_regions = False
        self.pictures = PagePictures(self)
        self.pictures.changed.connect(self._on_pictures_changed)
        self.blink = Blink(animated=not wants_less_motion() if animated is None else animated, parent=self)
        self.blink.flipped.connect(self.update)
        self.setAccessibleName(tr("Screenshot and page"))
        stage.page_changed.connect(self._on_page_changed)
        stage.zoom_wanted.connect(self._on_zoom_wanted)
        self._on_page_changed(stage.page)
        self._gestures = PageGestures(self)

    @property
    def mode(self) -> PageMode:
        """How it is looked at: at other widths than the screenshot's there is nothing to compare."""
        if self.project is None or self.project.width != "screenshot":
            return "page"
        return self.project.mode

    @property
    def has_subject(self) -> bool:
        """Whether an element is selected."""
        return self.project is not None and self.project.subject is not None

    def room(self) -> QRectF:
        """Below the captions."""
        return QRectF(self.rect()).adjusted(MARGIN, MARGIN / 2 + look.caption_height(), -MARGIN, -MARGIN / 2)

    def seen(self) -> QRectF:
        """The part of the canvas that is covered by screenshot and page."""
        whole = self.viewport.placement.rect(QRectF(QPointF(), self.viewport.picture))
        return whole.intersected(self._window())

    def line(self) -> float:
        """Where the line stands on the canvas."""
        area = self.seen()
        return area.left() + self.split * area.width()

    def move_line(self, split: float) -> None:
        """Put the line elsewhere."""
        self.split = max(0.0, min(1.0, split))
        self._say()
        self.update()

    def element_at(self, at: QPointF) -> PageElement | None:
        """The innermost element of the page there, where the page can be seen."""
        rendering, area = self.pictures.rendering, self.pictures.page_area()
        if rendering is None or area.isEmpty() or self.mode == "difference" or not self._window().contains(at):
            return None
        if self.mode == "swipe" and at.x() < self.line():
            return None
        on_page = self.viewport.placement.on_picture(at) - area.topLeft()
        return overlay.innermost(rendering.elements, on_page * (rendering.width / area.width()))

    def region_at(self, at: QPointF) -> int | None:
        """Which of the different regions lies there."""
        regions = self._version.fidelity.regions if self._version and self._version.fidelity else ()
        return overlay.region_at(regions, self.pictures.page_area(), self.viewport.placement.on_picture(at))

    def regions(self) -> list[QRectF]:
        """Where the page differs, in pixels of the picture; strongest first."""
        if self._version is None or self._version.fidelity is None:
            return []
        return overlay.region_rects(self._version.fidelity.regions, self.pictures.page_area())

    def look_at(self, element: PageElement | None) -> None:
        """The element that is pointed at."""
        if element != self.hovered:
            self.hovered = element
            self.update()

    def look_at_region(self, region: int | None, *, inside: bool) -> None:
        """The region that is pointed at; `inside` says whether the pointer is on the page at all."""
        if (region, inside) != (self.region, self.points_at_regions):
            self.region, self.points_at_regions = region, inside
            self.update()

    def select(self, element: PageElement | None) -> None:
        """The element that the next request is about."""
        if self.project is not None:
            self._select(self.project, element)

    def show_part(self, part: QRectF) -> None:
        """Bring a part of the picture into view, above what lies over the lower edge."""
        scale = self.viewport.placement.scale
        self.viewport.show_part(part.adjusted(0, 0, 0, _COVERED / scale) if scale > 0 else part)
        self.refresh()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """What is selected stays in view."""
        super().resizeEvent(event)
        if self.project is not None:
            self._show_subject(self.project.subject)

    def showEvent(self, event: QShowEvent) -> None:
        """Blinking goes on."""
        self._follow_mode()
        super().showEvent(event)

    def hideEvent(self, event: QHideEvent) -> None:
        """Nobody sees it: blinking rests."""
        self.blink.run(False)
        super().hideEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """The pictures of the mode, what is looked at, the line."""
        if self.project is None:
            return
        painter = QPainter(self)
        if self.viewport.is_valid:
            painter.save()
            painter.setClipRect(self._window())
            self._paint_mode(painter, self.project)
            painter.restore()
            self._paint_captions(painter, self.project)
            self._paint_ends(painter)
        else:
            look.paint_nothing(painter, self, self.room(), tr("Opening the picture…"))
        self._paint_ring(painter)
        painter.end()

    def _paint_mode(self, painter: QPainter, project: PageProject) -> None:
        area, mode = self.seen(), self.mode
        if mode == "swipe":
            x = self.line()
            left, right = QRectF(area), QRectF(area)
            left.setRight(x)
            right.setLeft(x)
            painter.save()
            painter.setClipRect(left)
            self._paint_screenshot(painter)
            painter.setClipRect(right)
            self._paint_page(painter, project, right)
            painter.restore()
        elif mode == "blink" and not self.blink.shows_page:
            self._paint_screenshot(painter)
        elif mode == "difference":
            if self.pictures.difference.is_empty:
                look.paint_nothing(painter, self, area, look.missing_difference(project))
            else:
                self._paint_picture(painter, self.pictures.difference, self.pictures.page_area())
            self._paint_regions(painter)
        else:
            self._paint_page(painter, project, area)
        if mode != "difference":
            self._paint_elements(painter, project)
        if mode == "swipe":
            look.paint_line(painter, self, self.line(), area, held=self._gestures.holds_line)

    def _paint_screenshot(self, painter: QPainter) -> None:
        if not self.pictures.screenshot.is_empty:
            self._paint_picture(painter, self.pictures.screenshot, self.pictures.screenshot_area())

    def _paint_page(self, painter: QPainter, project: PageProject, area: QRectF) -> None:
        if self.pictures.rendering is None or self.pictures.page.is_empty:
            sentence, problem = look.missing_page(project)
            look.paint_nothing(painter, self, area, sentence, problem=problem)
        else:
            self._paint_picture(painter, self.pictures.page, self.pictures.page_area())

    def _paint_picture(self, painter: QPainter, source: PictureSource, area: QRectF) -> None:
        target = self.viewport.placement.rect(area)
        source.paint(painter, target, self.devicePixelRatioF())
        painter.setPen(theme.colours_of(self).hairline)
        painter.drawRect(target.adjusted(-0.5, -0.5, 0.5, 0.5))

    def _paint_elements(self, painter: QPainter, project: PageProject) -> None:
        rendering = self.pictures.rendering
        if rendering is None:
            return
        for element, selected in ((project.subject, True), (self.hovered, False)):
            if element is None or element not in rendering.elements or (element == project.subject and not selected):
                continue
            rect = self.viewport.placement.rect(overlay.element_rect(element, rendering, self.pictures.page_area()))
            ratio = self.devicePixelRatioF()
            overlay.paint_element(painter, element, rect, self._window(), ratio, selected=selected)

    def _paint_regions(self, painter: QPainter) -> None:
        ratio = self.devicePixelRatioF()
        for index, rect in enumerate(self.regions()):
            placed = self.viewport.placement.rect(rect)
            if index != self.region and self.points_at_regions:
                overlay.paint_faint_region(painter, placed, ratio)
        if self.region is not None and self.region < len(self.regions()):
            placed = self.viewport.placement.rect(self.regions()[self.region])
            overlay.paint_region(painter, placed, self.region, self._window(), ratio)

    def _paint_captions(self, painter: QPainter, project: PageProject) -> None:
        area = self.seen()
        line = QRectF(area.left(), self.room().top() - look.caption_height(), area.width(), look.caption_height())
        writing = project.current is not None and project.current.status is VersionStatus.WRITING
        page = tr("Page, being written…") if writing else tr("Page")
        if self.mode in ("swipe", "blink"):
            shown = self.blink.shows_page if self.mode == "blink" else None
            half = line.adjusted(0, 0, -line.width() / 2, 0)
            look.paint_caption(painter, self, half, tr("Screenshot"), strong=shown is False)
            half.moveRight(line.right())
            look.paint_caption(painter, self, half, page, right=True, strong=shown is True)
        elif self.mode == "difference":
            look.paint_caption(painter, self, line, tr("Where the page differs from the screenshot"))
        else:
            rendering = self.pictures.rendering
            size = f", {rendering.width} × {rendering.height}" if rendering and not writing else ""
            look.paint_caption(painter, self, line, page + size)

    def _window(self) -> QRectF:
        """What may be painted on: all that is below the captions."""
        return QRectF(self.rect()).adjusted(0, self.room().top(), 0, 0)

    def _on_page_changed(self, project: PageProject | None) -> None:
        for changed, slot in self._heard(self.project):
            changed.disconnect(slot)
        self.project = project
        for changed, slot in self._heard(project):
            changed.connect(slot)
        self.hovered = self.region = None
        self.viewport.picture = QSizeF()
        self.viewport.is_fitted = True
        self.pictures.show(project)
        self._on_current_changed(project.current if project else None)
        self._on_subject_changed(project.subject if project else None)
        self._follow_mode()

    def _heard(self, project: PageProject | None) -> list[tuple[SignalInstance, Callable[..., None]]]:
        if project is None:
            return []
        return [
            (project.mode_changed, self._follow_mode),
            (project.width_changed, self._follow_mode),
            (project.current_changed, self._on_current_changed),
            (project.subject_changed, self._on_subject_changed),
        ]

    def _on_current_changed(self, version: PageVersion | None) -> None:
        if self._version is not None:
            self._version.status_changed.disconnect(self.update)
            self._version.problem_changed.disconnect(self.update)
        self._version = version
        if version is not None:
            version.status_changed.connect(self.update)
            version.problem_changed.connect(self.update)
        self.hovered = self.region = None
        self.update()

    def _on_pictures_changed(self) -> None:
        self._page_viewport.grow(self.pictures.size())
        self.refresh()

    def _on_subject_changed(self, element: PageElement | None) -> None:
        self._page_viewport.cover(_COVERED if element is not None else 0.0)
        self._show_subject(element)
        self._say()
        self.update()

    def _show_subject(self, element: PageElement | None) -> None:
        rendering = self.pictures.rendering
        if element is not None and rendering is not None and element in rendering.elements:
            self.show_part(overlay.element_rect(element, rendering, self.pictures.page_area()))

    def _on_zoom_wanted(self, how: Zoom) -> None:
        if self._stage.tab == "page":
            self.zoom(how)

    def _follow_mode(self) -> None:
        self.hovered = self.region = None
        self.blink.run(self.mode == "blink" and self.isVisible())
        self._say()
        self.update()

    def _say(self) -> None:
        """What is to be seen, for those who do not see it."""
        project = self.project
        if project is not None and project.subject is not None:
            self.setAccessibleDescription(f"{project.subject.tag} selected")
        elif self.mode == "swipe":
            self.setAccessibleDescription(tr("Line at {round} per cent", round=round(self.split * 100)))
        else:
            self.setAccessibleDescription(
                {"blink": tr("In turn"), "difference": tr("What differs"), "page": tr("Page")}[self.mode]
            )
