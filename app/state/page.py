"""A page that is being rebuilt from a screenshot: its versions, and how they are looked at."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal, TypeAlias

from PySide6.QtCore import Signal

from app.state.attachments import Attachment
from app.state.keys import new_key
from app.state.observable import Observable, Property
from mlx_gemma4.protocol.events import Box, PagesCompared

PageMode: TypeAlias = Literal["swipe", "blink", "difference", "page"]
"""Screenshot and page with a line between them to drag, in turn, where they differ, the page alone."""
PageWidth: TypeAlias = Literal["screenshot", "desktop", "phone"]
MOST_ROUNDS = 5


@dataclass(frozen=True)
class PageElement:
    """An element of a rendered page.

    Attributes:
        tag: in small letters.
        html: outer HTML, as it was rendered, with long data: URIs shortened to `data:image/png;base64,…`.
        box: x, y, width, height in CSS pixels from the page's top left.
    """

    tag: str
    html: str
    box: tuple[float, float, float, float]


@dataclass(frozen=True)
class Rendering:
    """A picture of a page.

    Attributes:
        picture: path of a PNG.
        width: of the page in CSS pixels.
        height: of the page in CSS pixels.
        elements: those of its body that are seen, parents before children; of an svg only the whole.
        notice: one sentence if the page was cut off; empty otherwise.
    """

    picture: str
    width: int
    height: int
    elements: tuple[PageElement, ...] = ()
    notice: str = ""


class VersionStatus(StrEnum):
    """How far a version has come."""

    WRITING = "writing"  # by the model
    READY = "ready"
    CUT_OFF = "cut off"  # stopped, or the answer broke off: what there is can be used
    FAILED = "failed"  # no HTML in it


class PageVersion(Observable):
    """One version of a page; its raw text never changes once it is written.

    Attributes:
        key: of this version and no other, for keeping it.
        title: `first`, `fix 1`, `edit 1`, `change 1`, …
        made_from: the version it started from; None for the first.
        html: raw, as the model or the person wrote it; grows while it is written.
        safe_html: what is rendered, saved and opened: rewritten, with real pictures put in.
        status: how far it is.
        rendering: of `safe_html` at the screenshot's size; None until there is one.
        fidelity: to the screenshot; None until it has been compared.
        faults: of the version it was made from, that this version is to correct, a sentence each.
        problem: one sentence, if something is wrong with it.
    """

    html = Property("")
    safe_html = Property("")
    status = Property[VersionStatus](VersionStatus.WRITING)
    rendering = Property[Rendering | None](None)
    fidelity = Property[PagesCompared | None](None)
    faults = Property[tuple[str, ...]](())
    problem = Property("")

    def __init__(self, title: str, made_from: PageVersion | None = None) -> None:
        super().__init__()
        self.key = new_key()
        self.title = title
        self.made_from = made_from


@dataclass(frozen=True)
class PageAsk:
    """How a version of a page is asked for.

    Attributes:
        what: a first page, one that corrects another, or one with an element changed.
        screenshot: what is to be rebuilt.
        before: the version that it starts from; None for a first page.
        element: outer HTML; for `change`.
        wish: what the person said; for `change`.
    """

    what: Literal["make", "fix", "change"]
    screenshot: Attachment
    before: PageVersion | None = None
    element: str = ""
    wish: str = ""


class PageProject(Observable):
    """A screenshot and the versions of its page. Signal `version_added(PageVersion)`.

    Attributes:
        key: of this page and no other, for keeping it.
        current: the version that is looked at.
        mode: how it is looked at.
        width: of the view that the page is rendered in, for looking only: fidelity is measured at the screenshot's.
        preview: of `current` at `width`; None until there is one, and where `width` is the screenshot's own.
        pictures: boxes of the logos and photos on the screenshot, on a grid of 0–1000.
        code_shown: whether the code stands beside the page.
        subject: the element that was clicked, which the next request is about.
        rounds: how many fix rounds are asked for; 0 while none run.
        round: which of them is running, counted from 1.
        remark: how the last rounds ended, in a sentence.
    """

    current = Property[PageVersion | None](None)
    mode = Property[PageMode]("swipe")
    width = Property[PageWidth]("screenshot")
    preview = Property[Rendering | None](None)
    pictures = Property[tuple[Box, ...]](())
    code_shown = Property(False)
    subject = Property[PageElement | None](None)
    rounds = Property(0)
    round = Property(0)
    remark = Property("")
    version_added = Signal(object)

    def __init__(self, screenshot: Attachment) -> None:
        super().__init__()
        self.key = new_key()
        self.screenshot = screenshot
        self.versions: list[PageVersion] = []

    def add(self, version: PageVersion, *, show: bool = True) -> None:
        """A new version, which is now looked at unless `show` is False."""
        self.versions.append(version)
        self.version_added.emit(version)
        if show:
            self.current = version

    def next_title(self, kind: str) -> str:
        """A title that no version has yet: `first`, `first 2`, …; `fix 1`, `fix 2`, … and likewise for others."""
        number = 1 + sum(version.title.split(" ")[0] == kind for version in self.versions)
        return kind if kind == "first" and number == 1 else f"{kind} {number}"

    @property
    def best(self) -> PageVersion | None:
        """The version with the highest fidelity, the earlier of equals; None before any was compared."""
        compared = [version for version in self.versions if version.fidelity is not None]
        return max(compared, key=lambda version: version.fidelity.fidelity, default=None)  # type: ignore[union-attr]
