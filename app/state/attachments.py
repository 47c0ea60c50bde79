"""Files that go with a question: pictures, clips, recordings and documents."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TypeAlias

from PySide6.QtCore import Signal

from app.state.keys import new_key
from app.state.observable import Observable, Property

Place: TypeAlias = tuple[float, float, float, float]
"""(ymin, xmin, ymax, xmax) from 0 to 1000 along each side of a picture: boxes between the lines of the model's grid."""
MOST_FILES = 8
"""What one question takes: more would leave the model little room for anything else, and the person no overview."""
_SAME = 1e-6  # seconds; two moments that are nearer are one


class AttachmentStatus(StrEnum):
    """How far a file has come."""

    PROBING = "probing"
    READY = "ready"
    REFUSED = "refused"


@dataclass(frozen=True, eq=False)
class Region:
    """The part of a picture that a file was cut from.

    Attributes:
        of: the file that has the whole picture.
        sheet: which of its pages or frames, counted from 0.
        box: the part, on whole pixels.
    """

    of: Attachment
    sheet: int
    box: Place

    def whole_place(self, box: Place) -> Place:
        """A box on the part, on the whole picture."""
        top, left, bottom, right = self.box
        down, across = (bottom - top) / 1000, (right - left) / 1000
        return top + box[0] * down, left + box[1] * across, top + box[2] * down, left + box[3] * across


class Attachment(Observable):
    """One file; the engine looks at it and says what it is, or why it cannot be used.

    Attributes:
        key: of this file and no other, for keeping it.
        thumbnail: a small picture file; empty until the engine has looked, and for a sound.
        display: an upright picture file to show large; empty until the engine has looked, and for a sound.
        kind: picture, clip, sound or document: at first by its name, then as the engine says.
        width: pixels, upright; of a document, points.
        height: likewise.
        soft_tokens: what the file costs of the model's context.
        budget: soft tokens that the person lets it have, at most, each page of a document; 0 for the model's usual.
        seconds: how long a clip or sound is.
        pages: of a document.
        sound: a WAV file to listen to; empty until it is wanted, and for what has no sound.
        peaks: how loud the sound is from its beginning to its end, 0 to 1.
        moments: of a clip, when the frames are shown that the model sees, in seconds.
        has_sound: of a clip, whether it has a sound track.
        colours: that people have chosen for labels on it: pairs of a label and the number of a colour.
        region: what it was cut from, if it was.
        error: one sentence, if refused.
        hint: what to do about it; may be empty.
    """

    status = Property[AttachmentStatus](AttachmentStatus.PROBING)
    kind = Property("picture")
    thumbnail = Property("")
    display = Property("")
    width = Property(0)
    height = Property(0)
    soft_tokens = Property(0)
    budget = Property(0)
    seconds = Property(0.0)
    pages = Property(0)
    sound = Property("")
    peaks = Property[tuple[float, ...]](())
    moments = Property[tuple[float, ...]](())
    has_sound = Property(False)
    colours = Property[tuple[tuple[str, int], ...]](())
    error = Property("")
    hint = Property("")

    def __init__(
        self, path: str, request_id: str = "", kind: str = "picture", name: str = "", region: Region | None = None
    ) -> None:
        """A file; `request_id` is that of the probe that the engine was asked for, `name` what people call it."""
        super().__init__()
        self.key = new_key()
        self.kind = kind
        self.path = path
        self.request_id = request_id
        self.region = region
        self._labels: dict[str, int] = {}
        self._name = name

    @property
    def name(self) -> str:
        """The file's name, for people."""
        return self._name or Path(self.path).name

    @property
    def sleeps(self) -> bool:
        """Whether it was kept from another day and nobody has looked at it since."""
        return self.status is AttachmentStatus.READY and not self.request_id

    @property
    def is_seen(self) -> bool:
        """Whether there is something to look at."""
        return self.kind != "sound"

    @property
    def is_heard(self) -> bool:
        """Whether there is something to listen to."""
        return self.kind == "sound" or (self.kind == "clip" and self.has_sound)

    @property
    def whole(self) -> Attachment:
        """The file with the whole picture: itself, unless it was cut from another."""
        return self if self.region is None else self.region.of

    @property
    def sheet_count(self) -> int:
        """How many pictures there are in it: pages, or frames that the model sees."""
        return max(self.pages, len(self.moments), 1)

    def sheet_at(self, number: int | None, seconds: float | None) -> int | None:
        """Which of them, counted from 0, a number from 1 or else a time means; None if that cannot be told."""
        if self.sheet_count == 1:
            return 0
        if number is not None and number <= self.sheet_count:
            return number - 1
        if seconds is None or not self.moments:
            return None
        meant = self.moment_meant(seconds)
        if meant in self.moments:
            return self.moments.index(meant)
        after = bisect_right(self.moments, seconds)
        near = range(max(after - 1, 0), min(after + 1, len(self.moments)))
        return min(near, key=lambda index: abs(self.moments[index] - seconds))

    def moment_meant(self, seconds: float) -> float:
        """The moment that a model means by a time: it reads those of a clip's frames without their fractions."""
        return next((moment for moment in self.moments if int(moment) == seconds), seconds)

    def frame_at(self, seconds: float) -> int:
        """Which of the frames that the model sees was shown last at this moment of a clip, counted from 0."""
        return max(bisect_right(self.moments, seconds + _SAME) - 1, 0)

    def usual_colour(self, label: str) -> int:
        """Which of the box colours a label has on it, in all answers, unless people choose another."""
        return self._labels.setdefault(label, len(self._labels))

    def refuse(self, message: str, hint: str) -> None:
        """The file cannot be used."""
        self.error, self.hint = message, hint
        self.status = AttachmentStatus.REFUSED


class Attachments(Observable):
    """The files of the question that is being written, in order.

    Signals `attachment_added(Attachment)` and `attachment_removed(Attachment)`.

    Attributes:
        count: of all files.
        usable: of those that have not been refused.
        is_capturing: the person is choosing a part of the screen that shall become one.
    """

    count = Property(0)
    usable = Property(0)
    is_capturing = Property(False)
    attachment_added = Signal(object)
    attachment_removed = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.items: list[Attachment] = []

    @property
    def room(self) -> int:
        """How many more files there is room for."""
        return max(MOST_FILES - len(self.items), 0)

    def add(self, attachment: Attachment) -> None:
        """Put a file at the end."""
        self.items.append(attachment)
        attachment.status_changed.connect(self._recount)
        self.attachment_added.emit(attachment)
        self._recount()

    def remove(self, attachment: Attachment) -> None:
        """Take a file out; one that is not there is none to take."""
        if attachment in self.items:
            self.items.remove(attachment)
            attachment.status_changed.disconnect(self._recount)
            self.attachment_removed.emit(attachment)
            self._recount()

    def take_all(self) -> list[Attachment]:
        """Empty the list; returns the files that can be asked about or are still being looked at."""
        taken = [item for item in self.items if item.status is not AttachmentStatus.REFUSED]
        for item in list(self.items):
            self.remove(item)
        return taken

    def _recount(self) -> None:
        self.count = len(self.items)
        self.usable = sum(item.status is not AttachmentStatus.REFUSED for item in self.items)
