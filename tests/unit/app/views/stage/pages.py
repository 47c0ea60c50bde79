"""Made-up pages: plain pictures for screenshot, renderings and differences, and actions that are only written down."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

from PySide6.QtCore import QPointF, QRect
from PySide6.QtGui import QColor, QImage, QPainter

from app.actions.action import Action
from app.actions.page import PageActions
from app.state.attachments import Attachment, AttachmentStatus
from app.state.page import PageElement, PageProject, PageVersion, Rendering, VersionStatus
from app.state.stage import Stage
from app.state.turn import Turn
from app.views.stage.page_view import PageView
from app.views.stage.stage_view import StageView
from mlx_gemma4.protocol.events import DifferentRegion, PagesCompared

SCREENSHOT, PAGE, OTHER_PAGE, DIFFERENCE = (QColor(name) for name in ("#C03030", "#3060C0", "#30A060", "#E0C040"))
HTML = '<!doctype html>\n<body>\n<div class="card">\n  <p>One</p>\n  <button>Go</button>\n</div>\n</body>'
BODY = PageElement("body", "<body></body>", (0, 0, 400, 300))
CARD = PageElement("div", '<div class="card"><p>One</p><button>Go</button></div>', (20, 20, 360, 200))
WORDS = PageElement("p", "<p>One</p>", (240, 40, 100, 40))
BUTTON = PageElement("button", "<button>Go</button>", (240, 120, 100, 60))
LOWEST = PageElement("footer", "<footer></footer>", (0, 280, 200, 20))
ELEMENTS = (BODY, CARD, WORDS, BUTTON, LOWEST)
REGIONS = (DifferentRegion((400, 600, 600, 850), 0.9), DifferentRegion((0, 0, 100, 100), 0.4))


def plain(path: Path, colour: QColor, width: int = 400, height: int = 300) -> str:
    """A picture of one colour, as a file."""
    image = QImage(width, height, QImage.Format.Format_RGB32)
    image.fill(colour)
    assert image.save(str(path))
    return str(path)


def striped(path: Path, width: int, height: int, stripe: int) -> str:
    """A tall picture whose rows can be told apart: the first `stripe` are of the screenshot's colour."""
    image = QImage(width, height, QImage.Format.Format_RGB32)
    image.fill(PAGE)
    painter = QPainter(image)
    painter.fillRect(QRect(0, 0, width, stripe), SCREENSHOT)
    painter.end()
    assert image.save(str(path))
    return str(path)


def compared(fidelity: float, difference: str = "", regions: tuple[DifferentRegion, ...] = REGIONS) -> PagesCompared:
    """What the engine says."""
    return PagesCompared(fidelity, 0.9, 0.8, 0.7, 0.6, regions, difference)


@dataclass
class WrittenDown:
    """Page actions that change the state as the real ones do, ask nothing of an engine, and write down what they do."""

    calls: list[tuple[Any, ...]] = field(default_factory=list)

    def __post_init__(self) -> None:
        for name in ("make", "fix", "copy_html", "save", "open_in_browser", "toggle_code"):
            setattr(self, name, Action(f"page.{name}", name.capitalize(), lambda name=name: self.calls.append((name,))))

    def fix_rounds(self, project: PageProject, rounds: int) -> None:
        self.calls.append(("fix_rounds", rounds))

    def edit(self, project: PageProject, html: str, made_from: PageVersion | None = None) -> None:
        self.calls.append(("edit", html, (made_from or project.current).title))  # type: ignore[union-attr]
        version = ready(f"edit {len(self.calls)}", html, made_from or project.current)
        if made_from is None:
            project.add(version)

    def select_element(self, project: PageProject, element: PageElement | None) -> None:
        self.calls.append(("select", element.tag if element else None))
        project.subject = element

    def ask_change(self, project: PageProject, wish: str) -> None:
        self.calls.append(("ask_change", wish))

    def show_version(self, project: PageProject, version: PageVersion) -> None:
        self.calls.append(("show", version.title))
        project.subject = None
        project.current = version

    def open_with_scripts(self, project: PageProject, version: PageVersion) -> None:
        self.calls.append(("scripts", version.title))


def ready(title: str, html: str = HTML, made_from: PageVersion | None = None) -> PageVersion:
    """A version that has been written."""
    version = PageVersion(title, made_from)
    version.html = version.safe_html = html
    version.status = VersionStatus.READY
    return version


@dataclass
class PageScene:
    """A stage with a page on it, shown."""

    folder: Path
    stage: Stage
    project: PageProject
    actions: WrittenDown
    stop: Action
    page: PageView
    view: StageView

    def rendering(self, colour: QColor = PAGE, height: int = 300) -> Rendering:
        """Of the screenshot's width, in one colour."""
        path = plain(self.folder / f"{colour.name()[1:]}-{height}.png", colour, 400, height)
        return Rendering(path, 400, height, ELEMENTS)

    def add(
        self, title: str, colour: QColor = PAGE, fidelity: float | None = None, made_from: PageVersion | None = None
    ) -> PageVersion:
        """One more version, written and rendered."""
        version = ready(title, HTML.replace("One", title), made_from)
        version.rendering = self.rendering(colour)
        if fidelity is not None:
            difference = plain(self.folder / "difference.png", DIFFERENCE)
            version.fidelity = compared(fidelity, difference)
        self.project.add(version)
        return version

    def grab(self) -> QImage:
        """The canvas as it is shown now."""
        return self.page.canvas.grab().toImage()

    def at(self, across: float, down: float) -> QColor:
        """The colour of the canvas at a part of the screenshot's width and height."""
        point = self.point(across * 400, down * 300)
        return self.grab().pixelColor(point.toPoint())

    def point(self, x: float, y: float) -> Any:
        """A pixel of the page, on the canvas; computed from where it is placed."""
        placement = self.page.canvas.viewport.placement
        return QPointF(placement.x + x * placement.scale, placement.y + y * placement.scale)


def page_scene(folder: Path, *, animated: bool = False, height: int = 300) -> PageScene:
    """A screenshot with no version yet; of a taller one, only the uppermost 100 rows have its colour."""
    file = folder / "screenshot.png"
    screenshot = Attachment(striped(file, 400, height, 100) if height > 300 else plain(file, SCREENSHOT))
    screenshot.width, screenshot.height, screenshot.display = 400, height, screenshot.path
    screenshot.status = AttachmentStatus.READY
    stage, turn = Stage(), Turn("Make a page", (screenshot,))
    stage.show(turn)
    project = PageProject(screenshot)
    stage.add_page(project)
    stage.tab = "page"
    actions, stop = WrittenDown(), Action("stop", "Stop", lambda: actions.calls.append(("stop",)))
    stop.enabled = False
    page = PageView(stage, cast(PageActions, actions), stop, animated=animated)
    return PageScene(folder, stage, project, actions, stop, page, StageView(stage, page, animated=False))
