"""Two picture files to a PagesCompared with a picture of where they differ."""

from __future__ import annotations

from pathlib import Path

from PIL import Image

from mlx_gemma4.engine.temporary_folder import unused_file
from mlx_gemma4.media.display import load_display
from mlx_gemma4.page.comparison import compare
from mlx_gemma4.page.words import likeness
from mlx_gemma4.protocol.errors import PrismError
from mlx_gemma4.protocol.events import PagesCompared
from mlx_gemma4.protocol.requests import ComparePages

_LONGEST_SIDE = 16_384  # pixels; higher pages are scaled down while they are read


def compare_files(request: ComparePages, folder: Path) -> PagesCompared:
    """How alike the pictures are; the picture of their difference is written into `folder`.

    Raises:
        MediaError: a file cannot be used.
        PrismError: the picture cannot be written.
    """
    screenshot, rendering = (load_display(path, _LONGEST_SIDE)[0] for path in (request.screenshot, request.rendering))
    found = compare(screenshot, rendering)
    return PagesCompared(
        found.figures.fidelity,
        found.figures.layout,
        found.figures.position,
        found.figures.colour,
        found.figures.edges,
        found.regions,
        _write(found.difference, folder),
        likeness(request.screenshot_words, request.rendering_words),
    )


def _write(picture: Image.Image, folder: Path) -> str:
    try:
        file = unused_file(folder, ".png")
        picture.save(file, compress_level=1)
    except OSError as error:
        message = f"The picture of the difference cannot be written: {error}."
        raise PrismError(message, "Make room on the disk.", code="engine.disk") from error
    return str(file)
