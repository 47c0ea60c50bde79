"""The boxes that a person sees, as records to export."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from app.export.records import BoxRecord, PictureRecord
from app.export.writing import safe_name
from app.state.attachments import Attachment
from app.state.boxes import colour_on
from app.state.sheets import frame_time
from app.state.stage import Stage
from app.state.turn import FoundBox
from mlx_gemma4.protocol.box_colours import COLOURS
from mlx_gemma4.protocol.cost import page_pixels


@dataclass(frozen=True)
class Shown:
    """A record, and the file and page or frame that it is of."""

    record: PictureRecord
    of: Attachment
    sheet: int


def shown_pictures(stage: Stage) -> list[Shown]:
    """All pictures of the turn on the stage that have boxes which the person wants to see.

    Boxes of which the model has not said the page count as being on the one that is shown.
    """
    turn = stage.turn
    if turn is None:
        return []
    groups: dict[tuple[int, int], list[FoundBox]] = {}
    for found in filter(stage.wants, turn.boxes):
        here = stage.sheet if found.media_index == stage.media_index else 0
        groups.setdefault((found.media_index, here if found.sheet is None else found.sheet), []).append(found)
    names: set[str] = set()
    shown: list[Shown] = []
    for (index, sheet), boxes in sorted(groups.items()):
        of = turn.pictures[index]
        shown.append(Shown(_record(stage, of, sheet, boxes, names), of, sheet))
    return shown


def _record(stage: Stage, of: Attachment, sheet: int, boxes: list[FoundBox], names: set[str]) -> PictureRecord:
    image = stage.sheets.get(of, sheet)
    size = (image.width, image.height)
    seconds = of.moments[sheet] if of.moments and of.sheet_count > 1 else None
    records = tuple(BoxRecord(box.label, box.box, COLOURS[colour_on(of, box) % len(COLOURS)]) for box in boxes)
    return PictureRecord(
        _name(of, sheet, names),
        of.name,
        *(page_pixels(*size) if of.pages and all(size) else size),
        records,
        page=sheet + 1 if of.pages else None,
        seconds=seconds,
    )


def _name(of: Attachment, sheet: int, names: set[str]) -> str:
    """A name for one picture that no other has."""
    stem = safe_name(Path(of.name).stem)
    if of.pages:
        stem = f"{stem} page {sheet + 1}"
    elif of.moments and of.sheet_count > 1:
        stem = f"{stem} {frame_time(of, sheet).replace(':', '-')}"
    name, number = stem, 2
    while name.casefold() in names:
        name, number = f"{stem} {number}", number + 1
    names.add(name.casefold())
    return name
