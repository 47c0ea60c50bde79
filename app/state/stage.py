"""The picture beside the conversation, and which of its boxes are looked at."""

from __future__ import annotations

from typing import Literal, TypeAlias

from PySide6.QtCore import Signal

from app.state.attachments import Attachment
from app.state.observable import Observable, Property
from app.state.page import PageProject
from app.state.turn import FoundBox, Turn

Tab: TypeAlias = Literal["picture", "page", "transcript"]
Zoom: TypeAlias = Literal["in", "out", "fit", "actual"]


class Stage(Observable):
    """A turn's picture with the turn's boxes on it.

    New boxes of the turn are announced by `turn.box_found`; `zoom_wanted(Zoom)` comes from the menu and its shortcuts.
    `page_added(PageProject)` announces a page of the conversation, whether it is shown or not.

    Attributes:
        is_open: whether the person sees the stage at all.
        turn: whose boxes are shown; None for none.
        media_index: which of the turn's pictures is shown.
        picture: that picture; None for none. Its `display` file may still be on its way.
        hovered: number of the box under the pointer, on the picture, in the list or in the words.
        selected: number of the box that was clicked.
        hidden: numbers of the boxes that the person has switched off.
        page: that is being rebuilt from the picture; None if none is.
        tab: what of all is looked at; `page` and `transcript` only while there is one.
        written: the turn whose transcript can be read; None for none.
    """

    is_open = Property(False)
    turn = Property[Turn | None](None)
    media_index = Property(0)
    picture = Property[Attachment | None](None)
    hovered = Property[int | None](None)
    selected = Property[int | None](None)
    hidden = Property[frozenset[int]](frozenset())
    page = Property[PageProject | None](None)
    tab = Property[Tab]("picture")
    written = Property[Turn | None](None)
    zoom_wanted = Signal(str)
    page_added = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self._pages: dict[Attachment, PageProject] = {}

    def add_page(self, project: PageProject) -> None:
        """A page belongs to its screenshot: whenever that is on the stage, so is the page."""
        self._pages[project.screenshot] = project
        self.page_added.emit(project)
        self._find_page()

    def page_of(self, picture: Attachment) -> PageProject | None:
        """The page that is being rebuilt from this picture, if one is."""
        return self._pages.get(picture)

    @property
    def pages(self) -> list[PageProject]:
        """All pages of the conversation."""
        return list(self._pages.values())

    def zoom(self, how: Zoom) -> None:
        """Ask the view to show the picture larger, smaller, whole, or pixel by pixel."""
        self.zoom_wanted.emit(how)

    def show(self, turn: Turn, media_index: int | None = None) -> None:
        """Put a turn on the stage: the picture asked for, or the last that it knows."""
        if not turn.pictures:
            return
        index = len(turn.pictures) - 1 if media_index is None else min(media_index, len(turn.pictures) - 1)
        self._follow(turn)
        self.media_index = index
        self.picture = turn.pictures[index]
        self.turn = turn
        self._find_page()
        self.tab = "page" if turn.version is not None and self.page is not None else "picture"
        self.is_open = True

    def show_transcript(self, turn: Turn) -> None:
        """Put a turn's transcript on the stage."""
        assert turn.transcript is not None
        self.written = turn
        self.tab = "transcript"
        self.is_open = True

    @property
    def has_something(self) -> bool:
        """Whether there is anything to look at."""
        return self.picture is not None or self.written is not None

    def boxes(self) -> list[FoundBox]:
        """The boxes on the picture that is shown, hidden ones included."""
        if self.turn is None:
            return []
        return [found for found in self.turn.boxes if found.media_index == self.media_index]

    def toggle_hidden(self, number: int) -> None:
        """Switch one box off or on."""
        self.hidden = self.hidden ^ {number}

    def toggle_all_hidden(self) -> None:
        """Switch all boxes of the picture off, or all on if some are off."""
        numbers = frozenset(found.number for found in self.boxes())
        self.hidden = self.hidden - numbers if self.hidden & numbers else self.hidden | numbers

    def clear(self) -> None:
        """Nothing to look at: the stage closes."""
        self._follow(None)
        self.turn = self.picture = self.written = None
        self.media_index = 0
        self._pages.clear()
        self._find_page()
        self.tab = "picture"
        self.is_open = False

    def _find_page(self) -> None:
        self.page = None if self.picture is None else self._pages.get(self.picture)
        if self.page is None and self.tab == "page":
            self.tab = "picture"

    def _follow(self, turn: Turn | None) -> None:
        """Another turn, or an answer that is given again, has other boxes: nothing is known about them."""
        if turn is self.turn:
            return
        if self.turn is not None:
            self.turn.restarted.disconnect(self._forget_boxes)
        if turn is not None:
            turn.restarted.connect(self._forget_boxes)
        self._forget_boxes()

    def _forget_boxes(self) -> None:
        self.hovered = self.selected = None
        self.hidden = frozenset()
