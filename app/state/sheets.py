"""The pages of a document and the frames of a clip, as pictures of their own."""

from __future__ import annotations

from app.state.attachments import Attachment, AttachmentStatus
from app.state.clock import clock
from app.state.observable import Observable, Property
from app.words import tr


class Sheet(Observable):
    """One page or frame beside the first; the engine makes a picture of it when somebody wants to see it.

    Attributes:
        of: the file.
        index: which of its pages or frames, counted from 0.
        request_id: of the engine's work for it; empty if there is none.
        display: an upright picture file; empty until there is one.
        thumbnail: a small one; likewise.
        width: as of an attachment: in pixels, of a document in points; 0 until it is known.
        height: likewise.
        error: one sentence, if it cannot be shown.
    """

    status = Property[AttachmentStatus](AttachmentStatus.PROBING)
    display = Property("")
    thumbnail = Property("")
    width = Property(0)
    height = Property(0)
    error = Property("")
    hint = Property("")

    def __init__(self, of: Attachment, index: int) -> None:
        super().__init__()
        self.of, self.index = of, index
        self.request_id = ""
        if of.kind == "clip":
            self.width, self.height = of.width, of.height

    @property
    def name(self) -> str:
        """For people."""
        return sheet_name(self.of, self.index)


class Sheets:
    """Those that somebody has looked at, by file and index."""

    def __init__(self) -> None:
        self._sheets: dict[tuple[Attachment, int], Sheet] = {}

    def get(self, of: Attachment, index: int) -> Attachment | Sheet:
        """The first picture of a file is the file's own; any other is a sheet."""
        if index == 0:
            return of
        key = of, index
        if key not in self._sheets:
            self._sheets[key] = Sheet(of, index)
        return self._sheets[key]

    def by_request(self, request_id: str) -> Sheet | None:
        """The one that this request is for."""
        if not request_id:
            return None
        return next((sheet for sheet in self._sheets.values() if sheet.request_id == request_id), None)

    def clear(self) -> None:
        """Forget all of them."""
        self._sheets.clear()


def frame_time(of: Attachment, index: int) -> str:
    """When a frame of a clip is shown; with tenths of a second where two are shown within one."""
    seconds = [int(moment) for moment in of.moments]
    return clock(of.moments[index], tenths=len(set(seconds)) < len(seconds))


def sheet_name(of: Attachment, index: int) -> str:
    """A page or frame, for people; the name of the file where there is only one."""
    where = sheet_words(of, index)
    return f"{of.name}, {where}" if where else of.name


def sheet_words(of: Attachment, index: int) -> str:
    """Which page or frame, in words; empty where there is only one."""
    if of.sheet_count == 1:
        return ""
    if of.moments:
        return tr("frame at {time}", time=frame_time(of, index))
    return tr("page {number}", number=index + 1)
