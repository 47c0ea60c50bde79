"""Where transcripts are written to, and files that grow as the segments land."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TypeAlias

from mlx_gemma4.protocol.errors import MediaError
from mlx_gemma4.protocol.events import TranscriptSegment
from mlx_gemma4.protocol.transcripts import WRITERS

Write: TypeAlias = Callable[[TranscriptSegment], None]
BESIDE = Path("<beside the recording>")
"""As an output: a file beside the recording, of the same name."""


def plan_outputs(files: Sequence[str], outputs: Mapping[str, Path]) -> list[dict[str, Path]]:
    """Which transcripts to write for each file, from what was asked for.

    Args:
        files: the recordings.
        outputs: kinds of `WRITERS` to a file, to a folder for several recordings, or to `BESIDE`.

    Raises:
        MediaError: a folder is not there, a name is taken twice, or a transcript would replace a recording.
    """
    plan = [{kind: _place(out, file, kind, len(files) > 1) for kind, out in outputs.items()} for file in files]
    places = [place.absolute() for one in plan for place in one.values()]
    for place in places:
        if not place.parent.is_dir():
            raise MediaError(f"There is no folder {place.parent}.", "Make it first, or choose another place.")
        if places.count(place) > 1:
            raise MediaError(
                f"Two transcripts would be written to {place}.", "Give one of the recordings another name."
            )
        if any(place == Path(file).absolute() for file in files):
            raise MediaError(f"The transcript would replace the recording {place}.", "Choose another name.")
    return plan


@contextmanager
def open_writers(places: Mapping[str, Path]) -> Iterator[list[Write]]:
    """Functions that write a segment into each of these files, which replace what was there.

    Raises:
        MediaError: a file cannot be written.
    """
    with ExitStack() as stack:
        writers: list[Write] = []
        for kind, place in places.items():
            try:
                target = stack.enter_context(place.open("w", encoding="utf-8", newline="\n"))
            except OSError as error:
                raise MediaError(f"{place} cannot be written: {error}.", "Choose another place.") from error
            writer = WRITERS[kind](target)
            stack.callback(writer.close)
            writers.append(writer.write)
        yield writers


def _place(out: Path, file: str, kind: str, several: bool) -> Path:
    if out == BESIDE:
        return Path(file).with_suffix(f".{kind}")
    return out / f"{Path(file).stem}.{kind}" if several or out.is_dir() else out
