"""The picture beside the conversation, and which of its boxes are looked at."""

from __future__ import annotations

from typing import Literal, TypeAlias

from PySide6.QtCore import Signal

from app.state.attachments import Attachment, Place
from app.state.observable import Observable, Property
from app.state.page import PageProject
from app.state.sheets import Sheet, Sheets
from app.state.turn import FoundBox, Turn

Tab: TypeAlias = Literal["picture", "page", "transcript", "sound"]
Zoom: TypeAlias = Literal["in", "out", "fit", "actual"]


class Stage(Observable):
    """A turn's picture with the turn's boxes on it.

    New boxes of the turn are announced by `turn.box_found`; `zoom_wanted(Zoom)` comes from the menu and its shortcuts;
    `coloured()` says that labels on the picture have other colours.
    `page_added(PageProject)` announces a page of the conversation, whether it is shown or not.
    `moment_wanted(Turn, float)` says that the person wants to be where a time in this turn's answer is, in seconds.

    Attributes:
        is_open: whether the person sees the stage at all.
        turn: whose boxes are shown; None for none.
        media_index: which of the turn's pictures is shown.
        picture: that file; None for none.
        sheet: which of its pages or frames is looked at, counted from 0.
        image: what is looked at: the file itself, or one of its sheets; None for none. Its `display` file may be on its
            way.
        hovered: number of the box under the pointer, on the picture, in the list or in the words.
        selected: number of the box that was clicked.
        hidden: numbers of the boxes that the person has switched off.
        words: that the labels of the boxes must have which the person wants to see; empty for all.
        is_drawing: the person is choosing a part of the picture.
        region: that part, on the image that is shown; None until there is one.
        page: that is being rebuilt from the picture; None if none is.
        tab: what of all is looked at; `page`, `transcript` and `sound` only while there is one.
        written: the turn whose transcript can be read; None for none.
        recording: that was asked about and can be listened to; None for none.
    """

    is_open = Property(False)
    turn = Property[Turn | None](None)
    media_index = Property(0)
    picture = Property[Attachment | None](None)
    sheet = Property(0)
    image = Property[Attachment | Sheet | None](None)
    hovered = Property[int | None](None)
    selected = Property[int | None](None)
    hidden = Property[frozenset[int]](frozenset())
    words = Property("")
    is_drawing = Property(False)
    region = Property[Place | None](None)
    page = Property[PageProject | None](None)
    tab = Property[Tab]("picture")
    written = Property[Turn | None](None)
    recording = Property[Attachment | None](None)
    zoom_wanted = Signal(str)
    coloured = Signal()
    page_added = Signal(object)
    moment_wanted = Signal(object, float)

    def __init__(self) -> None:
        super().__init__()
        self._pages: dict[Attachment, PageProject] = {}
        self.sheets = Sheets()
        self._moving = False
        self.sheet_changed.connect(self._find_image)
        self.picture_changed.connect(self._find_image)
        self.image_changed.connect(self.end_drawing)
        self.tab_changed.connect(self.end_drawing)
        self.is_open_changed.connect(self.end_drawing)

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

    def show(self, turn: Turn, media_index: int | None = None, sheet: int | None = None) -> None:
        """Put a turn on the stage: this picture, or the one it asks about; this page, or one with boxes."""
        pictures = turn.pictures
        if not pictures:
            return
        index = pictures.index(_asked_about(turn)) if media_index is None else min(media_index, len(pictures) - 1)
        if sheet is None:
            sheet = self.sheet if pictures[index] is self.picture else _first_sheet(turn, pictures[index])
        self._follow(turn)
        self.media_index = index
        self._put(pictures[index], sheet)
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

    def show_recording(self, recording: Attachment) -> None:
        """Put a recording on the stage, to be listened to."""
        self.recording = recording
        self.tab = "sound"
        self.is_open = True

    def seek(self, turn: Turn, seconds: float) -> None:
        """Ask for the moment that a time in the answer of a turn means."""
        self.moment_wanted.emit(turn, seconds)

    @property
    def has_something(self) -> bool:
        """Whether there is anything to look at or to listen to."""
        return any(one is not None for one in (self.picture, self.written, self.recording))

    def boxes(self) -> list[FoundBox]:
        """The boxes on the page that is shown, hidden ones included.

        Boxes of which the model has not said the page are on whichever the person looks at: it is for them to choose.
        """
        if self.turn is None:
            return []
        index, here = self.media_index, (None, self.sheet)
        return [found for found in self.turn.boxes if found.media_index == index and found.sheet in here]

    def wants(self, found: FoundBox) -> bool:
        """Whether the person wants to see this box: neither switched off nor filtered away."""
        return found.number not in self.hidden and self.matches(found)

    def matches(self, found: FoundBox) -> bool:
        """Whether the filter lets it pass: it has all the words, whatever their case."""
        if not self.words:
            return True
        label = found.label.casefold()
        return all(word in label for word in self.words.casefold().split())

    def toggle_hidden(self, number: int) -> None:
        """Switch one box off or on."""
        self.hidden = self.hidden ^ {number}

    def toggle_all_hidden(self) -> None:
        """Switch all boxes of the picture off, or all on if some are off."""
        numbers = frozenset(found.number for found in self.boxes() if self.matches(found))
        self.hidden = self.hidden - numbers if self.hidden & numbers else self.hidden | numbers

    def clear(self) -> None:
        """Nothing to look at: the stage closes."""
        self._follow(None)
        self.turn = self.written = self.recording = None
        self.media_index = 0
        self._put(None, 0)
        self.sheets.clear()
        self._pages.clear()
        self._find_page()
        self.tab = "picture"
        self.is_open = False

    def end_drawing(self, _value: object = None) -> None:
        """No part is being chosen any more."""
        self.is_drawing = False
        self.region = None

    def _put(self, picture: Attachment | None, sheet: int) -> None:
        """Both at once: what is shown follows when both are known."""
        self._moving = True
        if picture is not self.picture:
            if self.picture is not None:
                self.picture.colours_changed.disconnect(self.coloured)
            if picture is not None:
                picture.colours_changed.connect(self.coloured)
        self.picture = picture
        self.sheet = 0 if picture is None else min(sheet, picture.sheet_count - 1)
        self._moving = False
        self._find_image()

    def _find_image(self) -> None:
        if self._moving:
            return
        self.image = None if self.picture is None else self.sheets.get(self.picture, self.sheet)

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
        self.words = ""


def _asked_about(turn: Turn) -> Attachment:
    """The last picture of the question itself, or of the conversation."""
    asked = [file.whole for file in turn.attachments if file.is_seen]
    return asked[-1] if asked and asked[-1] in turn.pictures else turn.pictures[-1]


def _first_sheet(turn: Turn, picture: Attachment) -> int:
    """Where there is something to see: the page that was asked about, or the first with a box."""
    parts = [file.region.sheet for file in turn.attachments if file.region is not None and file.whole is picture]
    index = turn.pictures.index(picture)
    boxed = [found.sheet for found in turn.boxes if found.media_index == index and found.sheet is not None]
    return (parts or boxed or [0])[0]
