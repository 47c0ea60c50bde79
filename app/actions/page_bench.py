"""Versions of pages made safe, rendered and compared with their screenshot."""

from __future__ import annotations

from collections import deque
from functools import partial

from PySide6.QtCore import QObject, Signal

from app.engine_link.bridge import EngineBridge
from app.engine_link.client import new_request_id
from app.page.pacing import Done, MakeSafe, RenderPacer, SafePage
from app.page.render import PageSize, Renderer
from app.page.safe import safely, with_pictures
from app.page.sizes import screenshot_size, view_size
from app.state.attachments import Attachment, AttachmentStatus
from app.state.engine_status import EngineState
from app.state.page import PageProject, PageVersion, Rendering, VersionStatus
from app.state.session import Session
from app.words import tr
from mlx_gemma4.protocol.events import EngineFailed, Event, PagesCompared, TurnFinished
from mlx_gemma4.protocol.requests import ComparePages

NO_ENGINE = tr("The page could not be compared with its screenshot: the engine has stopped.")


OUTDATED_KEPT = 8
"""Pictures that are left after newer ones have come: a view may still read one, and a request may name one."""

NO_PAGE = PageSize(16, 16)


class PageBench(QObject):
    """Puts `safe_html`, `rendering` and `fidelity` on versions, and `preview` on projects.

    Signal `measured(PageProject, PageVersion)`: all that can be known of a version is there, its `problem` included.
    """

    measured = Signal(object, object)

    def __init__(self, session: Session, engine: EngineBridge, renderer: Renderer) -> None:
        super().__init__()
        self._engine = engine
        self._pacer = RenderPacer(renderer, self)
        self._discard = renderer.discard
        self._warm = False
        self._outdated: deque[Rendering] = deque()
        self._comparing: dict[str, PageVersion] = {}
        self._busy: dict[PageVersion, PageProject] = {}
        engine.event_received.connect(self._on_event_received)
        session.engine.state_changed.connect(self._on_engine_state_changed)

    def warm_up(self) -> None:
        """Have the renderer started before there is anything to render."""
        if not self._warm:
            self._warm = True
            self._pacer.want("warm-up", lambda: SafePage, NO_PAGE, lambda _, rendering: self._discard(rendering))

    def is_measuring(self, version: PageVersion) -> bool:
        """Whether `measured` is still to come."""
        return version in self._busy

    def show_soon(self, project: PageProject, version: PageVersion) -> None:
        """Render a version that is being written, as far as it is and as often as is sensible."""
        if _is_known(project.screenshot):
            self._render(project, version, "soon", partial(self._show, version))

    def measure(self, project: PageProject, version: PageVersion) -> None:
        """Render a version that is written and compare it; whatever was known about it before is put right."""
        self._forget(version)
        self._busy[version] = project
        screenshot = project.screenshot
        if _is_known(screenshot):
            self._render(project, version, "whole", partial(self._on_rendered, project, version))
        elif screenshot.status is AttachmentStatus.REFUSED:
            self._end(version, screenshot.error)
        else:
            screenshot.status_changed.connect(partial(self._on_screenshot_known, project, version))

    def look(self, project: PageProject) -> None:
        """Render the current version in the width that it is looked at in, if that is another than the screenshot's."""
        version = project.current
        if version is None or project.width == "screenshot":
            project.preview = None
            self._pacer.forget((project, "look"))
            return
        size = view_size(project.width, _pixels(project.screenshot))
        self._pacer.want((project, "look"), partial(_as_it_is, version), size, partial(self._preview, project))

    def forget_all(self) -> None:
        """Nobody waits for anything any more."""
        self._pacer.forget_all()
        self._comparing.clear()
        self._busy.clear()

    def close(self) -> None:
        """End the renderer."""
        self.forget_all()
        self._pacer.close()

    def _forget(self, version: PageVersion) -> None:
        for how in ("soon", "whole"):
            self._pacer.forget((version, how))
        self._comparing = {key: other for key, other in self._comparing.items() if other is not version}

    def _on_screenshot_known(self, project: PageProject, version: PageVersion, status: AttachmentStatus) -> None:
        if self._busy.get(version) is project and status is not AttachmentStatus.PROBING:
            self.measure(project, version)

    def _render(self, project: PageProject, version: PageVersion, how: str, done: Done) -> None:
        size = screenshot_size(*_pixels(project.screenshot))
        self._pacer.want((version, how), partial(safely, version), size, done, soon=how == "soon")

    def _on_rendered(self, project: PageProject, version: PageVersion, page: SafePage, rendering: Rendering) -> None:
        """Now it is known where the page has room for pictures."""
        if not project.pictures:
            self._compare(project, version, page, rendering)
            return
        self._show(version, page, rendering)
        size = screenshot_size(*_pixels(project.screenshot))
        done = partial(self._compare, project, version)
        self._pacer.want((version, "whole"), partial(with_pictures, project, page, rendering), size, done)

    def _compare(self, project: PageProject, version: PageVersion, page: SafePage, rendering: Rendering) -> None:
        self._show(version, page, rendering)
        notices = [notice for notice in (rendering.notice, *page.notices) if notice]
        if notices and not version.problem:
            version.problem = notices[0]
        request = ComparePages(new_request_id("compare"), project.screenshot.path, rendering.picture)
        self._comparing[request.id] = version
        self._engine.send(request)

    def _show(self, version: PageVersion, page: SafePage, rendering: Rendering) -> None:
        version.safe_html = page.html
        before, version.rendering = version.rendering, rendering
        self._drop(before)

    def _preview(self, project: PageProject, _page: SafePage, rendering: Rendering) -> None:
        before, project.preview = project.preview, rendering
        self._drop(before)

    def _drop(self, rendering: Rendering | None) -> None:
        """Remove a picture that has been replaced, once the view has had time to let go of it."""
        if rendering is not None:
            self._outdated.append(rendering)
        while len(self._outdated) > OUTDATED_KEPT:
            self._discard(self._outdated.popleft())

    def _on_event_received(self, event: Event) -> None:
        if event.request_id not in self._comparing:
            return
        version = self._comparing.pop(event.request_id)
        match event:
            case PagesCompared():
                version.fidelity = event
                self._end(version)
            case EngineFailed():
                self._end(
                    version, tr("The page could not be compared with its screenshot. {message}", message=event.message)
                )
            case TurnFinished():
                self._end(version)
            case _:
                self._comparing[event.request_id] = version

    def _on_engine_state_changed(self, state: EngineState) -> None:
        """A new engine knows nothing of what the one before it was asked."""
        if state is EngineState.STARTING:
            lost = list(self._comparing.values())
            self._comparing.clear()
            for version in lost:
                self._end(version, NO_ENGINE)

    def _end(self, version: PageVersion, problem: str = "") -> None:
        project = self._busy.pop(version)
        if problem and not version.problem:
            version.problem = problem
        self.measured.emit(project, version)


def _is_known(screenshot: Attachment) -> bool:
    return screenshot.width > 0 and screenshot.height > 0


def _pixels(screenshot: Attachment) -> tuple[int, int]:
    return screenshot.width, screenshot.height


def _as_it_is(version: PageVersion) -> MakeSafe:
    """The page as it was rendered last, which has its pictures; while it is written, as far as it is."""
    if version.safe_html and version.status is not VersionStatus.WRITING:
        return partial(SafePage, version.safe_html)
    return safely(version)
