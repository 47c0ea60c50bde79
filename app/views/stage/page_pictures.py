"""The pictures of a page project, decoded beside the window's thread: screenshot, page, difference."""

from __future__ import annotations

from PySide6.QtCore import QObject, QRectF, QSizeF, Signal

from app.state.attachments import Attachment
from app.state.page import PageProject, PageVersion, Rendering
from app.views.stage.picture_source import PictureSource


class PagePictures(QObject):
    """Follows one project and its current version; what is shown stays until its successor has been decoded.

    Signals:
        changed: there is something else to show, or it has another size.

    Attributes:
        screenshot, page, difference: the pictures.
    """

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.screenshot, self.page, self.difference = PictureSource(self), PictureSource(self), PictureSource(self)
        self._project: PageProject | None = None
        self._version: PageVersion | None = None
        self._page_is_versions_own = False
        self.page.ready.connect(self._on_page_ready)
        self.page.failed.connect(self._on_page_failed)
        for source in (self.screenshot, self.page, self.difference):
            source.ready.connect(self.changed)
            source.failed.connect(self.changed)

    @property
    def rendering(self) -> Rendering | None:
        """What is shown of the current version, at the width that was chosen."""
        project = self._project
        if project is None or project.current is None:
            return None
        return project.current.rendering if project.width == "screenshot" else project.preview

    def show(self, project: PageProject | None) -> None:
        """Follow this one from now on."""
        if self._project is not None:
            self._project.current_changed.disconnect(self._on_current_changed)
            self._project.width_changed.disconnect(self._follow)
            self._project.preview_changed.disconnect(self._follow)
            self._project.screenshot.display_changed.disconnect(self._follow)
        self._project = project
        for source in (self.screenshot, self.page, self.difference):
            source.close()
        if project is not None:
            project.current_changed.connect(self._on_current_changed)
            project.width_changed.connect(self._follow)
            project.preview_changed.connect(self._follow)
            project.screenshot.display_changed.connect(self._follow)
        self._on_current_changed(project.current if project else None)

    def size(self) -> QSizeF:
        """Of the canvas, in pixels of the screenshot; at other widths, in CSS pixels of the page."""
        page, screenshot = self.page_area(), self.screenshot_area()
        return QSizeF(max(page.width(), screenshot.width()), max(page.height(), screenshot.height()))

    def screenshot_area(self) -> QRectF:
        """Where the screenshot lies; empty at other widths than its own, and before it is known."""
        project = self._project
        if project is None or project.width != "screenshot":
            return QRectF()
        return QRectF(0, 0, *_size(project.screenshot, self.screenshot))

    def page_area(self) -> QRectF:
        """Where the page lies: beside the screenshot as wide as that; empty without a rendering."""
        rendering = self.rendering
        if rendering is None or not rendering.width or not rendering.height:
            return QRectF()
        width = self.screenshot_area().width() or float(rendering.width)
        return QRectF(0, 0, width, rendering.height * width / rendering.width)

    def _on_current_changed(self, version: PageVersion | None) -> None:
        if self._version is not None:
            self._version.rendering_changed.disconnect(self._follow)
            self._version.fidelity_changed.disconnect(self._follow)
        self._version = version
        self._page_is_versions_own = False
        if version is not None:
            version.rendering_changed.connect(self._follow)
            version.fidelity_changed.connect(self._follow)
        self._follow()

    def _on_page_ready(self) -> None:
        self._page_is_versions_own = True

    def _on_page_failed(self) -> None:
        """What is shown stays if it is an earlier picture of the same version."""
        if not self._page_is_versions_own:
            self.page.close()

    def _follow(self) -> None:
        rendering, version = self.rendering, self._version
        compared = version.fidelity if version is not None else None
        _put(self.screenshot, self._project.screenshot.display if self._project else "")
        _put(self.page, rendering.picture if rendering else "")
        _put(self.difference, compared.difference if compared else "")
        self.changed.emit()


def _put(source: PictureSource, path: str) -> None:
    if path:
        source.replace(path)
    elif source.path:
        source.close()


def _size(screenshot: Attachment, source: PictureSource) -> tuple[float, float]:
    """As the engine says, or as the file has it."""
    if screenshot.width > 0 and screenshot.height > 0:
        return float(screenshot.width), float(screenshot.height)
    return float(source.size.width()), float(source.size.height())
