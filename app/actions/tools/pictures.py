"""Tools that give pictures: a file that the person picks, and a part of a picture that is there already."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import cast

from app.actions.sheets import show_request
from app.actions.tools.bench import Bench, Done, Result, original
from app.actions.tools.failure import ToolError
from app.actions.tools.text_file import read_text_file
from app.engine_link.client import new_request_id
from app.intake.file_kinds import FileKind, kind_of
from app.state.attachments import Attachment, Place, Region
from mlx_gemma4.protocol.events import MediaProbed, MediaShown
from mlx_gemma4.protocol.json_values import JsonObject
from mlx_gemma4.protocol.requests import ProbeMedia, ShowMedia

_SMALLEST_PART = 5
"""Of a side of 1000: less is a slip."""


def read_file(bench: Bench, path: Path, arguments: JsonObject, sees: bool, done: Done) -> None:
    """Read a file as what it is; `sees` says that the model takes pictures.

    Raises:
        ToolError: it is of no kind that can be read.
    """
    if not path.is_file():  # a pipe or a device would be waited for
        raise ToolError(f"{path.name} is not a file that can be read.")
    kind = kind_of(str(path))
    page, line = cast("int", arguments.get("page", 1)), cast("int", arguments.get("from_line", 1))
    if min(page, line) < 1:
        raise ToolError("Pages and lines are counted from 1.")
    if kind in (FileKind.PICTURE, FileKind.DOCUMENT) and not sees:
        raise ToolError(f"{path.name} is a {kind.value}, and this model takes no pictures.")
    if kind in (FileKind.PICTURE, FileKind.DOCUMENT):
        request = ProbeMedia(new_request_id("tool"), str(path))
        bench.look(request, lambda event: _probed(bench, path, page, event, done), done, str(path))
    elif kind is FileKind.OTHER:
        bench.compute(partial(read_text_file, path, line), done)
    else:
        raise ToolError(f"{path.name} is a {kind.value}: only text, pictures and PDFs can be read.")


def _probed(bench: Bench, path: Path, page: int, event: MediaProbed | MediaShown, done: Done) -> None:
    assert isinstance(event, MediaProbed)
    if event.kind == "picture":
        facts: JsonObject = {"name": path.name, "kind": "picture", "width": event.width, "height": event.height}
        done(Result({**facts, "remark": "It follows."}, (original(path, event),)))
        return
    if event.kind != "document":
        raise ToolError(f"{path.name} is a {event.kind}: only text, pictures and PDFs can be read.")
    if page > event.pages:
        raise ToolError(f"{path.name} has no page {page}; it has {event.pages}.")
    request = ShowMedia(new_request_id("tool"), str(path), page=page)
    bench.look(request, lambda shown: _page_shown(bench, path, page, event.pages, shown, done), done, str(path))


def _page_shown(bench: Bench, path: Path, page: int, pages: int, shown: MediaProbed | MediaShown, done: Done) -> None:
    assert isinstance(shown, MediaShown)
    response: JsonObject = {
        "name": path.name,
        "kind": "PDF",
        "page": page,
        "pages": pages,
        "remark": "The page follows.",
    }
    done(Result(response, (bench.picture(shown, f"{path.name}, page {page}"),)))


def look_closer(bench: Bench, files: tuple[Attachment, ...], arguments: JsonObject, done: Done) -> None:
    """Cut a part out of one of these pictures.

    Raises:
        ToolError: there is no such picture, or no such part.
    """
    seen = [file for file in files if file.is_seen]
    number = cast("int", arguments.get("picture", len(seen)))
    if not 1 <= number <= len(seen):
        raise ToolError(f"There is no picture {number}; there are {len(seen)}." if seen else "There is no picture yet.")
    box = cast("list[int]", arguments["box"])
    if len(box) != 4 or not all(0 <= side <= 1000 for side in box):
        raise ToolError("The box must be four numbers from 0 to 1000: ymin, xmin, ymax, xmax.")
    top, left, bottom, right = box
    if bottom - top < _SMALLEST_PART or right - left < _SMALLEST_PART:
        raise ToolError("The box is empty: ymin must be below ymax and xmin below xmax.")
    file, sheet = seen[number - 1], cast("int", arguments.get("page", 1)) - 1
    if not 0 <= sheet < file.sheet_count:
        raise ToolError(f"There is no page {sheet + 1} in picture {number}.")
    region = _region(file, sheet, (top, left, bottom, right))
    request = show_request(new_request_id("tool"), region.of, region.sheet, region.box)
    bench.look(request, lambda shown: _part_shown(bench, region, number, box, shown, done), done, region.of.path)


def _region(file: Attachment, sheet: int, box: Place) -> Region:
    """The part on the whole picture, also where the model looks at a part of it already."""
    if file.region is None:
        return Region(file, sheet, box)
    return Region(file.region.of, file.region.sheet, file.region.whole_place(box))


def _part_shown(
    bench: Bench, region: Region, number: int, box: list[int], shown: MediaProbed | MediaShown, done: Done
) -> None:
    assert isinstance(shown, MediaShown)
    response: JsonObject = {
        "picture": number,
        "box": [*box],
        "width": shown.width,
        "height": shown.height,
        "remark": "The part follows. Boxes that you give from now on are on this part.",
    }
    done(Result(response, (bench.picture(shown, f"Part of {region.of.name}", region),)))
